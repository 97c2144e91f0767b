import type { StartDeadline } from "../lib/deadline.ts";
import type { Config } from "../model/config.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { Sample } from "../model/probing/sample.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ProbeKind } from "../probe/kind.ts";
import type { HeadStorage } from "../store/head.ts";
import type { SampleBacklog } from "../store/history/history-backlog.ts";
import type { AlerterPort } from "./alerts/alert-sender.ts";
import type { SeenProber } from "./probers/region-probers.ts";

/**
 * Runs tasks and delivers samples as they arrive, in any number of parts. Returns when no more will arrive; results missing
 * at `deadlineAt` (epoch ms) are lost. Never rejects because of a target or a prober.
 */
export type RunProbes = (
  tasks: readonly ProbeTask[],
  deadlineAt: number,
  deliver: (samples: readonly Sample[]) => void,
  sizes: Pick<Config, "lanes" | "gridMs">,
) => Promise<void>;

/** Everything that a Monitor needs from outside. */
export interface MonitorPorts {
  storage: HeadStorage & { setAlarm(at: number): void };
  /** The active configuration at the start; `MonitorCore.reconfigure` may change it. */
  config: Config;
  /** Hash of the deployed configuration, which an override may have replaced. */
  base: string;
  kinds: ReadonlyMap<string, ProbeKind>;
  /** Index of this Monitor among the config's shards. */
  shard: number;
  /** Receives firing alerts; absent if there is no Alerter. */
  alerter: AlerterPort | undefined;
  version: string;
  probe: RunProbes;
  /** Where the RegionProbers of the active configuration run, as far as they have said; absent where there are none. */
  probers?: (config: Pick<Config, "vantages" | "lanes">) => readonly SeenProber[];
  backlog: Pick<SampleBacklog, "append" | "shipping" | "slotsAfter">;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}
