import fc from "fast-check";
import { expect, it } from "vitest";
import { printedLabel, printLabels } from "../../../functions/store/series/series-layout.ts";

it.each<[labels: string, name: string, value: string | undefined]>([
  ['probe="health"', "probe", "health"],
  ['probe="health",vantage="weur"', "vantage", "weur"],
  ['probe="health",vantage="weur"', "probe", "health"],
  ['probe=""', "probe", ""],
  ['probe="health"', "vantage", undefined],
  ['last_probe="health"', "probe", undefined],
  ['a="b",last_probe="health"', "probe", undefined],
  ['a="b",last_probe="health",probe="x"', "probe", "x"],
  ['probe_kind="health"', "probe", undefined],
  ["", "probe", undefined],
  ['pool="a\\"b"', "pool", undefined],
])("of %s, %s is %s", (labels, name, value) => expect(printedLabel(labels, name)).toBe(value));

it("reads back what was printed, but for escapes", () => {
  const name = fc.constantFrom("probe", "vantage", "pool", "last_probe", "probe_kind");
  const value = fc.stringMatching(/^[a-z.,= ]{0,8}$/).filter((text) => !text.includes('="'));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 }),
      name,
      (all, asked) => {
        const labels = Object.fromEntries(all);
        const printed = printLabels(
          all.map(([key]) => key),
          labels,
        );
        expect(printedLabel(printed, asked)).toBe(labels[asked]);
      },
    ),
  );
});
