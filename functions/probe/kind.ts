import type * as z from "zod";
import type { Runbook } from "../model/alerting/runbook.ts";
import type { ShippedRule } from "../model/alerting/shipped-rule.ts";
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

/** Result of a step. */
export type StepResult = { outcome: "ok" } | { outcome: "failed" | "skipped"; failure: Failure };

/** Incremental BLAKE3-256; `digest` ends it. Passed in, because Node and workerd load it differently. */
export interface Hash extends Disposable {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

/** Context of a run: its inputs, and where it reports results. Reported results are kept, however the run ends. */
export interface Run<Options> {
  readonly task: ProbeTask;
  readonly options: Options;
  /** Keeps the canaries of two installations apart that watch the same store. */
  readonly installation: string;
  /** Client of the target's CAS origin (also serves health), within the run's deadline. */
  readonly cas: Client;
  /** Client of its Transport origin, with the token if the target uses one. */
  readonly transport: Client;
  readonly newHash: () => Hash;
  /** Epoch ms. */
  readonly now: () => number;
  /**
   * Runs a step: measures and reports it, and turns a bug into a failed step. After the deadline nothing is called, and
   * nothing is reported if an earlier step failed: the step that used up the deadline must not affect the others.
   */
  step(name: string, ask: () => Promise<StepResult>): Promise<StepResult["outcome"] | "unasked">;
  /** Fetches the plan's `outside` endpoint, within the run's deadline. Expected failures are in the answer. */
  get(ask: Get): Promise<Got>;
  /** Foreign families that the configuration imports. */
  readonly imports: readonly ImportedFamily[];
  /** Adds an observation to one of the kind's families. `labels` are all except `target` and `source`. */
  observe(family: Family, value: number, labels?: Labels): void;
  /**
   * Reports a counter that the server keeps itself: `total` in the family's base unit since `sinceMs` (epoch ms).
   * `labels` are all except `target` and `source`.
   */
  reportTotal(family: Family, total: number, sinceMs: number, labels?: Labels): void;
  /** Adds metrics that the target reported about itself. */
  tell(metrics: readonly ReportedMetric[]): void;
  /** A label's value from outside without our secrets and control characters. */
  cleanLabel(value: string): string;
  /** Adds what the Monitor must remember for later runs. */
  remember(patch: MemoryPatch): void;
}

/** What the steps of a successful run do not say. */
export interface Caveat {
  /** The run proves nothing and counts as skipped, for this reason. */
  readonly unproven?: Failure;
  /** The run does not prove that what failed before works again. */
  readonly recovers?: false;
}

/**
 * A shipped rule of a kind of probe. Its condition has the keys that a rule of one's own has in `watch.yaml`, so that a
 * kind needs to know nothing of how rules are evaluated; `config/rules/catalogue.ts` reads it.
 */
export type KindRule = Omit<ShippedRule, "condition"> & {
  condition: { kind: string } & Readonly<Record<string, unknown>>;
};

/** A kind of probe: everything that the rest of the house needs to know of it. */
export interface ProbeKind<Options = unknown> {
  kind: string;
  /** One sentence for the documentation. */
  doc: string;
  tier: Tier;
  /** Whether it may be the root of its dependency group in every slot: it must be cheap and safe to repeat. */
  canBeRoot?: true;
  schedule: Schedule;
  /** How it may be asked again between its own runs while it fails. */
  recheck: RecheckMode;
  defaults: { enabled: boolean; intervalMs: number; timeoutMs: number; critical: boolean };
  /** Keys of the kind's own section in `watch.yaml`, with defaults and descriptions. A `z.strictObject`. */
  options: z.ZodType<Options>;
  /** The endpoint that it calls, for kinds on the tier `outside`. A `url` among the options is checked like the targets'. */
  outside?(options: Options, casUrl: string): Outside;
  /**
   * Maximum calls of one run, without retries and without those that a failing run adds to tell its cause. Lanes,
   * subrequests and cost are computed from it.
   */
  calls(options: Options): number;
  /** Maximum bytes that the new blobs of one period add to the target's store; 0 for kinds that write nothing. */
  writesBytes(options: Options): number;
  /** Tokens that one run makes the server issue and keep. */
  tokensIssued: number;
  /** Names of the steps that it may report, in order. */
  steps: readonly string[];
  /** Steps whose failure makes the run degraded, not failed. */
  minorSteps: readonly string[];
  /** Families that this kind feeds, alone or with others. A family must be declared the same everywhere. */
  families: readonly Family[];
  /** Shipped rules about this kind's own families. */
  rules?: readonly KindRule[];
  /** The runbooks that those rules link to. */
  runbooks?: readonly Runbook[];
  /** Label sets (without `target`) whose series are shown from the first scrape on, at 0. */
  initial(options: Options): readonly { family: string; labels: Labels }[];
  /**
   * What the Monitor must store before it sends the task, so that a crash cannot hide an attempt. The task carries the
   * memory from before this.
   */
  prepare?(task: ProbeTask, options: Options, now: number): MemoryPatch;
  /** Runs the probe, step by step. The outcome is judged from the steps. */
  run(run: Run<Options>): Promise<Caveat | undefined>;
}
