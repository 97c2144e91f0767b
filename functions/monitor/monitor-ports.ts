import type { StartDeadline } from "../lib/deadline.ts";
import type { Config } from "../model/config.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { Sample } from "../model/probing/sample.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ProbeKind } from "../probe/kind.ts";
import type { HeadStorage } from "../store/head.ts";
import type { SampleBacklog } from "../store/history/history-backlog.ts";
import type { AlerterPort } from "./alerts/alert-sender.ts";

/**
 * Runs orders and delivers samples as they come, in any number of parts; returns when all that will come has come.
 * What is not there at `deadlineAt` (epoch ms) is given up. Never rejects for a target's or prober's failure.
 */
export type RunProbes = (
  tasks: readonly ProbeTask[],
  deadlineAt: number,
  deliver: (samples: readonly Sample[]) => void,
  sizes: Pick<Config, "lanes" | "gridMs">,
) => Promise<void>;

/** All that a Monitor needs from outside. */
export interface MonitorPorts {
  storage: HeadStorage & { setAlarm(at: number): void };
  /** The configuration in force at the start; `MonitorCore.reconfigure` may change it. */
  config: Config;
  /** Hash of the deployed configuration, which an override may have taken the place of. */
  base: string;
  kinds: ReadonlyMap<string, ProbeKind>;
  /** Index of this Monitor among the config's shards. */
  shard: number;
  /** Who is told what fires; absent where nobody is to be told. */
  alerter: AlerterPort | undefined;
  version: string;
  probe: RunProbes;
  backlog: Pick<SampleBacklog, "append" | "shipping" | "slotsAfter">;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}
