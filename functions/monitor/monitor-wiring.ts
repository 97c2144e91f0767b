import { LONGEST_OVERRIDE } from "../config/override.ts";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import { type Deadline, pause, startDeadline } from "../lib/deadline.ts";
import type { FetcherBinding } from "../lib/fetcher-of.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { version } from "../lib/version.ts";
import type { Config } from "../model/config.ts";
import { CONNECTIONS } from "../model/probing/placement.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import { PROBE_KINDS } from "../probe/kinds/registry.ts";
import type { SecondLook } from "../probe/look/second-look.ts";
import { SampleBacklog } from "../store/history/history-backlog.ts";
import { isRetentionState, NOTHING_SWEPT, sweepHistory } from "../store/history/retention.ts";
import { writeHours } from "../store/history/write-history.ts";
import { readOverride } from "../store/override-kv.ts";
import { OverrideStore } from "../store/override-store.ts";
import { ProberStore } from "../store/prober-store.ts";
import { text } from "../store/shape.ts";
import type { AlerterPort } from "./alerts/alert-sender.ts";
import { HistoryWriter } from "./history/history-writer.ts";
import { MonitorCore } from "./monitor-core.ts";
import type { MonitorPorts, RunProbes } from "./monitor-ports.ts";
import { ProbesOnRequest } from "./on-request/probes-on-request.ts";
import { OverrideManager } from "./override-manager.ts";
import { type ProberPorts, RegionProbers } from "./probers/region-probers.ts";
import { PushIntake } from "./push/push-intake.ts";
import { configOfShard, shardOfName } from "./schedule/shard.ts";
import { type DispatchPorts, dispatchTasks } from "./tick/dispatch.ts";
import { WakeHandler } from "./wake-handler.ts";

/** What a Monitor has from the platform; `monitor.ts` reads its bindings for it. */
export interface MonitorPlatform {
  /** The object's name; undefined where the platform does not know it. */
  name: string | undefined;
  storage: DurableObjectStorage;
  db: D1Database;
  kv: KVNamespace;
  secret: (name: string) => string | undefined;
  /** The binding of a name that makes requests; undefined if there is none. */
  fetcher: (name: string) => FetcherBinding | undefined;
  /** Every bound secret; masked in what servers say. */
  secrets: () => readonly string[];
  /** The Alerter. A stub of its own for every call: one that has failed once stays broken. */
  alerter: () => AlerterPort;
  prober: ProberPorts["object"];
  /** What looks again at origins that gave no answer; with the URL of a local run, `npm start` does. */
  lookOf: (lookUrl: string | undefined) => SecondLook;
}

/** The parts of a Monitor, each with what it needs of the others. */
export interface MonitorParts {
  core: MonitorCore;
  history: HistoryWriter;
  override: OverrideManager;
  pushes: PushIntake;
  wakes: WakeHandler;
  onRequest: ProbesOnRequest;
  /** The config has no such shard any more. */
  isRetired: boolean;
}

/** What every part is made of. */
interface Basis {
  platform: MonitorPlatform;
  deployed: Config;
  backlog: SampleBacklog;
  shard: number;
}

/** Makes the parts of the Monitor that `platform` names, under the `deployed` configuration. */
export function wireMonitor(platform: MonitorPlatform, deployed: Config): MonitorParts {
  const backlog = new SampleBacklog(platform.storage);
  const shard = shardOfName(nameOf(platform, backlog));
  const basis: Basis = { platform, deployed, backlog, shard };
  const override = wireOverride(basis);
  const ports = monitorPorts(basis, override);
  const core = new MonitorCore(ports);
  const history = wireHistory(basis);
  const pushes = new PushIntake({ core, now, delay: pause });
  const wakes = wireWakes(basis, { core, history, override });
  const onRequest = new ProbesOnRequest({ ...ports, core, backlog });
  return { core, history, override, pushes, wakes, onRequest, isRetired: shard >= deployed.shards };
}

/** The platform need not know an object's name when its alarm wakes it, so it is kept. */
function nameOf({ name }: MonitorPlatform, backlog: SampleBacklog): string | undefined {
  if (name === undefined) return backlog.read("name", text);
  backlog.save("name", name);
  return name;
}

/** All that the core needs from outside. */
function monitorPorts(basis: Basis, { config }: OverrideManager): MonitorPorts {
  const { platform, deployed, backlog, shard } = basis;
  const store = new ProberStore(platform.storage);
  const probers = new RegionProbers({ store, shard, object: platform.prober, locates: !deployed.local, now, log });
  return {
    storage: platform.storage,
    config: partOf(basis, config),
    base: deployed.hash,
    kinds: new Map(PROBE_KINDS.map((kind) => [kind.kind, kind])),
    shard,
    alerter: alerterPort(platform),
    version,
    probe: probePort(basis, probers),
    probers: ({ vantages, lanes }) => probers.seen(vantages, lanes),
    backlog,
    now,
    startDeadline: start,
    log,
  };
}

/** An override cannot change how targets are shared out, so every Monitor finds its part of any config by itself. */
const partOf = ({ deployed, shard }: Basis, whole: Config): Config =>
  configOfShard({ ...whole, shards: deployed.shards }, shard);

const alerterPort = ({ alerter }: MonitorPlatform): AlerterPort => ({
  join: (request) => alerter().join(request),
  intake: (intake) => alerter().intake(intake),
});

/** Runs probes, in this process or near their regions. */
function probePort({ platform, deployed }: Basis, probers: RegionProbers): RunProbes {
  const ports: DispatchPorts = {
    here: {
      installation: deployed.installation,
      imports: deployed.imports,
      secret: platform.secret,
      fetcher: platform.fetcher,
      secrets: platform.secrets,
      connections: new Semaphore(CONNECTIONS),
      newHash: () => new Blake3(),
      look: platform.lookOf(deployed.lookUrl),
      onBug: (place, error) => log({ event: "error", place, error: bugTrace(error) }),
    },
    lookUrl: deployed.lookUrl,
    prober: (lane) => probers.of(lane),
    now,
    log,
  };
  return (...batch) => dispatchTasks(ports, ...batch);
}

function wireOverride({ platform, deployed }: Basis): OverrideManager {
  const isBound = (name: string): boolean => platform.fetcher(name) !== undefined;
  return new OverrideManager({
    table: new OverrideStore(platform.storage),
    deployed,
    kinds: PROBE_KINDS,
    isBound,
    now,
    log,
  });
}

function wireHistory({ platform: { db }, deployed, backlog, shard }: Basis): HistoryWriter {
  return new HistoryWriter({
    backlog,
    shard,
    retention: deployed.retention,
    write: (rows) => writeHours(db, rows),
    sweep: (sweep) => sweepHistory(db, sweep),
    swept: () => backlog.read("retention", isRetentionState) ?? NOTHING_SWEPT,
    saveSwept: (state) => backlog.save("retention", state),
    now,
    startDeadline: start,
    log,
  });
}

function wireWakes(basis: Basis, { core, history, override }: Pick<MonitorParts, "core" | "history" | "override">) {
  return new WakeHandler({
    core,
    history,
    readOverride: () => readOverride(basis.platform.kv, LONGEST_OVERRIDE),
    settle: async (offered) => {
      override.offer(offered);
      core.count(override.takeFacts());
      await core.reconfigure(() => partOf(basis, override.config));
    },
    now,
    startDeadline: start,
    log,
  });
}

const now = (): number => Date.now();
const start = (timeoutMs: number): Deadline & Disposable => startDeadline(timeoutMs, now());
const log = (event: WatchEvent): void => console.log(JSON.stringify(event));
