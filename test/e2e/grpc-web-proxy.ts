import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** A proxy before a Zako, as operators run Envoy. */
export interface GrpcWebProxy {
  url: string;
  /** Calls that it answered itself because the upstream was not there. */
  readonly unavailable: number;
  close(): Promise<void>;
}

/** What Envoy says of an upstream that refuses connections. */
const ENVOY_SAYS =
  "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: 111";

/**
 * Starts a proxy that forwards gRPC-Web over HTTP/1.1. While the upstream cannot be reached, it answers each call with
 * HTTP 200 and `unavailable` in the headers (trailers-only), as Envoy does.
 */
export async function startGrpcWebProxy(upstream: string, host = "127.0.0.1"): Promise<GrpcWebProxy> {
  const agent = new Agent({ keepAlive: true });
  let unavailable = 0;
  const refuse = (incoming: IncomingMessage, response: ServerResponse): void => {
    unavailable++;
    incoming.resume();
    const type = incoming.headers["content-type"] ?? "application/grpc-web+proto";
    const status = { "grpc-status": "14", "grpc-message": ENVOY_SAYS };
    response.writeHead(200, { "content-type": type, "content-length": 0, ...status }).end();
  };
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (incoming, response) => {
    const { method, headers } = incoming;
    const call = request(new URL(incoming.url ?? "/", upstream), { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      // A break in the middle reaches the client as a break.
      pipeline(answer, response, () => {});
    });
    call.on("error", () => {
      if (!response.headersSent && !response.destroyed) refuse(incoming, response);
    });
    response.once("close", () => call.destroy());
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    get unavailable() {
      return unavailable;
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
