import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { viewAlerts, viewSilences } from "../../../functions/alerter/alerter-view.ts";
import type { AlertingPort } from "../../../functions/expose/api/alerting-port.ts";
import { type AppPorts, createApp } from "../../../functions/expose/app.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import type { AlerterWorld } from "../../alerter/world.ts";
import { SHOWN } from "../metrics/arbitrary.ts";
import { NO_CHARTS, NO_STATUS } from "./no-pages.ts";

export const ADMIN = "admin-of-the-api-tests";
export const READER = "reader-of-the-api-tests";
export const ORIGIN = "https://watch.example";

/** The port as the Durable Object fills it, over the core of a test's Alerter. */
export const portOf = (world: AlerterWorld): AlertingPort => ({
  alerts: async (which) => viewAlerts(world.core.head(), world.core.decision().suppressed, which),
  silences: async () => viewSilences(world.core.head(), world.now),
  putSilence: async (silence) => world.core.putSilence(silence),
  expireSilence: async (id) => world.core.expireSilence(id),
  acknowledge: async (ref, by, comment) => world.core.acknowledge(ref, by, comment),
  drill: async (labels, by) => world.core.drill(labels, by),
  incidents: async () => [...world.core.head().incidents.all.values()],
  deadLetters: async () => [...world.core.head().dead.all.values()],
});

/** Everything that the app needs, with some of it as a test wants it. */
export const portsWith = (over: Partial<AppPorts> & Pick<AppPorts, "alerting">): AppPorts => ({
  shards: 1,
  states: async () => ({ shards: [{ version: "v1", mostBytes: 0 }], alerter: undefined }),
  snapshots: async () => ({ shards: [{ version: "v1", blocks: [] }], alerter: undefined }),
  ofTarget: async () => ({ version: "v1", blocks: [] }),
  watchedSince: async () => new Map(),
  health: async () => [{ lastSlot: Date.now(), since: 0 }],
  families: SHOWN,
  push: {
    targets: [],
    imports: [],
    secret: () => undefined,
    secrets: () => [],
    deliver: () => Promise.reject(new Error("Nobody pushes here.")),
    report: () => {},
  },
  probe: { targets: [], ask: async () => undefined },
  rules: async () => ({ rules: [], families: new Map(), targets: [], externalUrl: undefined }),
  status: NO_STATUS,
  charts: NO_CHARTS,
  metricsPublic: false,
  metricsToken: () => READER,
  probeToken: () => undefined,
  adminToken: () => ADMIN,
  refusedTokens: async () => {},
  local: false,
  externalUrl: ORIGIN,
  notify: DEFAULT_NOTIFY,
  planned: { windows: [], targets: [] },
  created: false,
  gridMs: 60_000,
  now: () => Date.now(),
  report: (error) => {
    throw error;
  },
  ...over,
});

/** Asks the app as a browser or a program does. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>;

export function asking(ports: AppPorts): Ask {
  const app = createApp(ports);
  return async (path, init) => app.fetch(new Request(`${ORIGIN}${path}`, init));
}

/** Every way in which a client can talk to the API. */
export const WAYS = ["Connect JSON", "Connect binary", "Connect GET JSON", "Connect GET binary", "gRPC-Web"] as const;

export interface Clients {
  alerting: Client<typeof AlertingService>;
  silences: Client<typeof SilenceService>;
}

/** The library's own clients over the app. */
export function clients(ask: Ask, way: (typeof WAYS)[number], token: string | undefined = ADMIN): Clients {
  const transport = transportOf(ask, way, token);
  return { alerting: createClient(AlertingService, transport), silences: createClient(SilenceService, transport) };
}

function transportOf(ask: Ask, way: (typeof WAYS)[number], token: string | undefined): Transport {
  const options = {
    baseUrl: ORIGIN,
    // What the transports ask of fetch for redirects is not known in workerd.
    fetch: (url: RequestInfo | URL, init?: RequestInit) =>
      ask(String(url).slice(ORIGIN.length), { ...init, redirect: "manual" }),
    interceptors: [
      (next) => (request) => {
        if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  } satisfies Parameters<typeof createConnectTransport>[0];
  if (way === "gRPC-Web") return createGrpcWebTransport(options);
  return createConnectTransport({
    ...options,
    useBinaryFormat: way.endsWith("binary"),
    useHttpGet: way.includes("GET"),
  });
}
