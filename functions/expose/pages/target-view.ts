import { readLabels } from "../../lib/label-read.ts";
import { COARSE_FAMILIES } from "../../model/families/coarse-families.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";
import { STATES, type State } from "../../model/probing/verdict.ts";
import type { Block, Column, Snapshot } from "../../model/snapshot.ts";

/** What a page shows of a target: verdicts and counts, without server messages and URLs. */
export interface TargetView {
  state: State;
  incidentOpen: boolean;
  /** Critical probes have had no result for three intervals or longer, through the prober's own fault. */
  isStale: boolean;
  /** When its counters began, epoch ms. */
  countedSince: number;
  probes: readonly ProbeView[];
  /** Buckets of reported histograms that are too wide for rules about quantiles. */
  coarse: readonly CoarseView[];
}

/** A bucket that a target reports and that our histogram would split; bounds in the histogram's unit. */
interface CoarseView {
  family: string;
  source: string;
  lower: number;
  upper: number;
}

/** What a page shows of one probe. */
export interface ProbeView {
  probe: string;
  state: State;
  incidentOpen: boolean;
  vantages: readonly VantageView[];
  /** By name. */
  steps: readonly StepView[];
  /** Since the counters began, the most frequent first. */
  failures: readonly { text: string; count: number }[];
}

/** A step of a probe over all vantages, since the counters began. */
interface StepView {
  step: string;
  /** Runs whose duration was taken. */
  runs: number;
  meanMs: number | undefined;
  failures: number;
}

/** The last run of a probe from one vantage that was neither skipped nor blocked. */
export interface VantageView {
  vantage: string;
  succeeded: boolean | undefined;
  /** Epoch ms. */
  at: number | undefined;
}

/** Reads a target's numbers; undefined where its Monitor does not watch it. */
export function viewTarget(numbers: Snapshot | undefined, target: string): TargetView | undefined {
  const block = numbers?.blocks.find((one) => one.target === target);
  return target === "" || block === undefined ? undefined : viewBlock(block);
}

function viewBlock(block: Block): TargetView {
  const columns = Map.groupBy(block.layout.columns, ({ family }) => family);
  const of = (family: string): readonly Column[] => columns.get(family) ?? [];
  const value = (column: Column | undefined): number => (column && block.values[column.offset]) ?? Number.NaN;
  const state = (column: Column | undefined): State => STATES[value(column)] ?? "unknown";
  const labelled: Labelled = (family) =>
    of(family).map((column) => ({ labels: readLabels(column.labels), value: value(column) }));

  const open = labelled("zako_v1_probe_incident_open");
  const success = labelled("zako_v1_probe_success");
  const ran = labelled("zako_v1_probe_last_run_timestamp_seconds");
  const failed = labelled("zako_v1_probe_failures_by_reason_total");
  const stepFailures = labelled("zako_v1_probe_step_failures_total");
  const probes = of("zako_v1_probe_state").map((column): ProbeView => {
    const probe = readLabels(column.labels)["probe"] ?? "";
    const isOurs = (one: { labels: Record<string, string> }): boolean => one.labels["probe"] === probe;
    return {
      probe,
      state: state(column),
      incidentOpen: open.find(isOurs)?.value === 1,
      vantages: success.filter(isOurs).map((one): VantageView => {
        const { vantage = "" } = one.labels;
        const at = ran.find((run) => isOurs(run) && run.labels["vantage"] === vantage)?.value;
        return {
          vantage,
          succeeded: Number.isNaN(one.value) ? undefined : one.value === 1,
          at: at === undefined || Number.isNaN(at) ? undefined : at * 1000,
        };
      }),
      failures: addUp(failed.filter(isOurs)),
      steps: stepsOf(block, of("zako_v1_probe_step_duration_seconds"), stepFailures.filter(isOurs), probe),
    };
  });
  const [incident] = of("zako_v1_target_incident_open");
  return {
    state: state(of("zako_v1_target_state")[0]),
    incidentOpen: value(incident) === 1,
    isStale: value(of("zako_watch_target_gap_probes")[0]) > 0,
    countedSince: block.createdAt,
    probes,
    coarse: coarseOf(labelled),
  };
}

function stepsOf(
  { values }: Block,
  columns: readonly Column[],
  failures: ReturnType<Labelled>,
  probe: string,
): StepView[] {
  const steps = new Map<string, StepView>();
  for (const { labels, offset, width } of columns) {
    const { probe: of, step = "" } = readLabels(labels);
    if (of !== probe) continue;
    const counts = values.subarray(offset, offset + width - 1);
    const runs = counts.reduce((sum, count) => sum + count, 0);
    const sum = values[offset + width - 1] ?? 0;
    steps.set(step, { step, runs, meanMs: runs === 0 ? undefined : (1_000 * sum) / runs, failures: 0 });
  }
  for (const { labels, value } of failures) {
    const { step = "" } = labels;
    const known = steps.get(step) ?? { step, runs: 0, meanMs: undefined, failures: 0 };
    steps.set(step, { ...known, failures: known.failures + value });
  }
  return [...steps.values()].sort((a, b) => (a.step < b.step ? -1 : 1));
}

type Labelled = (family: string) => { labels: Record<string, string>; value: number }[];

function coarseOf(labelled: Labelled): CoarseView[] {
  const uppers = labelled(COARSE_FAMILIES.upper.name);
  return labelled(COARSE_FAMILIES.lower.name).flatMap(({ labels, value: lower }) => {
    const { family = "", source = "", bucket } = labels;
    const isSame = (one: Record<string, string>): boolean =>
      one["family"] === family && one["source"] === source && one["bucket"] === bucket;
    const upper = uppers.find((one) => isSame(one.labels))?.value ?? Number.NaN;
    return Number.isNaN(lower) || Number.isNaN(upper) ? [] : [{ family, source, lower, upper }];
  });
}

function addUp(counts: readonly { labels: Record<string, string>; value: number }[]): ProbeView["failures"] {
  const sums = new Map<string, number>();
  for (const { labels, value } of counts) {
    const text = formatReason[labels["reason"] as Reason] ?? "other reason";
    sums.set(text, (sums.get(text) ?? 0) + value);
  }
  return [...sums].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count);
}
