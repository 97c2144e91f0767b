import { createApp } from "../../../functions/expose/app.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { SnapshotReader } from "../../../functions/model/snapshot-wire.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { noAlerting } from "../../expose/api/memory-alerting.ts";
import type { BenchMonitor } from "./monitor.ts";

/** The HTTP side as `functions/worker.ts` makes it, over one simulated Monitor. */
export function exposeMonitor(monitor: () => DurableObjectStub<BenchMonitor>): ReturnType<typeof createApp> {
  const reader = new SnapshotReader();
  const families = shownFamilies(PROBE_KINDS);
  return createApp({
    versions: async () => ({ shards: [await monitor().version()], alerter: undefined }),
    snapshots: async () => ({ shards: [reader.accept(await monitor().read(reader.structure))], alerter: undefined }),
    health: async () => [],
    families,
    push: {
      targets: [],
      imports: [],
      secret: () => undefined,
      secrets: () => [],
      deliver: () => Promise.reject(new Error("Nobody pushes here.")),
      report: () => {},
    },
    rules: async () => ({ rules: [], families: new Map(), targets: [], externalUrl: undefined }),
    ...noAlerting(),
    metricsPublic: true,
    metricsToken: () => undefined,
    created: false,
    gridMs: 60_000,
    now: () => Date.now(),
    report: (error) => {
      throw error;
    },
  });
}
