import type { Place } from "../model/location-hints.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily } from "../model/probing/reported-metric.ts";
import type { BatchResult } from "./batch.ts";

/** A Monitor's request to a RegionProber. */
export interface Batch {
  readonly tasks: readonly ProbeTask[];
  readonly installation: string;
  /** Foreign families that the configuration imports. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** Time limit of the whole batch, ms. */
  readonly timeoutMs: number;
  /** Where `npm start` explains failures; absent in deployments. */
  readonly lookUrl?: string | undefined;
  /** The answer shall say where the prober runs, if that can be found out in the time that the runs leave. */
  readonly locates?: boolean;
}

/** A RegionProber's answer. */
export interface BatchAnswer extends BatchResult {
  /** Where the runs were really made; absent if nobody asked, or it is not known. */
  readonly place?: Place;
}
