import { UnusableBinding } from "../../lib/fetcher-of.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Route } from "./rpc-route.ts";
import { type End, endOfGrpcStatus, failureOfConnectError } from "./rpc-status.ts";
import { saidOf } from "./server-said.ts";

/** What the status line and headers of an answer mean. */
export type Head =
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The body decides: see `judgeError`. */
  | { readonly kind: "error" }
  | {
      readonly kind: "good";
      /** The status of gRPC-Web that the headers state: it counts if no body follows. Null where they state none. */
      readonly stated: End | null;
      /** What any body at all means, where its content type is not one that can be read. */
      readonly unreadable: Failure | null;
    };

/** Statuses with which a front end refuses a kind of call, whatever the state of the server behind it. */
const refusals: ReadonlySet<number> = new Set([400, 405, 411, 415, 464, 501, 505]);

/** Edge statuses for which no server was reached: down, timed out, unreachable, no TLS, no route. */
const unreachable: ReadonlySet<number> = new Set([521, 522, 523, 524, 525, 526, 530]);

/**
 * Judges a call that ended without headers, from what fetch threw. `make` makes the same request without sending it: a bug
 * of ours is told from a failure of the network by where it is thrown. Classes and texts do not help: a lost connection may
 * be any `Error`, and refused, reset, DNS and TLS failures look alike in workerd.
 */
export function judgeNoHeaders(
  route: Pick<Route, "protocol" | "kind">,
  error: unknown,
  signal: AbortSignal,
  make: () => void,
): Failure {
  if (signal.aborted) return failure("timeout", false);
  if (error instanceof UnusableBinding) {
    return failure("binding_missing", false, {
      message: `the binding that leads to the target cannot be used here: ${error.message}`,
      hint: "for a local run, bind another Worker of the same name under [[services]]: see docs/reaching.md",
    });
  }
  if (error instanceof Error && /too many subrequests/i.test(error.message)) {
    return failure("platform_limit", false, {
      message: "the invocation has used up its subrequests",
      hint: "use more lanes or fewer probes per minute",
    });
  }
  try {
    make();
  } catch {
    if (converts(route)) return failure("convert_refused", false);
    return failure("internal", false, {
      message: "the request could not be made",
      hint: "check the target's URL and the header that carries its token",
    });
  }
  return failure("connect", false);
}

/** Judges an interrupted body, from what reading it threw. Only one that is `encoded` can fail to be decompressed. */
export function judgeLostBody(error: unknown, signal: AbortSignal, encoded: boolean): Failure {
  if (signal.aborted) return failure("timeout", true);
  if (encoded && error instanceof TypeError && error.cause === undefined) {
    return failure("protocol", true, { message: "the answer could not be decompressed" });
  }
  return failure("truncated", true);
}

/** Judges status and headers. */
export function judgeHead(route: Route, response: Response): Head {
  const { status, headers } = response;
  const type = mediaType(headers);
  if (status >= 300 && status < 400) return failed(redirected(headers));
  if (type === "application/grpc" || type.startsWith("application/grpc+")) {
    return failed(failure("grpc_only", true, { hint: grpcOnlyHint(route) }));
  }
  const web = route.protocol !== "connect";
  const grpcStatus = web ? headers.get("grpc-status") : null;
  const stated = grpcStatus === null ? null : endOfGrpcStatus(grpcStatus, headers.get("grpc-message"));
  const statesFailure = stated !== null && stated !== "ok";
  if (status === 200 || (web && response.ok)) {
    if (route.accepts.includes(type)) return { kind: "good", stated, unreadable: null };
    return statesFailure ? { kind: "good", stated, unreadable: FOREIGN_TYPE } : failed(FOREIGN_TYPE);
  }
  // By gRPC's mapping of HTTP statuses, a status that the server states goes before that of HTTP.
  return statesFailure ? failed(stated) : { kind: "error" };
}

const FOREIGN_TYPE = failure("protocol", true, {
  message: "the content type of the answer belongs to another protocol",
  hint: "check the URL: a proxy or a web page may have answered",
});

/** Whether the body of an HTTP error can state an RPC error: in unary Connect, under the content type of its own. */
export const statesConnectError = (route: Route, headers: Headers): boolean =>
  route.protocol === "connect" && route.kind === "unary" && mediaType(headers) === "application/json";

