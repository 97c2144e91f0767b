import { describe, expect, it } from "vitest";
import { parseExposition } from "./parse.ts";

const COUNTER = "# TYPE a counter\n# HELP a Help.\n";
const HISTOGRAM = "# TYPE h_seconds histogram\n# UNIT h_seconds seconds\n# HELP h_seconds Help.\n";
const TAIL = "h_seconds_count 3\nh_seconds_sum 2\n";
const BUCKETS = 'h_seconds_bucket{le="1.0"} 2\nh_seconds_bucket{le="+Inf"} 3\n';

// The parser judges the renderer, so it is shown first that it sees each fault.
describe("the strict parser", () => {
  it("takes what is right", () => {
    const families = parseExposition(
      `${COUNTER}a_total{x="\\"\\\\\\n"} 1\n${HISTOGRAM}${BUCKETS}${TAIL}# EOF\n`,
      "openmetrics",
    );
    expect(families[0]?.samples[0]?.labels).toEqual([["x", '"\\\n']]);
    expect(families).toHaveLength(2);
  });

  it.each([
    ["no # EOF", `${COUNTER}a_total 1\n`],
    ["something after # EOF", `${COUNTER}a_total 1\n# EOF\na_total 2\n`],
    ["no line end", `${COUNTER}a_total 1\n# EOF`],
    ["HELP before TYPE", "# HELP a Help.\n# TYPE a counter\na_total 1\n# EOF\n"],
    ["no HELP", "# TYPE a counter\na_total 1\n# EOF\n"],
    ["a family twice", `${COUNTER}a_total 1\n${COUNTER}a_total{x="1"} 1\n# EOF\n`],
    ["a family without samples", `${COUNTER}# EOF\n`],
    ["a series twice", `${COUNTER}a_total 1\na_total 1\n# EOF\n`],
    ["a series twice, labels turned round", `${COUNTER}a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 1\n# EOF\n`],
    ["another family's sample", `${COUNTER}b_total 1\n# EOF\n`],
    ["a counter without _total", `${COUNTER}a 1\n# EOF\n`],
    ["a negative counter", `${COUNTER}a_total -1\n# EOF\n`],
    ["a timestamp", `${COUNTER}a_total 1 2\n# EOF\n`],
    ["two blanks", `${COUNTER}a_total  1\n# EOF\n`],
    ["a carriage return", `${COUNTER}a_total 1\r\n# EOF\n`],
    ["no number", `${COUNTER}a_total Infinity\n# EOF\n`],
    ["a bare quote in a label", `${COUNTER}a_total{x="a"b"} 1\n# EOF\n`],
    ["an unknown escape", `${COUNTER}a_total{x="\\t"} 1\n# EOF\n`],
    ["a label twice", `${COUNTER}a_total{x="1",x="2"} 1\n# EOF\n`],
    ["a bad label name", `${COUNTER}a_total{_x="1"} 1\n# EOF\n`],
    ["target in second place", `${COUNTER}a_total{x="1",target="2"} 1\n# EOF\n`],
    ["_created away from its counter", `${COUNTER}a_total{x="1"} 1\na_total{x="2"} 1\na_created{x="1"} 1\n# EOF\n`],
    ["an exemplar on a counter", `${COUNTER}a_total 1 # {t="1"} 1 1\n# EOF\n`],
    ["a unit the name has not", `${HISTOGRAM.replace("seconds seconds", "seconds bytes")}${BUCKETS}${TAIL}# EOF\n`],
    ["no +Inf", `${HISTOGRAM}h_seconds_bucket{le="1.0"} 3\n${TAIL}# EOF\n`],
    ["falling buckets", `${HISTOGRAM}${BUCKETS.replace("} 2", "} 4")}${TAIL}# EOF\n`],
    ["bounds out of order", `${HISTOGRAM}h_seconds_bucket{le="2.0"} 0\n${BUCKETS}${TAIL}# EOF\n`],
    ["a bound as JavaScript spells it", `${HISTOGRAM}${BUCKETS.replace('"1.0"', '"1"')}${TAIL}# EOF\n`],
    ["+Inf unlike _count", `${HISTOGRAM}${BUCKETS}${TAIL.replace("count 3", "count 4")}# EOF\n`],
    ["no _sum", `${HISTOGRAM}${BUCKETS}h_seconds_count 3\n# EOF\n`],
    ["an exemplar outside its bucket", `${HISTOGRAM}${BUCKETS.replace("} 2", '} 2 # {t="1"} 1.5 9')}${TAIL}# EOF\n`],
    [
      "too long an exemplar",
      `${HISTOGRAM}${BUCKETS.replace("} 2", `} 2 # {t="${"x".repeat(128)}"} 1 9`)}${TAIL}# EOF\n`,
    ],
    [
      "interleaved label sets",
      `${HISTOGRAM}h_seconds_bucket{x="1",le="+Inf"} 1\nh_seconds_bucket{x="2",le="+Inf"} 1\nh_seconds_count{x="1"} 1\nh_seconds_sum{x="1"} 1\n# EOF\n`,
    ],
    ["a state without its label", '# TYPE s stateset\n# HELP s Help.\ns{x="1"} 1\n# EOF\n'],
    ["two states at once", '# TYPE s stateset\n# HELP s Help.\ns{s="a"} 1\ns{s="b"} 1\n# EOF\n'],
    ["an info at 2", '# TYPE i info\n# HELP i Help.\ni_info{v="a"} 2\n# EOF\n'],
  ])("refuses %s", (_, text) => {
    expect(() => parseExposition(text, "openmetrics")).toThrow(/line|end/);
  });

  it.each([
    ["# EOF", "# HELP a Help.\n# TYPE a gauge\na 1\n# EOF\n"],
    ["_created", "# HELP a_total Help.\n# TYPE a_total counter\na_total 1\na_created 1\n"],
    ["a stateset", '# HELP s Help.\n# TYPE s stateset\ns{s="a"} 1\n'],
    ["a unit", "# HELP a_seconds Help.\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n"],
  ])("refuses %s in the text format", (_, text) => {
    expect(() => parseExposition(text, "text")).toThrow(/line/);
  });
});
