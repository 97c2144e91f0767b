/**
 * Every reason a probe can fail for. Samples store the index, so the list is append-only: never sort, rename or remove,
 * only add at the end.
 */
export const reasons = [
  "dns",
  "connect",
  "tls",
  "timeout",
  "redirect",
  "http_status",
  "edge",
  "protocol",
  "grpc_only",
  "bidi_needs_http2",
  "rpc_canceled",
  "rpc_unknown",
  "rpc_invalid_argument",
  "rpc_deadline_exceeded",
  "rpc_not_found",
  "rpc_already_exists",
  "rpc_permission_denied",
  "rpc_resource_exhausted",
  "rpc_failed_precondition",
  "rpc_aborted",
  "rpc_out_of_range",
  "rpc_unimplemented",
  "rpc_internal",
  "rpc_unavailable",
  "rpc_data_loss",
  "rpc_unauthenticated",
  "corrupt",
  "truncated",
  "oversize",
  "missing_but_present",
  "present_but_unreadable",
  "accepted_bad_upload",
  "accepted_bad_token",
  "address_drift",
  "stale",
  "internal",
  "blocked_egress",
  "convert_refused",
  "not_serving",
  "invalid_answer",
  "slow",
  "no_blob",
  "no_token",
  "secret_missing",
  "over_budget",
  "queue_stuck",
  "gc_ineffective",
  "wrong_value",
  "conversion_failed",
  "exceptions",
  "settings_deviate",
  "disk_low",
  "platform_limit",
  "binding_missing",
  "lost",
] as const;

/** Why a probe failed: the only form in which a failure reaches metrics, storage and rules. */
export type Reason = (typeof reasons)[number];

/**
 * One failed question, in words that are safe to show: composed here, never a URL or token. Only `said` is a server's own
 * text, for receivers of alerts.
 */
export interface Failure {
  readonly reason: Reason;
  /** What happened; starts in lower case and has no full stop. */
  readonly message: string;
  /** Whether the server sent any answer. */
  readonly answered: boolean;
  /** HTTP status, if that is the reason because the answer had no RPC status. */
  readonly httpStatus?: number;
  /** What to do about it, if known. */
  readonly hint?: string;
  /** The server's own words: one printable line, without our secrets once a run has ended. Never on a public page. */
  readonly said?: string;
}

/** What each reason means. */
export const formatReason: Readonly<Record<Reason, string>> = {
  dns: "the host name does not resolve",
  connect: "no connection, or the connection was lost before an answer",
  tls: "the TLS handshake failed, or the certificate is not valid",
  timeout: "no complete answer within the deadline",
  redirect: "answered with a redirect, which is not followed",
  http_status: "answered with an HTTP error without an RPC status",
  edge: "the network edge in front of the server reported a failure",
  protocol: "the answer is not valid in the configured protocol",
  grpc_only: "the server speaks only native gRPC",
  bidi_needs_http2: "the server refuses bidirectional streams over HTTP/1.1",
  rpc_canceled: "the server answered canceled",
  rpc_unknown: "the server answered unknown",
  rpc_invalid_argument: "the server answered invalid_argument",
  rpc_deadline_exceeded: "the server answered deadline_exceeded",
  rpc_not_found: "the server answered not_found",
  rpc_already_exists: "the server answered already_exists",
  rpc_permission_denied: "the server answered permission_denied",
  rpc_resource_exhausted: "the server answered resource_exhausted",
  rpc_failed_precondition: "the server answered failed_precondition",
  rpc_aborted: "the server answered aborted",
  rpc_out_of_range: "the server answered out_of_range",
  rpc_unimplemented: "the server answered unimplemented",
  rpc_internal: "the server answered internal",
  rpc_unavailable: "the server answered unavailable",
  rpc_data_loss: "the server answered data_loss",
  rpc_unauthenticated: "the server answered unauthenticated",
  corrupt: "content does not match its digest",
  truncated: "the answer ended early",
  oversize: "the answer is larger than allowed",
  missing_but_present: "a stored blob that can be downloaded was reported missing",
  present_but_unreadable: "a blob reported present cannot be read",
  accepted_bad_upload: "an upload with wrong content was accepted",
  accepted_bad_token: "a wrong token was accepted",
  address_drift: "the advertised address differs from the expected one",
  stale: "the data is too old",
  internal: "the prober itself failed",
  blocked_egress: "the platform refuses to call this address",
  convert_refused: "the platform does not convert this kind of call to native gRPC",
  not_serving: "the health service reports that the server is not serving",
  invalid_answer: "the answer violates the contract",
  slow: "the run succeeded, but took longer than allowed",
  no_blob: "no blob is known to be stored yet",
  no_token: "no transfer token has been issued yet",
  secret_missing: "a secret that the target needs is not bound",
  over_budget: "the target's daily budget is used up",
  queue_stuck: "no thread of the worker pool took a task in time",
  gc_ineffective: "a garbage collection freed too little memory",
  wrong_value: "the engine returned a wrong value",
  conversion_failed: "the engine could not convert a context from JSON",
  exceptions: "the engine threw unexpected exceptions",
  settings_deviate: "settings differ from what the host requires",
  disk_low: "the disk is nearly full",
  platform_limit: "the prober reached a limit of its platform",
  binding_missing: "a binding that the target is reached through does not exist in this deployment",
  lost: "a stored blob is gone",
};

