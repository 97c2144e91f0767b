import { DAY_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { SCRAPE_FAMILIES } from "../../probe/scrape/scrape-families.ts";
import type { Head } from "../../store/head.ts";
import { foldReported } from "./fold-reported.ts";

/** Gauges are valid for this many intervals of their probe, like votes. */
const BELIEVED_INTERVALS = 2.5;
const DROPPED = SCRAPE_FAMILIES.dropped.name;
/** A target that is out of reach for as long as this is counted from anew. */
const FORGET_MS = 7 * DAY_MS;

/** Adds what the target reported in a run to its series. The source is the same process from every vantage. */
export function foldSample(head: Head, { targets }: Config, { target, probe, metrics, ...sample }: Sample): void {
  if (metrics === undefined) return;
  const plan = targets.find(({ name }) => name === target)?.probes.find(({ kind }) => kind === probe);
  const source = metrics[0]?.labels["source"];
  if (plan === undefined || source === undefined) return;
  const now = sample.startedAt + sample.durationMs;
  foldReported(head, {
    target,
    metricSource: probe,
    source,
    metrics,
    now,
    ordered: true,
    complete: !sample.observations.some(({ family }) => family === DROPPED),
    gaugesUntil: now + BELIEVED_INTERVALS * plan.intervalMs,
    forgetAt: now + FORGET_MS,
  });
}
