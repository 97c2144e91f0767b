import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { printRules } from "../../../functions/expose/prometheus/prometheus-rules.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import type { Story } from "../story.ts";

/** What happens in a minute, counted from 0: votes that are good and votes that failed; undefined: no scrape. */
type Minute = (minute: number) => { ok: number; failed: number } | undefined;

interface Expected {
  expr: string;
  atMinute: number;
  samples: { labels: string; value: number }[];
}

interface Case {
  name: string;
  minutes: number;
  world: Minute;
  expected: Expected[];
}

const GOOD = { ok: 1, failed: 0 };
const BAD = { ok: 0, failed: 1 };

const firing = (alert: string): string =>
  `count by (target, severity) (ALERTS{alertname="${alert}", alertstate="firing"})`;
const FAST = firing("ZakoErrorBudgetBurnFast");
const SLOW = firing("ZakoErrorBudgetBurnSlow");
const PAGES = [{ labels: '{severity="critical", target="a"}', value: 1 }];
const WARNS = [{ labels: '{severity="warning", target="a"}', value: 1 }];
const BURN = 'target:zako_slo_burn_rate:ratio{slo="ZakoErrorBudgetBurnFast", window="1h"}';
const burnRate = (value: number) => [{ labels: '{slo="ZakoErrorBudgetBurnFast", target="a", window="1h"}', value }];
const BUDGET = 'target:zako_slo_error_budget_remaining:ratio30d{slo="ZakoErrorBudgetBurnSlow"}';
const budget = (value: number) => [{ labels: '{slo="ZakoErrorBudgetBurnSlow", target="a"}', value }];

const CASES: readonly Case[] = [
  {
    // A run every 5 minutes: one failure of twelve is 8 % of an hour, beyond 14.4 times the budget.
    name: "one failure of a probe that runs seldom pages nobody",
    minutes: 300,
    world: (minute) => (minute % 5 !== 0 ? { ok: 0, failed: 0 } : minute === 200 ? BAD : GOOD),
    expected: [
      { expr: FAST, atMinute: 203, samples: [] },
      { expr: `round(${BURN}, 0.1)`, atMinute: 205, samples: burnRate(0) },
    ],
  },
  {
    name: "a fast burn pages, and ends when it is mended",
    minutes: 360,
    world: (minute) => (minute >= 180 && minute < 240 && minute % 4 === 0 ? BAD : GOOD),
    expected: [
      { expr: FAST, atMinute: 175, samples: [] },
      { expr: FAST, atMinute: 235, samples: PAGES },
      { expr: `round(${BURN}, 1)`, atMinute: 240, samples: burnRate(47) },
      { expr: FAST, atMinute: 290, samples: [] },
    ],
  },
  {
    name: "a slow burn warns and does not page, and the budget is overspent",
    minutes: 760,
    world: (minute) => (minute % 50 === 0 ? BAD : GOOD),
    expected: [
      { expr: SLOW, atMinute: 750, samples: WARNS },
      { expr: FAST, atMinute: 750, samples: [] },
      { expr: `round(${BUDGET}, 1)`, atMinute: 750, samples: budget(-3) },
    ],
  },
  {
    name: "a gap of half an hour is not a failure",
    minutes: 360,
    world: (minute) => (minute >= 180 && minute < 210 ? undefined : GOOD),
    expected: [
      { expr: FAST, atMinute: 200, samples: [] },
      { expr: FAST, atMinute: 215, samples: [] },
      { expr: `round(${BUDGET}, 0.1)`, atMinute: 355, samples: budget(1) },
    ],
  },
];

/** Error budgets, burn rates and their alerts, as a real Prometheus works them out. */
export const slo: Story = {
  name: "slo",
  needs: [{ command: "promtool", debianPackage: "prometheus" }],
  async run(ctx) {
    const families = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
    const print = (rules: readonly Rule[]): string =>
      printRules({ rules, families, targets: [], externalUrl: undefined });
    writeFileSync(join(ctx.scratch, "all.yml"), print(CATALOGUE));
    // Days of all rules take promtool minutes.
    writeFileSync(
      join(ctx.scratch, "rules.yml"),
      print(CATALOGUE.filter(({ condition }) => condition.kind === "burn")),
    );
    const lint = spawnSync("promtool", ["check", "rules", "--lint=all", "all.yml"], {
      cwd: ctx.scratch,
      encoding: "utf8",
    });
    ctx.check("the rules pass promtool", lint.status === 0, lint.stderr || lint.stdout.trim().split("\n").at(-1));
    for (const one of CASES) {
      const test = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests: [testOf(one)] };
      writeFileSync(join(ctx.scratch, "test.yml"), JSON.stringify(test));
      const done = spawnSync("promtool", ["test", "rules", "test.yml"], { cwd: ctx.scratch, encoding: "utf8" });
      ctx.check(one.name, done.status === 0, `${done.stdout}${done.stderr}`.trim().slice(0, 2_000));
    }
  },
};

function testOf({ minutes, world, expected }: Case): object {
  const votes = (which: "ok" | "failed"): string => {
    let total = 0;
    return Array.from({ length: minutes }, (_, minute) => {
      const happens = world(minute);
      if (happens === undefined) return "_";
      total += happens[which];
      return total;
    }).join(" ");
  };
  const series = (outcome: string): string =>
    `zako_v1_target_votes_total{target="a", outcome="${outcome}", incident="false"}`;
  return {
    interval: "1m",
    input_series: [
      { series: series("ok"), values: votes("ok") },
      { series: series("failed"), values: votes("failed") },
      // Long before: promtool's time begins at 0.
      { series: 'zako_v1_target_created_timestamp_seconds{target="a"}', values: `-999999999x${minutes}` },
    ],
    promql_expr_test: expected.map(({ expr, atMinute, samples }) => ({
      expr,
      eval_time: `${atMinute}m`,
      exp_samples: samples,
    })),
  };
}