/** Reasons that a probe on the platform cannot find out by itself: only its edge tells them. Locally, Node tells the first two. */
export const EDGE_REASONS: ReadonlySet<Reason> = new Set(["dns", "tls", "edge", "blocked_egress", "convert_refused"]);

const indexes: ReadonlyMap<string, number> = new Map(reasons.map((reason, index) => [reason, index]));

/** The index of a reason in packed storage. */
export function reasonIndex(reason: Reason): number {
  const index = indexes.get(reason);
  if (index === undefined) throw new RangeError(`Cannot store reason "${reason}": it is not in the list of reasons`);
  return index;
}

/** The reason for a stored index. An unknown index (after a rollback) becomes `internal`. */
export function reasonAt(index: number): Reason {
  return reasons[index] ?? "internal";
}

/** The reason for an RPC status. `code` is gRPC's number, 1 to 16; any other becomes `unknown`, as gRPC requires. */
export function rpcReason(code: number): Reason {
  const known = Number.isInteger(code) && code >= 1 && code <= 16;
  return reasonAt(reasonIndex("rpc_canceled") + (known ? code : 2) - 1);
}

/** gRPC's number of an RPC status, 1 to 16; undefined for every other reason. */
export function grpcCodeOf(reason: Reason): number | undefined {
  const code = reasonIndex(reason) - reasonIndex("rpc_canceled") + 1;
  return code >= 1 && code <= 16 ? code : undefined;
}

/** Optional details of a `Failure`. */
export interface FailureDetail {
  /** Replaces the reason's default text. */
  readonly message?: string;
  readonly hint?: string;
  readonly httpStatus?: number;
  readonly said?: string;
}

/** Composes a failure; the default message is the reason's text. */
export function failure(reason: Reason, answered: boolean, detail: FailureDetail = {}): Failure {
  const { message = formatReason[reason], hint, httpStatus, said } = detail;
  return {
    reason,
    message,
    answered,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(hint === undefined ? {} : { hint }),
    ...(said === undefined ? {} : { said }),
  };
}

/** Reasons that mean that no server was reached, even if something answered. */
const UNREACHABLE: ReadonlySet<Reason> = new Set(["dns", "connect", "tls", "edge", "rpc_unavailable"]);
/** Statuses of a gateway that reached no server. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether a failure only means that the server is unreachable, and says nothing about the request itself. */
export const isUnreachable = ({ reason, answered, httpStatus }: Failure): boolean =>
  UNREACHABLE.has(reason) ||
  (reason === "timeout" && !answered) ||
  (httpStatus !== undefined && GATEWAY_STATUSES.has(httpStatus));