/** A redirect, which is not followed; Cloudflare Access answers whoever shows no valid token with one. */
export function redirected(headers: Headers): Failure {
  const to = URL.parse(headers.get("location") ?? "")?.hostname ?? "";
  return failure("redirect", true, {
    hint: to.endsWith(".cloudflareaccess.com")
      ? "Cloudflare Access asks for a login: check the service token under `headers`, and that its policy is Service Auth"
      : "configure the final URL",
  });
}

/** Judges an HTTP error by its status, headers and the beginning of its body. */
export function judgeError(route: Route, response: Response, body: string): Failure {
  const { status, headers } = response;
  if (statesConnectError(route, headers)) {
    const stated = failureOfConnectError(body);
    if (stated !== null) return stated;
  }
  const edge = judgeEdge(status, headers, body);
  if (edge !== null) return edge;
  if (converts(route) && refusals.has(status)) return failure("convert_refused", true, { message: `HTTP ${status}` });
  if (status === 415 || status === 464) return failure("grpc_only", true, { hint: grpcOnlyHint(route) });
  if (status === 505 && route.kind === "bidi_streaming") return failure("bidi_needs_http2", true);
  if (status === 504) {
    return failure("timeout", true, {
      message: "HTTP 504: a gateway timed out, or the server's own deadline passed",
      httpStatus: status,
    });
  }
  const hint = hintOf(route, status);
  const message = `answered HTTP ${status} without an RPC status`;
  return failure("http_status", true, {
    message,
    httpStatus: status,
    ...saidOf(body),
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Cloudflare's own errors: statuses 520 to 530, and short bodies of the form "error code: NNNN". A 52x status that did not
 * pass through such an edge is the server's own.
 */
export function judgeEdge(status: number, headers: Headers, body: string): Failure | null {
  const code = /^\s*error code: (\d{3,4})\s*$/.exec(body)?.[1];
  const cloudflare = headers.get("server") === "cloudflare";
  if (code === undefined && !(cloudflare && status >= 520 && status <= 530)) return null;
  const answered = !unreachable.has(status);
  // 1003: an IP literal as host; 1024: an address of Cloudflare's own; 1042: another Worker of the same zone.
  if (code === "1003" || code === "1024" || code === "1042") {
    return failure("blocked_egress", false, { message: `the platform refuses to call this address (code ${code})` });
  }
  const reported = (reason: "dns" | "tls", what: string): Failure =>
    failure(reason, false, { message: `the network edge reported that ${what}`, httpStatus: status });
  if (status === 530 && code === "1016")
    return reported("dns", "the host name does not resolve (status 530, code 1016)");
  if (status === 525) return reported("tls", "the TLS handshake with the server failed (status 525)");
  if (status === 526) return reported("tls", "the server's certificate is not valid (status 526)");
  const named = code === undefined || code === String(status) ? `status ${status}` : `status ${status}, code ${code}`;
  return failure("edge", answered, {
    message: `the network edge in front of the server reported ${named}`,
    httpStatus: status,
  });
}

function converts(route: Pick<Route, "protocol" | "kind">): boolean {
  return route.protocol === "grpc" && (route.kind === "client_streaming" || route.kind === "bidi_streaming");
}

function grpcOnlyHint(route: Route): string {
  return route.protocol === "grpc"
    ? "the request was not converted to native gRPC; that works only on Cloudflare's network and through the local bridge"
    : "set protocol to grpc, or put a gRPC-Web or Connect front end before the server";
}

function hintOf(route: Route, status: number): string | undefined {
  switch (status) {
    case 400:
      return route.protocol === "connect"
        ? "a gRPC-Web server answers Connect like this: try protocol grpc-web"
        : undefined;
    case 401:
    case 403:
      return "the server or a proxy before it requires credentials: check the keys `auth`, `headers` and `basic_auth`";
    case 404:
      return "check the URL and its path prefix: this service is not served there";
    case 502:
      return route.protocol === "grpc" ? undefined : "if the server speaks only native gRPC, set protocol to grpc";
    default:
      return undefined;
  }
}

function failed(reason: Failure): Head {
  return { kind: "failed", failure: reason };
}

function mediaType(headers: Headers): string {
  const value = headers.get("content-type") ?? "";
  const end = value.indexOf(";");
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
}
