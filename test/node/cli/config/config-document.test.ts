import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText } from "../../../../functions/cli/config/config-document.ts";

const TEXT = `# a comment
targets:
  - name: cas-eu
    probes:
      cas.details: { interval: 5m }
  -
    name: cas-us
`;

describe("places in a file", () => {
  it.each([
    [[], "2:1"],
    [["targets"], "2:1"],
    [["targets", 0], "3:5"],
    [["targets", 0, "name"], "3:5"],
    [["targets", 0, "probes", "cas.details"], "5:7"],
    [["targets", 0, "probes", "cas.details", "interval"], "5:22"],
    [["targets", 1, "name"], "7:5"],
    // What is missing is missing in what is there.
    [["targets", 0, "cas"], "3:5"],
    [["targets", 0, "auth", "secret"], "3:5"],
    [["targets", 7, "name"], "2:1"],
    [["retention"], "2:1"],
  ])("of %j is %s", (path, place) => {
    const read = readText(TEXT);
    const found = read.ok ? read.placeOf({ path, message: "" }) : undefined;
    expect(`${found?.line}:${found?.column}`).toBe(place);
  });

  it("are counted alike with Windows' line ends and a byte order mark", () => {
    const read = readText(`\ufeff${TEXT.replaceAll("\n", "\r\n")}`);
    expect(read.ok ? read.placeOf({ path: ["targets", 1, "name"], message: "" }) : read.issues).toEqual({
      line: 7,
      column: 5,
    });
  });
});

const MERGES_NOTHING =
  "`<<` merges mappings: write an alias of one after it, such as `<<: *defaults`, or a list of such aliases";

describe("anchors and merge keys", () => {
  const ANCHORED = `x-common: &common
  thresholds: { failures: 3 }
  interval: 2m
targets:
  - { name: a, probes: &probes { health: { <<: *common, interval: 1m } } }
  - { name: b, probes: *probes }
  - { name: c, probes: { <<: *probes, push: true } }
  - { name: d, probes: { <<: [*probes, { push: false }] } }
`;

  it("stand for what they name; what is written beside them goes first", () => {
    const read = readText(ANCHORED);
    const health = { thresholds: { failures: 3 }, interval: "1m" };
    expect(read.ok && (read.data as { targets: unknown }).targets).toEqual([
      { name: "a", probes: { health } },
      { name: "b", probes: { health } },
      { name: "c", probes: { health, push: true } },
      { name: "d", probes: { health, push: false } },
    ]);
  });

  it.each([
    [["targets", 0, "probes", "health", "interval"], "5:57"],
    [["targets", 0, "probes", "health", "thresholds", "failures"], "2:17"],
    [["targets", 1, "probes", "health", "interval"], "5:57"],
    [["targets", 2, "probes", "health"], "5:34"],
    [["targets", 2, "probes", "push"], "7:39"],
    [["targets", 3, "probes", "push"], "8:42"],
  ])("the place of %j is where it is written: %s", (path, place) => {
    const read = readText(ANCHORED);
    const found = read.ok ? read.placeOf({ path, message: "" }) : undefined;
    expect(`${found?.line}:${found?.column}`).toBe(place);
  });

  it("serve a fleet", () => {
    const targets = Array.from({ length: 1_000 }, (_, i) => `  - { name: t${i}, probes: *p }`);
    const read = readText(`x-p: &p { health: true }\ntargets:\n${targets.join("\n")}\n`);
    expect(read.ok && (read.data as { targets: unknown[] }).targets).toHaveLength(1_000);
  });

  it.each([
    [
      "one without an anchor",
      "a: *b\n",
      "this alias has no anchor before it; write `&NAME` before the value that it stands for",
    ],
    ["one in itself", "a: &a [*a]\n", "an alias stands for what it is in"],
    ["a merge of nothing", "<<: \n", MERGES_NOTHING],
    ["a merge of a text", "a: &a text\nb: { <<: *a }\n", MERGES_NOTHING],
    [
      "a million laughs",
      `a0: &a0 [x, x]\n${Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n")}\n`,
      "the aliases of this file stand for too much; write some of the values out",
    ],
  ])("%s is refused", (_, text, message) => {
    const read = readText(text);
    expect(read.ok ? [] : read.issues.map((issue) => issue.message)).toEqual([message]);
  });
});

describe("hostile texts", () => {
  it.each([
    ["brackets", "[".repeat(20_000)],
    ["mappings", "{a: ".repeat(10_000)],
    ["indents", Array.from({ length: 5_000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["size", "a".repeat(9 * 2 ** 20)],
    ["aliases", `a: &a [1]\n${Array.from({ length: 30 }, () => "b: [*a, *a]").join("\n")}`],
    ["tags", "a: !!js/function 'x'"],
    ["a prototype", "__proto__: { polluted: true }"],
    ["a null byte", "a: \u0000"],
  ])("of %s are read or refused, and never thrown", (_, text) => {
    const read = readText(text);
    expect(typeof read.ok).toBe("boolean");
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("any text is data or has issues with a place in it", () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          "a",
          ": ",
          "- ",
          "\n",
          "  ",
          "[",
          "]",
          "{",
          "}",
          "&x ",
          "*x",
          "!t ",
          "'",
          '"',
          "|",
          ">",
          "#",
          ",",
          "? ",
          "---\n",
          "1",
          "\t",
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string()), (text) => {
        const read = readText(text);
        if (read.ok) {
          expect(() => JSON.stringify(read.data)).not.toThrow();
          return;
        }
        expect(read.issues.length).toBeGreaterThan(0);
        for (const { place, message } of read.issues) {
          expect(place.line).toBeLessThanOrEqual(text.split("\n").length);
          expect(message).not.toContain("\n");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("an issue never quotes the file, which may hold secrets", () => {
    for (const text of [
      "a: b: hunter2",
      "- hunter2\nhunter2",
      "'hunter2",
      "a: |hunter2\n",
      "%hunter2\n---\n",
      "a: {hunter2: hunter2",
      "]hunter2",
      "a: !hunter2 b",
    ]) {
      const read = readText(text);
      expect(JSON.stringify(read.ok ? [] : read.issues)).not.toContain("hunter2");
    }
  });
});
