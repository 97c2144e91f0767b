import { describe, expect, it } from "vitest";
import { judgeWords, partsOf } from "../../check/words.ts";

const faultsOf = (path: string, text: string): readonly string[] => judgeWords(new Map([[path, text]])).faults;
const wordsOf = (path: string, text: string): string[] =>
  faultsOf(path, text).map((line) => /: (.+?) ->/.exec(line)?.[1] ?? line);

it.each([
  ["toldAt", ["told", "at"]],
  ["JsonShelf", ["json", "shelf"]],
  ["shelf-rows", ["shelf", "rows"]],
  ["MOST_TOLD", ["most", "told"]],
  ["toURLShelf", ["to", "url", "shelf"]],
  ["untold", ["untold"]],
])("cuts %s into its parts", (name, parts) => expect(partsOf(name)).toEqual(parts));

describe("names", () => {
  it.each([
    ["a type", "export interface Told { x: 1 }"],
    ["a class", "export class Told {}"],
    ["a function", "export function toldOf() {}"],
    ["a variable", "export const told = 1;"],
    ["a parameter", "export const f = (told: string) => 1;"],
    ["a parameter with a default", "export const f = (told = 1) => 1;"],
    ["a member of a type", "export type X = { endTold: boolean };"],
    ["a private field", "export class X { #told = 1; }"],
    ["a method", "export class X { isTold() {} }"],
    ["a key", "export const x = { told: 1 };"],
    ["a name out of a pattern", "const { a: told } = x;"],
    ["an alias", `import { a as told } from "./a.ts";`],
    ["an event", `send({ event: "told" });`],
    ["a column", "db.exec(`SELECT told FROM x`);"],
  ])("are found: %s", (_, text) => expect(wordsOf("functions/store/x.ts", text)).toEqual(["told"]));

  it.each([
    ["a comment", "// who was told\n/** told */\nexport const x = 1;"],
    ["a use of what another file declares", `import { told } from "./a.ts";\ntold();`],
    ["a part of a word", "export const untoldStories = 1;"],
    ["an order of sorting", "export const inOrder = 1;"],
    ["a query's own words", "db.exec(`SELECT a FROM b ORDER BY c`);"],
    ["the import of a file", `import { x } from "../store/told.ts";\nx();`],
  ])("are left alone: %s", (_, text) => expect(faultsOf("functions/probe/x.ts", text)).toEqual([]));

  it("are those of files and folders, too", () => {
    expect(faultsOf("functions/store/shelf-rows.ts", "")).toEqual([
      "functions/store/shelf-rows.ts:0: shelf -> table, store   (store/shelf-rows.ts)",
    ]);
    expect(wordsOf("test/told/world.ts", "")).toEqual(["told"]);
  });

  it("are those of messages and tables, too", () => {
    expect(wordsOf("proto/watch/v1/x.proto", "// told\nstring told_by = 1;")).toEqual(["told"]);
    expect(wordsOf("schemas/migrations/1.sql", "-- told\nCREATE TABLE told (x TEXT);")).toEqual(["told"]);
  });

  it("mean what everybody means in some places", () => {
    const thread = "export const thread = 1;";
    expect(wordsOf("functions/notify/x.ts", thread)).toEqual(["thread"]);
    expect(wordsOf("functions/probe/x.ts", thread)).toEqual([]);
    expect(wordsOf("functions/notify/x.ts", "export interface Address {}")).toEqual(["address"]);
    expect(wordsOf("functions/config/x.ts", "export const address = 1;")).toEqual([]);
    expect(wordsOf("functions/notify/email.ts", "export const address = 1;")).toEqual([]);
    expect(wordsOf("functions/cli/alert-words.ts", "export const words = 1;")).toEqual(["words"]);
  });
});

describe("sentences", () => {
  it("are read in strings, in templates and in documents, and not in the titles of tests", () => {
    const text = "print(`nobody was told of 1`);";
    expect(wordsOf("functions/cli/x.ts", text)).toEqual(["told"]);
    expect(wordsOf("test/cli/x.ts", text)).toEqual([]);
    expect(wordsOf("README.md", "Who was told.\n```sh\ntold x\n```\n`told`")).toEqual(["told"]);
  });

  it("are read for odd turns of speech", () => {
    expect(wordsOf("functions/cli/x.ts", `print("Nothing fires.");`)).toEqual(["nothing fires"]);
    expect(wordsOf("functions/cli/x.ts", `print("1 is no number.");`)).toEqual(["is no "]);
    expect(wordsOf("functions/cli/x.ts", `print("It is no longer there.");`)).toEqual([]);
  });
});

it("counts what it found by word", () => {
  const files = new Map([["functions/store/x.ts", "const shelf = 1;\nconst told = 2;\nconst shelves = 3;"]]);
  expect(judgeWords(files).notes).toEqual(["words: shelf 2, told 1"]);
});
