import type { Alerter } from "./alerter/alerter.ts";
import { COMPILED_CONFIG } from "./config/compiled.ts";
import { LONGEST_OVERRIDE } from "./config/override.ts";
import { createApp } from "./expose/app.ts";
import { type PrintedFor, printedFor } from "./expose/prometheus/prometheus-rules.ts";
import { bugTrace } from "./lib/bug-trace.ts";
import { orLate, startDeadline } from "./lib/deadline.ts";
import { secretOf } from "./lib/secret-of.ts";
import { ALERTER_NAME } from "./model/alerting/alerter-state.ts";
import type { Config } from "./model/config.ts";
import { shownFamilies } from "./model/families/shown-families.ts";
import { shardOf } from "./model/probing/placement.ts";
import { SnapshotReader } from "./model/snapshot-wire.ts";
import type { Monitor } from "./monitor/monitor.ts";
import { monitorName } from "./monitor/schedule/shard.ts";
import { DEFAULT_NOTIFY } from "./notify/policy/default-notify.ts";
import { pushTargets } from "./probe/kinds/push.ts";
import { PROBE_KINDS } from "./probe/kinds/registry.ts";
import { readOverride } from "./store/override-kv.ts";

export { Alerter } from "./alerter/alerter.ts";
export { Monitor } from "./monitor/monitor.ts";
export { RegionProber } from "./probe/region.ts";

/** Names of the Monitors, by shard. */
const MONITORS = Array.from({ length: COMPILED_CONFIG.shards }, (_, shard) => monitorName(shard));

const IN_FORCE_TIMEOUT_MS = 2_000;

let app: ReturnType<typeof createApp> | undefined;

/** Made once per isolate, since it keeps rendered answers. */
function appOf(env: Env): ReturnType<typeof createApp> {
  const readers = MONITORS.map(() => new SnapshotReader());
  const secrets = env as { METRICS_TOKEN?: string; ADMIN_TOKEN?: string };
  // A stub of its own for every call: one that has failed once stays broken.
  const alerter = (): DurableObjectStub<Alerter> => env.ALERTER.getByName(ALERTER_NAME);
  const each = <T>(
    ask: (monitor: DurableObjectStub<Monitor>, shard: number) => Promise<T>,
  ): Promise<(T | undefined)[]> =>
    Promise.all(
      MONITORS.map((name, i) => ask(env.MONITOR.getByName(name), i).catch((error: unknown) => unanswered(error))),
    );
  const alerterReader = new SnapshotReader();
  const families = shownFamilies(PROBE_KINDS, COMPILED_CONFIG.imports);
  let printed = { hash: COMPILED_CONFIG.hash, of: printedFor(COMPILED_CONFIG, families) };
  /** Where no Monitor answers in time, what was in force when one did last: runbooks are read when things are broken. */
  const rulesInForce = async (): Promise<PrintedFor> => {
    const [first] = MONITORS as [string];
    const asked = env.MONITOR.getByName(first).inForce(printed.hash).catch(unanswered);
    using deadline = startDeadline(IN_FORCE_TIMEOUT_MS, Date.now());
    const json = await orLate(asked, deadline.signal, undefined);
    if (json !== undefined) {
      const config = JSON.parse(json) as Config;
      printed = { hash: config.hash, of: printedFor(config, families) };
    }
    return printed.of;
  };
  app ??= createApp({
    versions: async () => {
      const [shards, one] = await Promise.all([
        each((monitor) => monitor.version()),
        alerter().version().catch(unanswered),
      ]);
      return { shards, alerter: one };
    },
    snapshots: async () => {
      const [shards, one] = await Promise.all([
        each(async (monitor, shard) => {
          const reader = readers[shard] as SnapshotReader;
          return reader.accept(await monitor.read(reader.structure));
        }),
        alerter()
          .read(alerterReader.structure)
          .then((wire) => alerterReader.accept(wire))
          .catch(unanswered),
      ]);
      return { shards, alerter: one };
    },
    health: () => each((monitor) => monitor.report()),
    families,
    rules: rulesInForce,
    push: {
      targets: pushTargets(COMPILED_CONFIG.targets),
      imports: COMPILED_CONFIG.imports ?? [],
      secret: (name) => secretOf(env, name),
      deliver: (target, batch) =>
        env.MONITOR.getByName(monitorName(shardOf(target, COMPILED_CONFIG.shards))).push(target, batch),
      report: unanswered,
    },
    metricsPublic: COMPILED_CONFIG.metrics.public || COMPILED_CONFIG.local,
    metricsToken: () => secrets.METRICS_TOKEN,
    adminToken: () => secrets.ADMIN_TOKEN,
    local: COMPILED_CONFIG.local,
    notify: COMPILED_CONFIG.notify ?? DEFAULT_NOTIFY,
    alerting: {
      alerts: (which) => alerter().alerts(which),
      silences: () => alerter().silences(),
      putSilence: (silence) => alerter().putSilence(silence),
      expireSilence: (id) => alerter().expireSilence(id),
      acknowledge: (ref, by, comment) => alerter().acknowledge(ref, by, comment),
      drill: (labels, by) => alerter().drill(labels, by),
      incidents: () => alerter().incidents(),
      deadLetters: () => alerter().deadLetters(),
    },
    created: COMPILED_CONFIG.metrics.created,
    gridMs: COMPILED_CONFIG.gridMs,
    now: () => Date.now(),
    report: (error) => console.error(`bug in a request: ${bugTrace(error)}`),
  });
  return app;
}

function unanswered(error: unknown): undefined {
  console.error(`a Durable Object gave no answer: ${bugTrace(error)}`);
  return undefined;
}

export default {
  fetch(request, env, ctx) {
    return appOf(env).fetch(request, env, ctx);
  },

  async scheduled(controller, env) {
    const time = Number(controller.scheduledTime);
    const override = await readOverride(env.KV, LONGEST_OVERRIDE);
    const wakes = MONITORS.map((name) => env.MONITOR.getByName(name).wake(time, override));
    // At once and not after the ticks: what is due there must not wait for a Monitor that hangs.
    const woken = [...wakes, env.ALERTER.getByName(ALERTER_NAME).tick()];
    for (const wake of await Promise.allSettled(woken)) if (wake.status === "rejected") unanswered(wake.reason);
  },
} satisfies ExportedHandler<Env>;
