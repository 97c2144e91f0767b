import type * as z from "zod";
import type { Family, Labels } from "../model/metric.ts";
import type { Tier } from "../model/probing/dependency-group.ts";
import type { Failure } from "../model/probing/failure.ts";
import type { MemoryPatch } from "../model/probing/memory.ts";
import type { ProbeTask, Schedule } from "../model/probing/probe-task.ts";
import type { RecheckMode } from "../model/probing/recheck.ts";
import type { ImportedFamily, ReportedMetric } from "../model/probing/reported-metric.ts";
import type { Outside } from "../model/probing/target.ts";
import type { Client } from "./rpc/client.ts";
import type { Get, Got } from "./rpc/get.ts";

/** What became of a step. */
export type StepResult = { outcome: "ok" } | { outcome: "failed" | "skipped"; failure: Failure };

/** BLAKE3-256 of bytes that come piece by piece; `digest` ends it. Handed in, since Node and workerd load it differently. */
export interface Hash extends Disposable {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

/** What a run of a kind is given, and tells its findings to: what was told stands, however the run ends. */
export interface Run<Options> {
  readonly task: ProbeTask;
  readonly options: Options;
  /** Separates the canaries of two installations that watch one store. */
  readonly installation: string;
  /** Speaks to the target's CAS origin (health lives there too), within the run's deadline. */
  readonly cas: Client;
  /** Speaks to its Transport origin, with the token where one travels. */
  readonly transport: Client;
  readonly newHash: () => Hash;
  /** Epoch ms. */
  readonly now: () => number;
  /**
   * Takes a step: times it, reports it, and turns a bug into a failed step. Once the deadline has passed nothing is
   * asked, nor reported where a step before has failed: what ate the deadline does not colour the others.
   */
  step(name: string, ask: () => Promise<StepResult>): Promise<StepResult["outcome"] | "unasked">;
  /** Gets the plan's `outside` endpoint, within the run's deadline. Expected failures are in the answer. */
  get(ask: Get): Promise<Got>;
  /** Families of others that the configuration lets in. */
  readonly imports: readonly ImportedFamily[];
  /** Adds a fact to one of the kind's families. `labels` are all but `target` and `source`. */
  observe(family: Family, value: number, labels?: Labels): void;
  /**
   * Reports a counter that the server keeps itself: `total` in the family's base unit since `sinceMs` (epoch ms).
   * `labels` are all but `target` and `source`.
   */
  reportTotal(family: Family, total: number, sinceMs: number, labels?: Labels): void;
  /** Adds what the target told of itself. */
  tell(metrics: readonly ReportedMetric[]): void;
  /** Adds what the Monitor shall remember for later runs. */
  remember(patch: MemoryPatch): void;
}

/** What the steps of a run that went well do not tell. */
export interface Caveat {
  /** It proves nothing and counts as skipped, for this reason. */
  readonly unproven?: Failure;
  /** It is no sign that what failed before works again. */
  readonly recovers?: false;
}

/** A kind of probe: everything that the rest of the house needs to know of it. */
export interface ProbeKind<Options = unknown> {
  kind: string;
  /** One sentence for the documentation. */
  doc: string;
  tier: Tier;
  /** It may be the root of its dependency group in every slot: it is cheap, and safe to repeat. */
  canBeRoot?: true;
  schedule: Schedule;
  /** How it may be asked again between its own runs while it fails. */
  recheck: RecheckMode;
  defaults: { enabled: boolean; intervalMs: number; timeoutMs: number; critical: boolean };
  /** Keys of the kind's own section in `watch.yaml`, with defaults and descriptions. A `z.strictObject`. */
  options: z.ZodType<Options>;
  /** The endpoint that it asks, for kinds on the rung `outside`; an `url` among the options is checked as targets' are. */
  outside?(options: Options, casUrl: string): Outside;
  /** The most calls that one run makes, retries aside; lanes, subrequests and cost are computed from it. */
  calls(options: Options): number;
  /** The most bytes that one period's new blobs add to the target's store; 0 for kinds that write nothing. */
  writesBytes(options: Options): number;
  /** Tokens that one run makes the server mint and keep. */
  tokensIssued: number;
  /** Names of the steps it may report, in order. */
  steps: readonly string[];
  /** Those of its steps whose failure leaves the run degraded and not failed. */
  minorSteps: readonly string[];
  /** Families that this kind alone or among others feeds; the same name must be declared alike everywhere. */
  families: readonly Family[];
  /** Label sets (without `target`) whose series are shown from the first scrape on, at 0. */
  initial(options: Options): readonly { family: string; labels: Labels }[];
  /**
   * What the Monitor must have stored before it sends the order, so that a crash cannot hide an attempt. The order's own
   * memory is the one from before.
   */
  prepare?(task: ProbeTask, options: Options, now: number): MemoryPatch;
  /** Asks its questions, step by step; the outcome is judged from the steps. */
  run(run: Run<Options>): Promise<Caveat | undefined>;
}
