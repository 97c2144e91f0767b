import type { Alerter } from "./alerter/alerter.ts";
import { COMPILED_CONFIG } from "./config/compiled.ts";
import { LONGEST_OVERRIDE } from "./config/override.ts";
import type { AlertingPort } from "./expose/api/alerting-port.ts";
import { createApp } from "./expose/app.ts";
import type { ExpositionSource } from "./expose/metrics/exposition.ts";
import { type PrintedFor, printedFor } from "./expose/prometheus/prometheus-rules.ts";
import type { PushPorts } from "./expose/push/receiver.ts";
import { bugTrace } from "./lib/bug-trace.ts";
import { orLate, startDeadline } from "./lib/deadline.ts";
import { secretOf } from "./lib/secret-of.ts";
import { ALERTER_NAME } from "./model/alerting/alerter-state.ts";
import type { Config } from "./model/config.ts";
import { shownFamilies } from "./model/families/shown-families.ts";
import type { Family } from "./model/metric.ts";
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
  const secrets = env as { METRICS_TOKEN?: string; ADMIN_TOKEN?: string };
  const families = shownFamilies(PROBE_KINDS, COMPILED_CONFIG.imports);
  app ??= createApp({
    ...numbersOf(env),
    health: () => each(env, (monitor) => monitor.report()),
    families,
    rules: rulesInForce(env, families),
    push: pushPorts(env),
    metricsPublic: COMPILED_CONFIG.metrics.public || COMPILED_CONFIG.local,
    metricsToken: () => secrets.METRICS_TOKEN,
    adminToken: () => secrets.ADMIN_TOKEN,
    local: COMPILED_CONFIG.local,
    notify: COMPILED_CONFIG.notify ?? DEFAULT_NOTIFY,
    planned: { windows: COMPILED_CONFIG.maintenance ?? [], targets: COMPILED_CONFIG.targets },
    alerting: alertingPort(env),
    created: COMPILED_CONFIG.metrics.created,
    gridMs: COMPILED_CONFIG.gridMs,
    now: () => Date.now(),
    report: (error) => console.error(`bug in a request: ${bugTrace(error)}`),
  });
  return app;
}

/** A stub of its own for every call: one that has failed once stays broken. */
const alerterOf = (env: Env): DurableObjectStub<Alerter> => env.ALERTER.getByName(ALERTER_NAME);

/** Asks every Monitor, in the order of the shards. */
const each = <T>(
  env: Env,
  ask: (monitor: DurableObjectStub<Monitor>, shard: number) => Promise<T>,
): Promise<(T | undefined)[]> =>
  Promise.all(
    MONITORS.map((name, i) => ask(env.MONITOR.getByName(name), i).catch((error: unknown) => unanswered(error))),
  );

function numbersOf(env: Env): ExpositionSource {
  const readers = MONITORS.map(() => new SnapshotReader());
  const alerterReader = new SnapshotReader();
  return {
    versions: async () => {
      const [shards, alerter] = await Promise.all([
        each(env, (monitor) => monitor.version()),
        alerterOf(env).version().catch(unanswered),
      ]);
      return { shards, alerter };
    },
    snapshots: async () => {
      const [shards, alerter] = await Promise.all([
        each(env, async (monitor, shard) => {
          const reader = readers[shard] as SnapshotReader;
          return reader.accept(await monitor.read(reader.structure));
        }),
        alerterOf(env)
          .read(alerterReader.structure)
          .then((wire) => alerterReader.accept(wire))
          .catch(unanswered),
      ]);
      return { shards, alerter };
    },
  };
}

/** Where no Monitor answers in time, what was in force when one did last: runbooks are read when things are broken. */
function rulesInForce(env: Env, families: readonly Family[]): () => Promise<PrintedFor> {
  let printed = { hash: COMPILED_CONFIG.hash, of: printedFor(COMPILED_CONFIG, families) };
  return async () => {
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
}

const pushPorts = (env: Env): PushPorts => ({
  targets: pushTargets(COMPILED_CONFIG.targets),
  imports: COMPILED_CONFIG.imports ?? [],
  secret: (name) => secretOf(env, name),
  secrets: () => Object.keys(env).flatMap((name) => secretOf(env, name) ?? []),
  deliver: (target, batch) =>
    env.MONITOR.getByName(monitorName(shardOf(target, COMPILED_CONFIG.shards))).push(target, batch),
  report: unanswered,
});

const alertingPort = (env: Env): AlertingPort => ({
  alerts: (which) => alerterOf(env).alerts(which),
  silences: () => alerterOf(env).silences(),
  putSilence: (silence) => alerterOf(env).putSilence(silence),
  expireSilence: (id) => alerterOf(env).expireSilence(id),
  acknowledge: (ref, by, comment) => alerterOf(env).acknowledge(ref, by, comment),
  drill: (labels, by) => alerterOf(env).drill(labels, by),
  incidents: () => alerterOf(env).incidents(),
  deadLetters: () => alerterOf(env).deadLetters(),
});

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
    // First: what is due there must wait neither for KV nor for a Monitor that hangs.
    const ticked = alerterOf(env).tick();
    // Its rejection is handled below; this avoids an unhandled rejection until then.
    ticked.catch(() => {});
    const override = await readOverride(env.KV, LONGEST_OVERRIDE);
    const woken = [ticked, ...MONITORS.map((name) => env.MONITOR.getByName(name).wake(time, override))];
    for (const wake of await Promise.allSettled(woken)) if (wake.status === "rejected") unanswered(wake.reason);
  },
} satisfies ExportedHandler<Env>;
