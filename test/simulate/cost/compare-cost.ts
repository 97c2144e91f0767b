import type { Assumptions } from "../../../functions/config/cost/assumptions.ts";
import { historySize } from "../../../functions/config/cost/history-size.ts";
import type { KnownKinds } from "../../../functions/config/cost/planned-slots.ts";
import { type UsageReport, usageOf } from "../../../functions/config/cost/usage.ts";
import { type WorstInvocation, worstInvocations } from "../../../functions/config/cost/worst-minute.ts";
import type { Config } from "../../../functions/model/config.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { goodMs, type Offers } from "../zako/zako.ts";
import { type CountedWorld, countUsage } from "./count-usage.ts";
import type { CountedUsage } from "./counted-usage.ts";

const KINDS: KnownKinds = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));

/** One number as it was estimated and as it was counted. */
export interface Compared {
  what: string;
  estimated: number;
  counted: number;
}

/** An estimate beside what a played world counted. */
export interface CostComparison {
  healthyHour: Compared[];
  outageHour: Compared[];
  /** Calls of the worst invocation of each kind; what is estimated is a bound. */
  worst: Compared[];
  history: Compared;
  counted: CountedWorld;
}

/** Usage that is both estimated and counted. */
const COMPARED = [
  "workerRequests",
  "objectRequests",
  "objectGbSeconds",
  "objectRowsWritten",
  "kvReads",
  "logEvents",
] as const;

/**
 * Plays a configuration and puts the estimate beside it. The estimate knows how long the world's servers take, and no more.
 * `runMs`: how long that is by kind; left out: as on loopback.
 */
export async function compareCost(
  config: Config,
  hours: number,
  offers: Offers,
  runMs = (kind: string): number => goodMs(kind, offers),
): Promise<CostComparison> {
  const assumed: Assumptions = { roundTripMs: 80, scrapesPerMinute: 1, runMs };
  const usage = usageOf(config, KINDS, assumed);
  const counted = await countUsage(config, { hours, offers, scrapesPerMinute: 1, runMs });
  // The hour before those that are counted is stored, too.
  const days = (hours + 1) / 24;
  const kept = { ...config, retention: { samplesDays: days, rollupsDays: days } };
  return {
    healthyHour: compare(usage.day, 24, counted.healthy, hours),
    outageHour: compare(usage.outageHour, 1, counted.outageHour, 1),
    worst: worstOf(worstInvocations(config, KINDS), counted),
    history: {
      what: "history, bytes",
      estimated: historySize(kept, KINDS, Number.POSITIVE_INFINITY).bytes,
      counted: counted.historyBytes,
    },
    counted,
  };
}

const compare = (
  estimated: UsageReport["day"],
  estimatedHours: number,
  counted: CountedUsage,
  countedHours: number,
): Compared[] =>
  COMPARED.map((what) => ({
    what,
    estimated: estimated[what] / estimatedHours,
    counted: counted[what] / countedHours,
  }));

function worstOf(worst: readonly WorstInvocation[], counted: CountedWorld): Compared[] {
  const times = [counted.healthy, counted.outageHour, counted.hourAfter];
  return (["tick", "confirmations", "rechecks", "alerter"] as const).map((what) => ({
    what,
    estimated: Math.max(...worst.filter(({ kind }) => kind === what).map(({ calls }) => calls)),
    counted: Math.max(...times.map(({ most }) => most[what])),
  }));
}
