import * as z from "zod";
import { required } from "../../../lib/leaf.ts";
import { HOUR_MS } from "../../../lib/time-units.ts";
import type { AnyCondition, Selector } from "../../../model/alerting/rule.ts";
import { leastCount, positive, selects, windowText } from "../condition-keys.ts";
import { FAILS, type Outcome, UNKNOWN } from "../outcome.ts";
import type { RuleKind } from "../rule-kind.ts";

/** Error budget burn: both windows of any row above `factor` times the budget, and `minFailures` in the long one. */
export interface BurnCondition extends AnyCondition {
  kind: "burn";
  errors: Selector;
  total: Selector;
  /** Share that must be good, such as 0.995. */
  objective: number;
  windows: readonly { longMs: number; shortMs: number; factor: number; minFailures: number }[];
}

const objective = z
  .number()
  .refine((value) => value > 0 && value < 1, "is not an objective; give a share between 0 and 1, such as 0.995");

const row = z.strictObject({
  long: required(windowText, { description: "The long window.", example: "1h" }),
  short: required(windowText, {
    description: "The short window, which resolves an alert soon after recovery.",
    example: "5m",
  }),
  factor: required(positive, { description: "Burn rate: how many times the budget.", example: 14.4 }),
  min_failures: leastCount("Minimum number of failures in the long window."),
});

const keys = {
  errors: selects("Counter of failures.", "zako_v1_probe_failures_total"),
  total: selects("Counter of all runs or requests.", "zako_v1_probe_attempts_total"),
  objective: required(objective, { description: "Share that must be good.", example: 0.995 }),
  windows: required(z.array(row), {
    description: "Pairs of windows. The rule holds if any pair does.",
    example: [{ long: "1h", short: "5m", factor: 14.4, min_failures: 3 }],
  }),
};

/** What was counted in both windows of a row. */
interface BurnCounts {
  longErrors: number;
  longTotal: number;
  shortErrors: number;
  shortTotal: number;
}

/** `rows` go with the condition's windows. Where nothing ran in a short window, nothing is known. */
function judgeBurn(rows: readonly BurnCounts[], c: BurnCondition): Outcome {
  const budget = 1 - c.objective;
  for (const [i, { factor, minFailures }] of c.windows.entries()) {
    const row = rows[i] as BurnCounts;
    const long = row.longErrors / row.longTotal;
    const limit = factor * budget;
    if (long > limit && row.shortErrors / row.shortTotal > limit && row.longErrors >= minFailures)
      return { seen: "holds", value: long };
  }
  return rows.some((row) => row.shortTotal === 0) ? UNKNOWN : FAILS;
}

/** If a factor times the budget is 1 or more, even 100 % failures cannot reach it. */
function unreachable(condition: BurnCondition): string | undefined {
  const budget = 1 - condition.objective;
  const odd = condition.windows.find(({ factor }) => factor * budget >= 1);
  if (odd === undefined) return undefined;
  const least = Math.ceil((1 - 1 / odd.factor) * 1_000 + 1) / 1_000;
  return `is too low: ${odd.factor} times its budget is more than all runs, so the rule could never hold; give ${least} or more, or a smaller factor`;
}

export const burn: RuleKind<BurnCondition, typeof keys> = {
  kind: "burn",
  doc: "An error budget burns too fast in both a long and a short window.",
  keys,
  selects: { errors: "counter", total: "counter" },
  make: ({ errors, total, objective, windows }) => ({
    kind: "burn",
    errors,
    total,
    objective,
    windows: windows.map(({ long: longMs, short: shortMs, factor, min_failures: minFailures = 1 }) => ({
      longMs,
      shortMs,
      factor,
      minFailures,
    })),
  }),
  problems({ windows }) {
    if (windows.length === 0)
      return [{ path: ["windows"], message: "has no windows, so the rule could never hold; give at least one pair" }];
    return windows.flatMap(({ longMs, shortMs }, i) =>
      shortMs < longMs
        ? []
        : [{ path: ["windows", i, "short"], message: "is not shorter than `long`; give a shorter window" }],
    );
  },
  number: {
    key: "objective",
    doc: "the objective",
    schema: objective,
    text: ({ objective }) => `${objective}`,
    replace: (condition, objective) => ({ ...condition, objective }),
    problem: unreachable,
  },
  reads: ({ errors, total }) => [
    { selector: errors, type: "counter" },
    { selector: total, type: "counter" },
  ],
  follows({ errors, total, windows }) {
    const windowsMs = windows.flatMap(({ longMs, shortMs }) => [longMs, shortMs]);
    return [
      { selector: errors, windowsMs },
      { selector: total, windowsMs },
    ];
  },
  bind({ errors, total, windows: ofRule }, layout) {
    const others = new Set(layout.groups(total).map(({ text }) => text));
    return layout
      .each<BurnCondition>(errors, (group) => {
        const rows = ofRule.map(({ longMs, shortMs }) => ({
          longErrors: layout.windowOf(errors, group, longMs),
          longTotal: layout.windowOf(total, group, longMs),
          shortErrors: layout.windowOf(errors, group, shortMs),
          shortTotal: layout.windowOf(total, group, shortMs),
        }));
        return {
          judge: ({ windows }, c) =>
            judgeBurn(
              rows.map((row) => ({
                longErrors: row.longErrors(windows),
                longTotal: row.longTotal(windows),
                shortErrors: row.shortErrors(windows),
                shortTotal: row.shortTotal(windows),
              })),
              c,
            ),
        };
      })
      .filter(({ text }) => others.has(text));
  },
  promql({ errors, total, objective, windows }, { difference, orKept }) {
    const share = (ms: number): string => `${difference(errors, ms)} / ${difference(total, ms)}`;
    const rows = windows.map(({ longMs, shortMs, factor, minFailures }) => {
      const limit = `${factor} * (1 - ${objective})`;
      return `(${share(longMs)} > ${limit} and ${share(shortMs)} > ${limit} and ${difference(errors, longMs)} >= ${minFailures})`;
    });
    const silent = windows.map(({ shortMs }) => `${difference(total, shortMs)} == 0`);
    const longest = windows[0]?.longMs ?? 0;
    return orKept(rows.join("\nor\n"), share(longest), silent.join(" or "));
  },
  example: {
    condition: {
      kind: "burn",
      errors: { family: "zako_v1_probe_failures_total" },
      total: { family: "zako_v1_probe_attempts_total" },
      objective: 0.995,
      windows: [{ longMs: HOUR_MS, shortMs: 300_000, factor: 14.4, minFailures: 3 }],
    },
    outcomes: [
      {
        seen: "holds",
        within: { zako_v1_probe_failures_total: [[6], [1]], zako_v1_probe_attempts_total: [[60], [5]] },
      },
      {
        seen: "fails",
        within: { zako_v1_probe_failures_total: [[6], [0]], zako_v1_probe_attempts_total: [[60], [5]] },
      },
      {
        seen: "unknown",
        within: { zako_v1_probe_failures_total: [[6], [0]], zako_v1_probe_attempts_total: [[60], [0]] },
      },
    ],
  },
};
