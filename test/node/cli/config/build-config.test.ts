import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Build, buildConfig } from "../../../../functions/cli/config/build-config.ts";
import type { Config } from "../../../../functions/model/config.ts";
import { SAMPLE_KINDS } from "../../config/sample-kinds.ts";

const RIGHT = "targets: [{ name: cas-eu, cas: https://cas.eu.example }]\n";
const LOCAL = "targets: [{ name: cas-eu, cas: http://127.0.0.1:9000 }]\n";

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zako-watch-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const output = (): string => join(folder, "compiled.json");
const compiled = (): Config => JSON.parse(readFileSync(output(), "utf8")) as Config;

function build(text: string, over: Partial<Build> = {}): number {
  const file = join(folder, "watch.yaml");
  writeFileSync(file, text);
  const complain = (line: string): void => void said.push(line);
  return buildConfig({
    kinds: SAMPLE_KINDS,
    file,
    local: false,
    builtFor: undefined,
    output: output(),
    complain,
    ...over,
  });
}

describe("the build", () => {
  it("writes what the Worker reads, and nothing else", () => {
    expect(build(RIGHT)).toBe(0);
    expect(compiled().targets.map(({ name }) => name)).toEqual(["cas-eu"]);
    expect([said, readdirSync(folder).sort()]).toEqual([[], ["compiled.json", "watch.yaml"]]);
  });

  it("touches the output only when it changes", () => {
    build(RIGHT);
    utimesSync(output(), 1, 1);
    expect(build(`# another comment\n${RIGHT}`)).toBe(0);
    expect(statSync(output()).mtimeMs).toBe(1_000);
    expect(build(RIGHT.replace("cas-eu,", "cas-us,"))).toBe(0);
    expect(statSync(output()).mtimeMs).toBeGreaterThan(1_000);
    expect(compiled().targets[0]?.name).toBe("cas-us");
  });

  it("leaves the last success output when the document is wrong", () => {
    build(RIGHT);
    const before = readFileSync(output(), "utf8");
    expect(build(RIGHT.replace("https", "http"))).toBe(1);
    expect(readFileSync(output(), "utf8")).toBe(before);
    expect(said.at(-1)).toBe("1 error in the configuration; nothing was built");
  });

  it("goes on with a warning", () => {
    expect(build(`shards: 2\n${RIGHT}`)).toBe(0);
    expect(said).toEqual([expect.stringMatching(/^warning: .*watch\.yaml:1:1: shards: /)]);
  });

  it.each([
    ["deploy", 1],
    ["versions upload", 1],
    ["dev", 0],
    [undefined, 0],
  ])("for local targets and wrangler's %s exits with %i", (builtFor, code) => {
    expect(build(LOCAL, { local: true, builtFor })).toBe(code);
  });

  it("refuses local targets where the build is not local", () => {
    expect(build(LOCAL, { builtFor: "dev" })).toBe(1);
    expect(readdirSync(folder)).toEqual(["watch.yaml"]);
  });
});
