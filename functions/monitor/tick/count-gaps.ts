import { FAULT_INTERVALS, gapIntervalsAfter } from "../../evaluate/verdict/gap-intervals.ts";
import type { Config } from "../../model/config.ts";
import { type GapReason, gapReasonOf } from "../../model/probing/gap.ts";
import { isDue } from "../../model/probing/period.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { SELF } from "./wanted-series.ts";

const INTERVALS = "zako_watch_probe_gap_intervals";
const RATIO = "zako_watch_vantage_gap_ratio";
/** Averaging time of the share of gaps. */
const AVERAGED_MS = 600_000;

/** Results of one attempt of a slot. */
export interface SlotOutcome {
  slot: number;
  attempt: number;
  samples: readonly Sample[];
  /** Tasks without a sample. */
  lost: readonly ProbeTask[];
}

/** A run that should have had a result, and whether it was a gap. */
interface Outcome {
  target: string;
  probe: string;
  vantage: Vantage;
  gap: GapReason | undefined;
}

/** Consecutive intervals without a result through a fault of the prober. */
export const gapIntervalsOf = (table: SeriesTable, target: string, probe: string): number =>
  table.read(target, INTERVALS, { probe }) || 0;

/** Whether so many consecutive intervals were gaps that the probe's state is unknown. */
export const isFaulty = (table: SeriesTable, target: string, probe: string): boolean =>
  gapIntervalsOf(table, target, probe) >= FAULT_INTERVALS;

/** Counts a slot's gaps by probe and reason, and as a share of each vantage's runs; updates each probe's consecutive gaps. */
export function countGaps(
  table: SeriesTable,
  { targets, vantages, gridMs }: Config,
  { slot, attempt, samples, lost }: SlotOutcome,
  now: number,
): void {
  const outcomes: Outcome[] = [
    ...samples.map(({ target, probe, vantage, ...rest }) => ({ target, probe, vantage, gap: gapReasonOf(rest) })),
    ...lost.map(({ target, plan, vantage }): Outcome => {
      return { target: target.name, probe: plan.kind, vantage, gap: "no_result" };
    }),
  ];
  for (const { target, probe, gap } of outcomes)
    if (gap !== undefined)
      table.observe(target, { family: "zako_watch_probe_gaps_total", labels: { probe, reason: gap }, value: 1 }, now);
  if (attempt === 0) {
    const weight = 1 - Math.exp(-gridMs / AVERAGED_MS);
    for (const vantage of vantages) averageGaps(table, vantage, outcomes, weight, now);
  }
  const byProbe = Map.groupBy(outcomes, ({ target, probe }) => `${target}\n${probe}`);
  for (const { name, probes } of targets) {
    let faulty = 0;
    for (const plan of probes) {
      const before = gapIntervalsOf(table, name, plan.kind);
      const own = byProbe.get(`${name}\n${plan.kind}`) ?? [];
      const gaps = own.filter(({ gap }) => gap !== undefined).length;
      const results = own.length - gaps;
      const isDueNow = gaps > 0 && isDue({ target: name, plan, gridMs }, slot);
      const after = gapIntervalsAfter(before, { attempt, isDue: isDueNow, results, gaps });
      if (after !== before) table.observe(name, { family: INTERVALS, labels: { probe: plan.kind }, value: after }, now);
      if (plan.critical && after >= FAULT_INTERVALS) faulty++;
    }
    const known = table.read(name, FAULTY, {});
    if (known !== faulty) table.observe(name, { family: FAULTY, labels: {}, value: faulty }, now);
  }
}

const FAULTY = "zako_watch_target_gap_probes";

function averageGaps(
  table: SeriesTable,
  vantage: Vantage,
  outcomes: readonly Outcome[],
  weight: number,
  now: number,
): void {
  const own = outcomes.filter((one) => one.vantage === vantage);
  if (own.length === 0) return;
  const share = own.filter(({ gap }) => gap !== undefined).length / own.length;
  const before = table.read(SELF, RATIO, { vantage }) || 0;
  table.observe(SELF, { family: RATIO, labels: { vantage }, value: before + (share - before) * weight }, now);
}
