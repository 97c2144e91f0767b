import { COMPILED_CONFIG } from "./config/compiled.ts";
import { LONGEST_OVERRIDE } from "./config/override.ts";
import { createApp } from "./expose/app.ts";
import { printedFor } from "./expose/prometheus-rules.ts";
import { bugTrace } from "./lib/bug-trace.ts";
import { shownFamilies } from "./model/shown-families.ts";
import { pushTargets } from "./probe/push.ts";
import { PROBE_KINDS } from "./probe/registry.ts";
import { readOverride } from "./store/override-kv.ts";
import type { Monitor } from "./watch/monitor.ts";
import { monitorName, shardOf } from "./watch/shard.ts";
import { SnapshotReader } from "./watch/snapshot-wire.ts";

export { RegionProber } from "./probe/region.ts";
export { Alerter } from "./watch/alerter.ts";
export { Monitor } from "./watch/monitor.ts";

/** Names of the Monitors, by shard. */
const MONITORS = Array.from({ length: COMPILED_CONFIG.shards }, (_, shard) => monitorName(shard));

let app: ReturnType<typeof createApp> | undefined;

/** Made once per isolate, since it keeps rendered answers. */
function appOf(env: Env): ReturnType<typeof createApp> {
  const readers = MONITORS.map(() => new SnapshotReader());
  const secrets = env as { METRICS_TOKEN?: string };
  const each = <T>(
    ask: (monitor: DurableObjectStub<Monitor>, shard: number) => Promise<T>,
  ): Promise<(T | undefined)[]> =>
    Promise.all(
      MONITORS.map((name, i) => ask(env.MONITOR.getByName(name), i).catch((error: unknown) => unanswered(error))),
    );
  const families = shownFamilies(PROBE_KINDS, COMPILED_CONFIG.imports);
  app ??= createApp({
    versions: () => each((monitor) => monitor.version()),
    snapshots: () =>
      each(async (monitor, shard) => {
        const reader = readers[shard] as SnapshotReader;
        return reader.accept(await monitor.read(reader.structure));
      }),
    health: () => each((monitor) => monitor.report()),
    families,
    rules: printedFor(COMPILED_CONFIG, families),
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
    created: COMPILED_CONFIG.metrics.created,
    gridMs: COMPILED_CONFIG.gridMs,
    now: () => Date.now(),
    report: (error) => console.error(`bug in a request: ${bugTrace(error)}`),
  });
  return app;
}

function secretOf(env: Env, name: string): string | undefined {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value : undefined;
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
    for (const wake of await Promise.allSettled(wakes)) if (wake.status === "rejected") unanswered(wake.reason);
  },
} satisfies ExportedHandler<Env>;
