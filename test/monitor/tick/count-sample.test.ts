import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { Outcome, Sample } from "../../../functions/model/probing/sample.ts";
import { EXEMPLAR_FAMILY } from "../../../functions/model/snapshot.ts";
import { countSample } from "../../../functions/monitor/tick/count-sample.ts";
import { allFamilies, wantedSeries } from "../../../functions/monitor/tick/wanted-series.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { config, KINDS, START, target } from "../world.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const sampleOf = (outcome: Outcome, over: Partial<Sample> = {}): Sample => ({
  target: "a",
  probe: "health",
  vantage: "local",
  slot: START,
  attempt: 0,
  startedAt: START + 100,
  durationMs: 40,
  outcome,
  ...(outcome === "ok" ? {} : { failure: failure("timeout", false) }),
  steps: [],
  observations: [],
  traceId: TRACE,
  ...over,
});

/** Every column that has another number after the sample, with it; of a histogram, how many runs it has, and their sum. */
function changes(sample: Sample): Record<string, number> {
  const table = new SeriesTable(allFamilies(PROBE_KINDS));
  table.reconcile(wantedSeries(config([target("a")]), KINDS), START);
  const numbers = (): Map<string, number> => {
    const { layout, values } = table.blocks.get("a") ?? expect.unreachable("the target has a block");
    return new Map(
      layout.columns
        .filter(({ family }) => family !== EXEMPLAR_FAMILY)
        .flatMap(({ family, labels, offset, width }): [string, number][] => {
          const counts = values.subarray(offset, offset + Math.max(1, width - 1));
          const count: [string, number] = [`${family}{${labels}}`, counts.reduce((sum, n) => sum + n, 0)];
          return width > 1 ? [count, [`${family}_sum{${labels}}`, values[offset + width - 1] as number]] : [count];
        }),
    );
  };
  const before = numbers();
  countSample(table, sample);
  return Object.fromEntries([...numbers()].filter(([name, value]) => !Object.is(before.get(name) ?? 0, value)));
}

const RUN = '{probe="health",vantage="local"}';
const ran = {
  [`zako_v1_probe_attempts_total${RUN}`]: 1,
  [`zako_v1_probe_last_run_timestamp_seconds${RUN}`]: (START + 140) / 1_000,
  'zako_v1_probe_duration_seconds{probe="health"}': 1,
  'zako_v1_probe_duration_seconds_sum{probe="health"}': 0.04,
};
const succeeded = {
  ...ran,
  [`zako_v1_probe_success${RUN}`]: 1,
  [`zako_v1_probe_last_success_timestamp_seconds${RUN}`]: (START + 140) / 1_000,
};
const byReason = (family: string, reason: string) =>
  ({ [`${family}{probe="health",vantage="local",reason="${reason}"}`]: 1 }) as const;

describe("a sample is counted", () => {
  it.each<[string, Sample, Record<string, number>]>([
    ["ok", sampleOf("ok"), succeeded],
    ["degraded, which is a success", sampleOf("degraded"), succeeded],
    [
      "failed, by its reason",
      sampleOf("failed"),
      {
        ...ran,
        [`zako_v1_probe_success${RUN}`]: 0,
        [`zako_v1_probe_failures_total${RUN}`]: 1,
        ...byReason("zako_v1_probe_failures_by_reason_total", "timeout"),
      },
    ],
    [
      "skipped, by its reason and with no duration",
      sampleOf("skipped", { failure: failure("rpc_unimplemented", false) }),
      {
        [`zako_v1_probe_attempts_total${RUN}`]: 1,
        ...byReason("zako_v1_probe_skips_total", "rpc_unimplemented"),
      },
    ],
    ["blocked, and nothing else", sampleOf("blocked"), { [`zako_v1_probe_blocked_total${RUN}`]: 1 }],
    [
      "failed by the prober's own fault, and not at all",
      sampleOf("failed", { failure: failure("internal", false) }),
      {},
    ],
    [
      "skipped by the prober's own fault, and not at all",
      sampleOf("skipped", { failure: failure("over_budget", false) }),
      {},
    ],
  ])("%s", (_, sample, expected) => {
    expect(changes(sample)).toEqual(expected);
  });

  it("with its steps: durations of those that were run, failures by reason", () => {
    const steps: Sample["steps"] = [
      { name: "fine", outcome: "ok", durationMs: 10 },
      { name: "broken", outcome: "failed", durationMs: 20, failure: failure("corrupt", false) },
      { name: "left", outcome: "skipped", durationMs: 0, failure: failure("timeout", false) },
    ];
    expect(changes(sampleOf("degraded", { steps }))).toEqual({
      ...succeeded,
      'zako_v1_probe_step_duration_seconds{probe="health",step="fine"}': 1,
      'zako_v1_probe_step_duration_seconds{probe="health",step="broken"}': 1,
      'zako_v1_probe_step_duration_seconds_sum{probe="health",step="fine"}': 0.01,
      'zako_v1_probe_step_duration_seconds_sum{probe="health",step="broken"}': 0.02,
      'zako_v1_probe_step_failures_total{probe="health",step="broken",reason="corrupt"}': 1,
    });
  });
});

it("keeps every part of a trace id for the exemplar, with the run's duration and end", () => {
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
  fc.assert(
    fc.property(hex, (traceId) => {
      const table = new SeriesTable(allFamilies(PROBE_KINDS));
      table.reconcile(wantedSeries(config([target("a")]), KINDS), START);
      countSample(table, sampleOf("ok", { traceId }));
      const { block, offset } = table.at("a", EXEMPLAR_FAMILY, { probe: "health" }, START);
      const [durationSeconds, endedAt] = block.values.subarray(offset + 4, offset + 6);
      const parts = [...block.values.subarray(offset, offset + 4)];
      expect(parts.map((part) => part.toString(16).padStart(8, "0")).join("")).toBe(traceId);
      expect([durationSeconds, endedAt]).toEqual([0.04, START + 140]);
    }),
  );
});
