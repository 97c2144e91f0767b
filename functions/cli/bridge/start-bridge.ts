import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Failure } from "../../model/probing/failure.ts";
import { BRIDGE_TIMES, type BridgeTimes } from "./bridge-times.ts";
import { Exchange } from "./exchange.ts";
import { Upstream, type UpstreamOptions } from "./upstream.ts";

/** What a bridge may be started with. */
export interface BridgeOptions extends UpstreamOptions {
  /** Where it listens on 127.0.0.1; 0, the default, takes a free port. */
  port?: number;
  /** `BRIDGE_TIMES`, but for what is given here. */
  times?: Partial<BridgeTimes>;
}

/** A running bridge. */
export interface Bridge {
  /** The origin, http, that stands for the upstream. */
  readonly url: string;
  /** Connections to the upstream that are open now. */
  readonly sessions: number;
  /**
   * Why the newest call without an answer got none; undefined once another was answered and nobody can still be about to
   * ask. The edge would only give a number.
   */
  readonly lastFailure: Failure | undefined;
  /** Cuts all that is open and leaves no handle behind. */
  close(): Promise<void>;
}

/**
 * Does on this machine what the platform's edge does for `cf: { grpcWeb: "convert" }`: gRPC-Web over HTTP/1.1 comes in,
 * native gRPC over HTTP/2 goes out to `upstream` (an origin; http without TLS, https with), and answers come back the same
 * way. One bridge stands for one upstream, so that whoever asks keeps to plain origins.
 */
export async function startBridge(
  upstream: string,
  { port = 0, times, ...options }: BridgeOptions = {},
): Promise<Bridge> {
  const waits = { ...BRIDGE_TIMES, ...times };
  const connections = new Upstream(new URL(new URL(upstream).origin), waits, options);
  // No timeouts: a connection that idles between two probes must never be closed under the next one.
  const server = createServer(
    { keepAliveTimeout: HOUR_MS, requestTimeout: 0, headersTimeout: 0 },
    (request, response) => new Exchange(request, response, connections, waits).start(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sessions() {
      return connections.sessions;
    },
    get lastFailure() {
      return connections.lastFailure;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        connections.close();
      }),
  };
}
