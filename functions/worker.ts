import type { Alerter } from "./alerter/alerter.ts";
import { COMPILED_CONFIG } from "./config/compiled.ts";
import { LONGEST_OVERRIDE } from "./config/override.ts";
import type { AlertingPort } from "./expose/api/alerting-port.ts";
import { type AppPorts, createApp } from "./expose/app.ts";
import { HealthCache, type HealthPorts, type KeptHealth } from "./expose/health-cache.ts";
import type { ExpositionSource } from "./expose/metrics/exposition.ts";
import { SnapshotReaders } from "./expose/metrics/snapshot-readers.ts";
import { type PrintedFor, printedFor } from "./expose/prometheus/prometheus-rules.ts";
import type { PushPorts } from "./expose/push/receiver.ts";
import { bugTrace } from "./lib/bug-trace.ts";
import { orLate, pause, startDeadline } from "./lib/deadline.ts";
import { secretOf } from "./lib/secret-of.ts";
import { ALERTER_NAME } from "./model/alerting/alerter-state.ts";
import type { Config } from "./model/config.ts";
import { shownFamilies } from "./model/families/shown-families.ts";
import type { Family } from "./model/metric.ts";
import { shardOf } from "./model/probing/placement.ts";
import type { RefusedTokens } from "./model/refused-tokens.ts";
import { SnapshotReader } from "./model/snapshot-wire.ts";
import type { Monitor, MonitorReport } from "./monitor/monitor.ts";
import { monitorName } from "./monitor/schedule/shard.ts";
import { DEFAULT_NOTIFY } from "./notify/policy/default-notify.ts";
import { pushTargets } from "./probe/kinds/push.ts";
import { PROBE_KINDS } from "./probe/kinds/registry.ts";
import { readFleetHistory } from "./store/history/read-history.ts";
import { readTargetHistory } from "./store/history/read-target-history.ts";
import { readOverride } from "./store/override-kv.ts";

export { Alerter } from "./alerter/alerter.ts";
export { Monitor } from "./monitor/monitor.ts";
export { RegionProber } from "./probe/region.ts";

/** Names of the Monitors, by shard. */
const MONITORS = Array.from({ length: COMPILED_CONFIG.shards }, (_, shard) => monitorName(shard));

const IN_FORCE_TIMEOUT_MS = 2_000;
/** How long the rules in force are taken to be what they were: runbooks are open to everybody. */
const IN_FORCE_MS = 5_000;
const HEALTH_TIMEOUT_MS = 5_000;

let app: ReturnType<typeof createApp> | undefined;

