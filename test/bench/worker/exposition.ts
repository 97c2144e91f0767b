import { createApp } from "../../../functions/expose/app.ts";
import { SnapshotReaders } from "../../../functions/expose/metrics/snapshot-readers.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { noAlerting } from "../../expose/api/memory-alerting.ts";
import { NO_CHARTS, NO_STATUS } from "../../expose/api/no-pages.ts";
import type { BenchMonitor } from "./monitor.ts";

/** The HTTP side as `functions/worker.ts` makes it, over one simulated Monitor. */
export function exposeMonitor(monitor: () => DurableObjectStub<BenchMonitor>): ReturnType<typeof createApp> {
  const readers = new SnapshotReaders();
  const families = shownFamilies(PROBE_KINDS);
  return createApp({
    shards: 1,
    states: async (asked) => ({ shards: [await monitor().exposed(asked)], alerter: undefined }),
    snapshots: async (asked) => ({
      shards: [await readers.read(0, (known) => monitor().read(asked, known))],
      alerter: undefined,
    }),
    ofTarget: async () => undefined,
    watchedSince: async () => new Map(),
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
    status: NO_STATUS,
    charts: NO_CHARTS,
    metricsPublic: true,
    metricsToken: () => undefined,
    probeToken: () => undefined,
    probe: { targets: [], ask: async () => undefined },
    created: false,
    gridMs: 60_000,
    now: () => Date.now(),
    report: (error) => {
      throw error;
    },
  });
}
