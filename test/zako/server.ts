import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { BlobStore } from "./blob-store.ts";
import { Connections } from "./connections.ts";
import { createControl } from "./control.ts";
import { Counters } from "./counters.ts";
import { ActiveFaults } from "./faults/active-faults.ts";
import { HealthBoard } from "./health.ts";
import { Inside } from "./inside/inside.ts";
import { Metrics } from "./metrics.ts";
import { createServices, type TransportAuth } from "./services.ts";
import { createWire } from "./wire.ts";
import type { Zako, ZakoOptions } from "./zako.ts";

export type { Zako, ZakoOptions } from "./zako.ts";

/** Starts a Zako that keeps its contract, until a fault is switched on. */
export async function startZako(options: ZakoOptions = {}): Promise<Zako> {
  const { host = "127.0.0.1" } = options;
  const faults = new ActiveFaults();
  const store = new BlobStore(options.maxStoreBytes ?? 256 * 2 ** 20, options.blobFolder);
  const health = new HealthBoard();
  const counters = new Counters();
  const connections = new Connections();
  const tokens = new Set<string>();
  const inside = new Inside(options.pools);
  const maxBlobBytes = options.maxBlobBytes ?? 64 * 2 ** 20;
  let advertised = options.advertised;

  const services = createServices({
    store,
    counters,
    health,
    tokens,
    maxBlobBytes,
    advertised: () => advertised ?? { ip: host, port: 0 },
    recommendedConcurrency: options.recommendedConcurrency ?? 8,
    chunkBytes: options.chunkBytes ?? 64 * 1024,
    auth: options.auth,
    transportAuth: readTransportAuth(options.transportAuth),
    inside,
    openConnections: () => connections.snapshot().open,
    offersHealth: options.health ?? true,
    offersDiagnostics: options.diagnostics ?? true,
  });
  const wire = createWire({
    handlers: services.handlers,
    faults,
    counters,
    connections,
    // Framing and metadata come on top of the blob; one message a byte would be absurd, one a hundred bytes is allowed.
    maxRequestBytes: maxBlobBytes + maxBlobBytes / 8 + 65_536,
  });

  const metrics = new Metrics({
    state: () => zako.state(),
    recommendedConcurrency: options.recommendedConcurrency ?? 8,
    onScrape: () => counters.scrape(),
  });
  const zako: Zako = {
    url: "",
    grpcUrl: "",
    controlUrl: "",
    faults,
    store,
    health,
    metrics,
    state() {
      const { received, sent, ...open } = connections.snapshot();
      const { ip, port } = advertised ?? { ip: host, port: 0 };
      return {
        url: zako.url,
        grpcUrl: zako.grpcUrl,
        advertisedAddress: `${ip.includes(":") ? `[${ip}]` : ip}:${port}`,
        faults: faults.list(),
        blobs: { count: store.count, sizeBytes: store.sizeBytes },
        tokens: { issued: tokens.size, kept: tokens.size },
        bytes: { received, sent, uploaded: counters.uploadedBytes, downloaded: counters.downloadedBytes },
        connections: open,
        health: health.snapshot(),
        pools: inside.snapshot(),
        ...counters.snapshot(),
      };
    },
    reset() {
      faults.clear();
      store.clear();
      tokens.clear();
      health.reset();
      counters.reset();
      connections.reset();
      inside.reset();
      metrics.reset();
    },
    async close() {
      connections.cutAll();
      await Promise.all([...servers.map(stop), inside.close()]);
    },
  };

  // No timeouts: a connection that idles between two probes must never be closed under the next one.
  const web = createHttpServer(
    { keepAliveTimeout: 3_600_000, requestTimeout: 0, headersTimeout: 0 },
    metrics.before(wire),
  );
  const grpc = createHttp2Server(wire);
  const control = createHttpServer({ keepAliveTimeout: 3_600_000 }, createControl(zako));
  const servers: Server[] = [web, grpc, control];
  for (const server of [web, grpc]) connections.watch(server);
  // Broken requests are a client's business and end with its connection.
  for (const event of ["sessionError", "clientError"]) grpc.on(event, () => {});
  try {
    const ports = await Promise.all([
      listen(web, host, "--port", options.port),
      listen(grpc, host, "--grpc-port", options.grpcPort),
      listen(control, host, "--control-port", options.controlPort),
    ]);
    const [url, grpcUrl, controlUrl] = ports.map((port) => `http://${host}:${port}`) as [string, string, string];
    advertised ??= { ip: host, port: ports[1] };
    return Object.assign(zako, { url, grpcUrl, controlUrl });
  } catch (error) {
    await zako.close();
    throw error;
  }
}

function readTransportAuth(given: ZakoOptions["transportAuth"]): TransportAuth | undefined {
  if (given === null) return undefined;
  if (given === undefined) return { header: "authorization", scheme: "Bearer", required: false };
  return { required: true, ...given };
}

function listen(server: Server, host: string, flag: string, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? `port ${port} is taken; choose another with ${flag}` : error.message;
      reject(new Error(`the reference Zako cannot listen: ${why}`, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Fails only when the server never listened, and then there is nothing to stop.
    server.close(() => resolve());
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
  });
}
