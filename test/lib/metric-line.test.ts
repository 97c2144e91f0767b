import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMetricLine } from "../../functions/lib/metric-line.ts";

test.each<[string, string, Record<string, string>, number, number | undefined]>([
  ["up 1", "up", {}, 1, undefined],
  ["up\t1", "up", {}, 1, undefined],
  ["a:b_total 1027 1395066363000", "a:b_total", {}, 1027, 1395066363000],
  ['http{method="post",code="200"} 3.5e-3 1.5', "http", { method: "post", code: "200" }, 0.0035, 1.5],
  ['h_bucket {le = "+Inf" , x="",} +Inf', "h_bucket", { le: "+Inf", x: "" }, Number.POSITIVE_INFINITY, undefined],
  ["x{} NaN", "x", {}, Number.NaN, undefined],
  ["x{ } -inf", "x", {}, Number.NEGATIVE_INFINITY, undefined],
  ["x Infinity", "x", {}, Number.POSITIVE_INFINITY, undefined],
  ['x{a="\\\\n\\"\\n,}{"} .5', "x", { a: '\\n"\n,}{' }, 0.5, undefined],
  ['b{le="1"} 4 # {trace_id="a b"} 0.5 123.4', "b", { le: "1" }, 4, undefined],
  ['b{le="1"} 4 5 # {}  0.5', "b", { le: "1" }, 4, 5],
  ['{"up", "x.y"="1", z="2"} 7', "up", { "x.y": "1", z: "2" }, 7, undefined],
  ['{"my.metric"} 7', "my.metric", {}, 7, undefined],
])("reads %j", (line, name, labels, value, timestamp) => {
  const read = parseMetricLine(line);
  expect(read).toEqual({
    name,
    labels: Object.entries(labels),
    value,
    ...(timestamp === undefined ? {} : { timestamp }),
  });
});

test.each([
  "",
  "up",
  "up ",
  "1up 1",
  "up one",
  "up 1 2 3",
  "up 0x10",
  "up 1_000",
  "up 1 NaN",
  "up{ 1",
  'up{a="b} 1',
  'up{a="b"c="d"} 1',
  'up{a="b",,} 1',
  "up{,} 1",
  'up{a="b",a="c"} 1',
  'up{a="\\x"} 1',
  'up{a="\\',
  "up{a=b} 1",
  'up{"b"} 1',
  '{"a","b"} 1',
  '{a="b"} 1',
  "{} 1",
  'up{a="b"}1',
  "<html> 1",
])("refuses %j", (line) => expect(parseMetricLine(line)).toBeUndefined());

test("never throws, and reads a megabyte of backslashes in the time of one look", () => {
  const part = fc.constantFrom(
    "up",
    "{",
    "}",
    '"',
    "\\",
    ",",
    "=",
    " ",
    "#",
    "a",
    "1",
    "NaN",
    "\n",
    "\t",
    "\u0000",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part, { maxLength: 20 }).map((all) => all.join("")),
      ),
      (line) => {
        parseMetricLine(line);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(parseMetricLine(`up{a="${"\\".repeat(1_000_001)}"} 1`)).toBeUndefined();
  expect(parseMetricLine(`up{a="${"\\\\".repeat(500_000)}"} 1`)?.labels[0]?.[1]).toHaveLength(500_000);
});
