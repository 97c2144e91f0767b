import {
  create,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { version } from "../../lib/version.ts";
import type { Protocol } from "../../model/probing/protocol.ts";
import { encodeFrames } from "./rpc-frame.ts";

/** URL and protocol of a service. Plain data; treat it as immutable, because routes are cached by identity. */
export interface Endpoint {
  /** Scheme, host and optional path prefix, without a trailing slash. */
  readonly baseUrl: string;
  readonly protocol: Protocol;
  /** Headers for every call, with lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A method of any of the four kinds. */
export type Method<I extends DescMessage = DescMessage, O extends DescMessage = DescMessage> =
  | DescMethodUnary<I, O>
  | DescMethodClientStreaming<I, O>
  | DescMethodServerStreaming<I, O>
  | DescMethodBiDiStreaming<I, O>;

/** Everything about calling a method of an endpoint that is the same for all calls. */
export interface Route {
  readonly url: string;
  readonly protocol: Protocol;
  readonly kind: Method["methodKind"];
  /** Whether bodies are sequences of frames: always, except in unary Connect. */
  readonly framed: boolean;
  /** Whether the answer is exactly one message. */
  readonly single: boolean;
  /** Media types allowed in successful answers. */
  readonly accepts: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly init: RequestInit & { cf?: { grpcWeb: "convert" } };
}

const routes = new WeakMap<Endpoint, Map<Method, Route>>();

/** The route to a method, built on first use. */
export function routeOf(endpoint: Endpoint, method: Method): Route {
  let known = routes.get(endpoint);
  if (known === undefined) {
    known = new Map();
    routes.set(endpoint, known);
  }
  let route = known.get(method);
  if (route === undefined) {
    route = buildRoute(endpoint, method);
    known.set(method, route);
  }
  return route;
}

function buildRoute(endpoint: Endpoint, method: Method): Route {
  const { protocol } = endpoint;
  const web = protocol !== "connect";
  const unary = method.methodKind === "unary";
  const contentType = contentTypeOf(protocol, unary);
  const headers: Record<string, string> = {
    ...endpoint.headers,
    "content-type": contentType,
    "user-agent": `zako-watch/${version}`,
    // The size of a compressed answer would be hidden by the platform's decompression.
    "accept-encoding": "identity",
  };
  if (web) {
    headers["x-grpc-web"] = "1";
    headers["x-user-agent"] = `zako-watch/${version}`;
  } else {
    headers["connect-protocol-version"] = "1";
  }
  const init = { method: "POST", redirect: "manual" } as const;
  return {
    url: `${endpoint.baseUrl}/${method.parent.typeName}/${method.name}`,
    protocol,
    kind: method.methodKind,
    framed: web || !unary,
    single: unary || method.methodKind === "client_streaming",
    accepts: web ? ["application/grpc-web", "application/grpc-web+proto"] : [contentType],
    headers,
    init: protocol === "grpc" ? { ...init, cf: { grpcWeb: "convert" } } : init,
  };
}

function contentTypeOf(protocol: Protocol, unary: boolean): string {
  switch (protocol) {
    case "connect":
      return unary ? "application/proto" : "application/connect+proto";
    case "grpc-web":
      return "application/grpc-web+proto";
    case "grpc":
      // The edge forwards a "+proto", and some native servers refuse it.
      return "application/grpc-web";
  }
}

/** Headers that a single call adds to its route's. */
export interface CallHeaders {
  readonly traceparent?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers of one call with `remainingMs` to go; the protocols allow 8 (gRPC) and 10 (Connect) digits of timeout. */
export function requestHeaders(route: Route, own: CallHeaders, remainingMs: number): Record<string, string> {
  const headers: Record<string, string> = { ...route.headers, ...own.headers };
  const timeoutMs = Math.min(Math.max(Math.floor(remainingMs), 1), 99_999_999);
  if (route.protocol === "connect") headers["connect-timeout-ms"] = String(timeoutMs);
  else headers["grpc-timeout"] = `${timeoutMs}m`;
  if (own.traceparent !== undefined) headers["traceparent"] = own.traceparent;
  return headers;
}

/** All request messages as one body. Throws for a message that cannot be encoded. */
export function encodeRequests<I extends DescMessage>(
  route: Route,
  method: Method<I>,
  requests: readonly MessageInitShape<I>[],
): Uint8Array<ArrayBuffer> {
  const encoded = requests.map((request) => toBinary(method.input, create(method.input, request)));
  if (route.framed) return encodeFrames(encoded);
  const [only] = encoded;
  if (only === undefined || encoded.length !== 1) {
    throw new RangeError(`Cannot call ${method.name}: a unary call takes 1 request, not ${encoded.length}`);
  }
  return only;
}
