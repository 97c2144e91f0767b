import type { IncomingMessage } from "node:http";
import type { OutgoingHttpHeaders } from "node:http2";

/** The request as native gRPC has it, or why the bridge does not take it. */
export type RequestHead =
  | { ok: true; headers: OutgoingHttpHeaders }
  | { ok: false; status: number; message: string; headers: Record<string, string> };

const refused = (status: number, message: string, headers: Record<string, string> = {}): RequestHead => ({
  ok: false,
  status,
  message,
  headers,
});

/** Headers that belong to one connection (RFC 9110, 7.6.1), to HTTP/1.1, or to gRPC-Web alone. */
const OURS: ReadonlySet<string> = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "te",
  "trailer",
  "expect",
  "host",
  // The length is that of a body which native gRPC frames anew.
  "content-length",
  "content-type",
  // Native gRPC negotiates neither: these describe the answer that the bridge makes of it.
  "accept",
  "accept-encoding",
  "x-grpc-web",
  "x-user-agent",
]);

const WEB = /^application\/grpc-web(\+[^;\s]+)?\s*(;.*)?$/i;

/** Turns the head of a gRPC-Web request into that of the native one. A suffix such as `+proto` is kept, as the edge does. */
export function nativeHead(request: IncomingMessage, upstream: URL): RequestHead {
  const type = WEB.exec(request.headers["content-type"] ?? "");
  if (request.method !== "POST") return refused(405, "gRPC-Web calls must use POST", { allow: "POST" });
  if (type === null) return refused(415, "the content type must be application/grpc-web or application/grpc-web+proto");
  const path = request.url ?? "";
  if (!path.startsWith("/")) return refused(400, "the target must be a path such as /package.Service/Method");
  const headers: Record<string, string | string[]> = {
    ":method": "POST",
    ":scheme": upstream.protocol.slice(0, -1),
    ":authority": upstream.host,
    ":path": path,
    "content-type": `application/grpc${type[1] ?? ""}${type[2] ?? ""}`,
    te: "trailers",
  };
  const named = (request.headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined || OURS.has(name) || named.includes(name)) continue;
    headers[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return { ok: true, headers };
}
