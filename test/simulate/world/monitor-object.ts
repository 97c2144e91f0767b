import { LONGEST_OVERRIDE } from "../../../functions/config/override.ts";
import type { Config } from "../../../functions/model/config.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import type { AlerterPort } from "../../../functions/monitor/alerts/alert-sender.ts";
import { HistoryWriter } from "../../../functions/monitor/history/history-writer.ts";
import { MonitorCore } from "../../../functions/monitor/monitor-core.ts";
import type { RunProbes } from "../../../functions/monitor/monitor-ports.ts";
import { OverrideManager } from "../../../functions/monitor/override-manager.ts";
import { configOfShard } from "../../../functions/monitor/schedule/shard.ts";
import { WakeHandler } from "../../../functions/monitor/wake-handler.ts";
import type { ProbeKind } from "../../../functions/probe/kind.ts";
import { SampleBacklog } from "../../../functions/store/history/history-backlog.ts";
import { isRetentionState, NOTHING_SWEPT } from "../../../functions/store/history/retention.ts";
import type { OfferedOverride } from "../../../functions/store/override-kv.ts";
import { OverrideStore } from "../../../functions/store/override-store.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Life, ObjectParts, ObjectStorage } from "./durable-object.ts";

/** The parts of a Monitor that its shell calls. */
export interface MonitorParts {
  core: MonitorCore;
  wakes: WakeHandler;
}

/** What a Monitor has from its world. */
export interface MonitorWorld {
  clock: Clock;
  kinds: readonly ProbeKind[];
  database: Database;
  readOverride: () => Promise<OfferedOverride>;
  alerter: AlerterPort;
  probe: RunProbes;
  log: (event: WatchEvent) => void;
}

const RETIRED_RETRY_MS = 600_000;

/** Wires a Monitor as `functions/monitor/monitor-wiring.ts` does, on ports of the simulated platform. */
export function wireMonitor(
  world: MonitorWorld,
  deployed: Config,
  shard: number,
  life: Life,
  storage: ObjectStorage,
): ObjectParts<MonitorParts> {
  const { clock, kinds, database, alerter, log } = world;
  const { now, startDeadline } = clock;
  const logAlive = (event: WatchEvent): void => {
    if (life.isAlive) log(event);
  };
  const backlog = new SampleBacklog(storage as unknown as DurableObjectStorage);
  const override = new OverrideManager({
    table: new OverrideStore(storage),
    deployed,
    kinds,
    isBound: () => false,
    now,
    log,
  });
  const partOf = (whole: Config): Config => configOfShard({ ...whole, shards: deployed.shards }, shard);
  const core = new MonitorCore({
    storage,
    config: partOf(override.config),
    base: deployed.hash,
    kinds: new Map(kinds.map((kind) => [kind.kind, kind])),
    shard,
    alerter: {
      join: (request) => life.hear(() => alerter.join(request)),
      intake: (intake) => life.hear(() => alerter.intake(intake)),
    },
    version: "simulated",
    probe: (tasks, deadlineAt, deliver, sizes) =>
      life.hear(() =>
        world.probe(
          tasks,
          deadlineAt,
          (samples) => {
            if (life.isAlive) deliver(samples);
          },
          sizes,
        ),
      ),
    backlog,
    now,
    startDeadline,
    log: logAlive,
  });
  const history = new HistoryWriter({
    backlog,
    shard,
    retention: deployed.retention,
    write: (rows) => life.hear(() => database.writeHours(rows)),
    sweep: (sweep) => life.hear(() => database.sweep(sweep)),
    swept: () => backlog.read("retention", isRetentionState) ?? NOTHING_SWEPT,
    saveSwept: (state) => backlog.save("retention", state),
    now,
    startDeadline,
    log: logAlive,
  });
  const wakes = new WakeHandler({
    core,
    history,
    readOverride: () => life.hear(world.readOverride),
    settle: async (offered) => {
      override.offer(offered);
      core.count(override.takeFacts());
      await core.reconfigure(() => partOf(override.config));
    },
    now,
    startDeadline,
    log: logAlive,
  });
  const isRetired = shard >= deployed.shards;
  const alarm = async (): Promise<void> => {
    if (!isRetired) return wakes.alarm();
    await history.keep(core);
    if (history.isBehind()) storage.setAlarm(now() + RETIRED_RETRY_MS);
  };
  return { core: { core, wakes }, alarm };
}

/** What KV gives for a text. */
export const offered = (text: string | null): OfferedOverride => ({
  read: true,
  text: text?.slice(0, LONGEST_OVERRIDE + 1) ?? null,
});
