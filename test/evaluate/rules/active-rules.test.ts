import { describe, expect, it } from "vitest";
import { whyInactive } from "../../../functions/evaluate/rules/active-rules.ts";
import { groupColumns, groupText } from "../../../functions/evaluate/rules/group-columns.ts";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import { tracksOf } from "../../../functions/evaluate/rules/tracks.ts";
import { readLabels } from "../../../functions/lib/label-read.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import type { Family } from "../../../functions/model/metric.ts";
import type { Layout } from "../../../functions/model/snapshot.ts";
import { DEEP, FAMILIES, MINUTE, rule } from "../../monitor/rules/rule-world.ts";

const families = new Map(FAMILIES.map((family) => [family.name, family]));

/** A layout of single numbers, in the order given. */
const layoutOf = (columns: readonly [family: string, labels: string][]): Layout => ({
  columns: columns.map(([family, labels], offset) => ({ family, labels, offset, width: 1 })),
  size: columns.length,
});

describe("a rule cannot be evaluated", () => {
  const rate = (over: Partial<Extract<Condition, { kind: "rate" }>> = {}): Condition => ({
    kind: "rate",
    counter: { family: "jobs_total" },
    windowMs: 5 * MINUTE,
    op: ">",
    value: 0,
    ...over,
  });
  const anomaly: Condition = {
    kind: "anomaly",
    metric: { family: "depth" },
    baselineMs: 1,
    deviations: 1,
    minSamples: 1,
  };
  const matching = (name: string): Condition =>
    rate({ counter: { family: "jobs_total", matchers: [{ name, op: "=", value: "x" }] } });

  it.each<[string, Rule, string | undefined]>([
    ["as it should be", rule(rate()), undefined],
    [
      "of a metric that nobody collects",
      rule(rate({ counter: { family: "no_total" } })),
      "metric no_total is not collected",
    ],
    [
      "of a gauge as a counter",
      rule(rate({ counter: { family: "depth" } })),
      "metric depth is a gauge, and the rule needs a counter",
    ],
    [
      "while a probe fails, where nobody says which do",
      rule(rate({ whileFailing: [] })),
      "metric zako_v1_probe_incident_open is not collected",
    ],
    [
      "as a share while a probe fails, where nobody says which do",
      rule({
        kind: "ratio",
        numerator: { family: "jobs_total" },
        denominator: { family: "jobs_total" },
        windowMs: 5 * MINUTE,
        op: ">",
        value: 0,
        minCount: 1,
        whileFailing: [],
      }),
      "metric zako_v1_probe_incident_open is not collected",
    ],
    [
      "by a label that the metric lacks",
      rule(rate(), { by: ["target", "vantage"] }),
      "metric jobs_total has no label vantage",
    ],
    ["matching a label that the metric lacks", rule(matching("vantage")), "metric jobs_total has no label vantage"],
    [
      "without its target",
      rule(rate(), { by: ["kind"] }),
      "the label target is missing in by: metric jobs_total has it",
    ],
    ["of the prober itself", rule({ ...DEEP, metric: { family: "own_depth" } } as Condition, { by: [] }), undefined],
    [
      "over a window of part of a minute",
      rule(rate({ windowMs: 90_000 })),
      "a window is not a whole number of minutes from 1m to 3d",
    ],
    ["over no window", rule(rate({ windowMs: 0 })), "a window is not a whole number of minutes from 1m to 3d"],
    ["over the longest window", rule(rate({ windowMs: 3 * 1_440 * MINUTE })), undefined],
    [
      "over a longer one",
      rule(rate({ windowMs: 3 * 1_440 * MINUTE + MINUTE })),
      "a window is not a whole number of minutes from 1m to 3d",
    ],
    ["with a baseline that can be shown", rule(anomaly, { by: ["target", "source"] }), undefined],
    [
      "with a baseline that cannot",
      rule(anomaly, { by: ["target", "kind"] }),
      "its baseline cannot be shown with the label kind",
    ],
  ])("%s", (_name, of, why) => expect(whyInactive(of, families)).toBe(why));
});

describe("groups", () => {
  const layout = layoutOf([
    ["depth", 'source="probe",kind="a"'],
    ["depth", 'source="probe",kind="b"'],
    ["depth", 'source="scrape",kind="a"'],
    ["depth", 'source="push"'],
    ["jobs_total", 'source="probe",kind="a"'],
  ]);
  const groups = (by: string[], matchers: Rule["overrides"] = []) =>
    groupColumns(layout, { family: "depth", matchers: matchers[0]?.matchers ?? [] }, by).map(({ text, offsets }) => [
      text,
      offsets,
    ]);

  it("are of the columns that agree in the labels asked for; absent ones are left out", () => {
    expect(groups(["target"])).toEqual([["", [0, 1, 2, 3]]]);
    expect(groups(["target", "source"])).toEqual([
      ['source="probe"', [0, 1]],
      ['source="scrape"', [2]],
      ['source="push"', [3]],
    ]);
    expect(groups(["kind"])).toEqual([
      ['kind="a"', [0, 2]],
      ['kind="b"', [1]],
      ["", [3]],
    ]);
  });

  it("are of the columns that match, whatever the matchers say of the target", () => {
    const matchers = [
      { name: "source", op: "=~" as const, value: "probe|scrape" },
      { name: "target", op: "=" as const, value: "none" },
    ];
    expect(groups(["target"], [{ matchers }])).toEqual([["", [0, 1, 2]]]);
  });

  it("are named by text that reads back as the same labels, whatever they hold", () => {
    const labels = { kind: 'a"b\\c\nd,e="f"', source: "{{ $value }}" };
    const text = groupText(["target", "kind", "source"], { target: "a", ...labels });
    expect(readLabels(text)).toEqual(labels);
  });
});

it("what is asked twice is followed once, over all the windows that are asked for", () => {
  const of = (windowMs: number, over: Partial<Rule> = {}): Rule =>
    rule(
      {
        kind: "ratio",
        numerator: { family: "errors_total" },
        denominator: { family: "jobs_total" },
        windowMs,
        op: ">",
        value: 1,
        minCount: 1,
      },
      over,
    );
  const tracks = tracksOf(
    [of(5 * MINUTE), of(MINUTE), of(5 * MINUTE, { by: ["target", "kind"] })],
    families as ReadonlyMap<string, Family>,
  );
  expect(tracks.map(({ selector, by, windows }) => [selector.family, by, windows])).toEqual([
    ["errors_total", [], [1, 5]],
    ["jobs_total", [], [1, 5]],
    ["errors_total", ["kind"], [5]],
    ["jobs_total", ["kind"], [5]],
  ]);
});