/** Made once per isolate, since it keeps rendered answers. */
function appOf(env: Env): ReturnType<typeof createApp> {
  const secrets = env as { METRICS_TOKEN?: string; PROBE_TOKEN?: string; ADMIN_TOKEN?: string };
  const families = shownFamilies(PROBE_KINDS, COMPILED_CONFIG.imports);
  const health = new HealthCache({
    ask: () => reportsOf(env),
    shared: sharedHealth(env),
    gridMs: COMPILED_CONFIG.gridMs,
    now: () => Date.now(),
    pause,
  });
  app ??= createApp({
    ...numbersOf(env),
    health: () => health.reports(),
    ofTarget: ofTarget(env),
    watchedSince: async () => {
      const shards = await each(env, (monitor) => monitor.watchedSince());
      return new Map(shards.flatMap((shard) => shard ?? []).map(({ target, since }) => [target, since]));
    },
    families,
    rules: rulesInForce(env, families),
    push: pushPorts(env),
    probe: {
      targets: COMPILED_CONFIG.targets,
      ask: (request) => monitorOf(env, request.target).probe(request).catch(unanswered),
    },
    metricsPublic: COMPILED_CONFIG.metrics.public || COMPILED_CONFIG.local,
    metricsToken: () => secrets.METRICS_TOKEN,
    probeToken: () => secrets.PROBE_TOKEN,
    adminToken: () => secrets.ADMIN_TOKEN,
    refusedTokens: (refused) => countRefusedTokens(env, refused),
    local: COMPILED_CONFIG.local,
    externalUrl: COMPILED_CONFIG.externalUrl,
    status: statusPorts(env),
    charts: {
      history: (target, range) => readTargetHistory(env.DB, target, range),
      recent: (target, from) => monitorOf(env, target).recentRuns(target, from).catch(unanswered),
    },
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

/** A Monitor that hangs must not keep whoever watches us waiting: it counts as silent. */
async function reportsOf(env: Env): Promise<(MonitorReport | undefined)[]> {
  using deadline = startDeadline(HEALTH_TIMEOUT_MS, Date.now());
  return each(env, (monitor) => orLate(monitor.report(), deadline.signal, undefined));
}

/** Shared by the isolates of one data centre; without effect on workers.dev, where each isolate asks for itself. */
function sharedHealth(env: Env): HealthPorts["shared"] {
  // Workers of one zone share the cache, and this id is of no other Worker. Nobody can ask for the name.
  const key = `https://zako-watch.internal/health/${env.MONITOR.idFromName("health")}`;
  return {
    read: async () => {
      const answer = await caches.default.match(key).catch(() => undefined);
      return answer?.json<KeptHealth>().catch(() => undefined);
    },
    write: (kept) => {
      const headers = { "cache-control": "max-age=5" };
      return caches.default.put(key, Response.json(kept, { headers })).catch(() => {});
    },
  };
}

const COUNT_TIMEOUT_MS = 1_000;

async function countRefusedTokens(env: Env, refused: readonly RefusedTokens[]): Promise<void> {
  const [first] = MONITORS as [string];
  using deadline = startDeadline(COUNT_TIMEOUT_MS, Date.now());
  await orLate(env.MONITOR.getByName(first).countRefusedTokens(refused), deadline.signal, undefined);
}

/** A stub of its own for every call: one that has failed once stays broken. */
const alerterOf = (env: Env): DurableObjectStub<Alerter> => env.ALERTER.getByName(ALERTER_NAME);

/** Asks the Monitors of these shards, all of them if not told. In the order of the shards; undefined for the others. */
const each = <T>(
  env: Env,
  ask: (monitor: DurableObjectStub<Monitor>, shard: number) => Promise<T>,
  shards?: readonly number[],
): Promise<(T | undefined)[]> =>
  Promise.all(
    MONITORS.map((name, shard) =>
      shards?.includes(shard) === false
        ? undefined
        : ask(env.MONITOR.getByName(name), shard).catch((error: unknown) => unanswered(error)),
    ),
  );

function numbersOf(env: Env): ExpositionSource {
  const readers = new SnapshotReaders();
  return {
    shards: MONITORS.length,
    states: async (asked) => {
      const [shards, alerter] = await Promise.all([
        each(env, (monitor) => monitor.exposed(asked), asked.shards),
        asked.alerter ? alerterOf(env).version().catch(unanswered) : undefined,
      ]);
      return { shards, alerter };
    },
    snapshots: async (asked) => {
      const isPart = asked.targets !== undefined || asked.families !== undefined;
      const [shards, alerter] = await Promise.all([
        each(
          env,
          (monitor, shard) => readers.read(isPart ? undefined : shard, (known) => monitor.read(asked, known)),
          asked.shards,
        ),
        asked.alerter ? readers.read("alerter", (known) => alerterOf(env).read(known)).catch(unanswered) : undefined,
      ]);
      return { shards, alerter };
    },
  };
}

const PRESENT_TIMEOUT_MS = 3_000;

const statusPorts = (env: Env): AppPorts["status"] => ({
  page: COMPILED_CONFIG.statusPage,
  targets: COMPILED_CONFIG.targets,
  present: async (families) => {
    using deadline = startDeadline(PRESENT_TIMEOUT_MS, Date.now());
    const wires = await each(env, (monitor) => orLate(monitor.read({ families }), deadline.signal, undefined));
    return wires.map((wire) => wire && new SnapshotReader().accept(wire));
  },
  history: (now, days) => readFleetHistory(env.DB, now, days),
});

/** The Monitor that watches a target, if any does. */
const monitorOf = (env: Env, target: string): DurableObjectStub<Monitor> =>
  env.MONITOR.getByName(monitorName(shardOf(target, COMPILED_CONFIG.shards)));

const ofTarget =
  (env: Env): AppPorts["ofTarget"] =>
  async (target) => {
    const wire = await monitorOf(env, target).ofTarget(target).catch(unanswered);
    return wire && new SnapshotReader().accept(wire);
  };

/** Where no Monitor answers in time, what was in force when one did last: runbooks are read when things are broken. */
function rulesInForce(env: Env, families: readonly Family[]): () => Promise<PrintedFor> {
  let printed = { hash: COMPILED_CONFIG.hash, of: printedFor(COMPILED_CONFIG, families) };
  let askedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Math.abs(Date.now() - askedAt) < IN_FORCE_MS) return printed.of;
    const [first] = MONITORS as [string];
    const asked = env.MONITOR.getByName(first).inForce(printed.hash).catch(unanswered);
    using deadline = startDeadline(IN_FORCE_TIMEOUT_MS, Date.now());
    const json = await orLate(asked, deadline.signal, undefined);
    askedAt = Date.now();
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
  deliver: (target, batch) => monitorOf(env, target).push(target, batch),
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
