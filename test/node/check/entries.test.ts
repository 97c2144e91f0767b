import { expect, it } from "vitest";
import { judgeEntries } from "../../check/entries.ts";

const files = (folder: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${folder}/${i}.ts`);

it("lets a folder have 25 files and subfolders", () => {
  const paths = [...files("functions/probe", 24), ...files("functions/probe/rpc", 25)];
  expect(judgeEntries(paths).faults).toEqual([]);
});

it("fails a folder with one more, and says how many it has", () => {
  const paths = [...files("functions/probe", 25), ...files("functions/probe/rpc", 2)];
  expect(judgeEntries(paths).faults).toEqual(["functions/probe/ has 26 entries, more than 25: split it"]);
});

it("leaves lib alone, and prints what each folder has", () => {
  const { faults, notes } = judgeEntries(files("functions/lib", 40));
  expect(faults).toEqual([]);
  expect(notes).toEqual(["entries: functions/lib/ 40, functions/ 1"]);
});
