/** What the reference Zako says about itself at `GET /state` of its control API. */
export interface ZakoState {
  /** gRPC-Web and Connect over HTTP/1.1. */
  url: string;
  /** Native gRPC, Connect and gRPC-Web over HTTP/2 without TLS. */
  grpcUrl: string;
  /** `ip:port` that GetTransportDetails hands out. */
  advertisedAddress: string;
  faults: ActiveFault[];
  /** How many calls each fault was applied to, since the start or the last reset. */
  faultsApplied: Record<string, number>;
  blobs: { count: number; sizeBytes: number };
  /** One token per GetTransportDetails, kept for ever, as in the real server. */
  tokens: { issued: number; kept: number };
  /** Calls that were answered, by what the service itself decided; `fault` where a fault answered in its place. */
  requests: { method: string; protocol: string; code: string; count: number }[];
  /** Calls that arrived, answered or not, by method. */
  started: Record<string, number>;
  /** Requests to paths that are no RPC, such as the place a redirect points to. */
  unknownPaths: Record<string, number>;
  /** On the wire, headers included; and blob bytes alone. */
  bytes: { received: number; sent: number; uploaded: number; downloaded: number };
  connections: { open: number; peak: number; total: number };
  /** `aborted`: the client left before the answer was whole. */
  calls: { inFlight: number; peak: number; aborted: number };
  /**
   * How long the server held the newest calls, in the order in which they ended: `heldMs` before each piece of the answer
   * (the first with the headers) and before its end, `totalMs` from the call's arrival to the end.
   */
  timings: { method: string; heldMs: number[]; totalMs: number }[];
  /** The last `traceparent` header of each method. */
  traceparents: Record<string, string>;
  /** All headers of the last request of each method, names in lower case. */
  lastHeaders: Record<string, Record<string, string>>;
  /** Worker pools by name; the last two since the start or the last reset. */
  pools: Record<
    string,
    { activeThreads: number; busyThreads: number; queueLength: number; idleTimeouts: number; gcRuns: number }
  >;
  /** Name of the health service's answer per service name; `""` is the whole server. */
  health: Record<string, string>;
}

/** A fault that is switched on. */
export interface ActiveFault {
  name: string;
  params: FaultParams;
  /** The only method it acts on, such as `transport.Download`, or a whole service, such as `cas`. */
  method?: string;
  /** How many more calls it acts on. */
  times?: number;
  /** Share of the calls it acts on, 0 to 1. */
  probability?: number;
}

/** Parameters of a fault by name; what each fault knows is in `GET /faults`. */
export type FaultParams = Record<string, string | number>;

/** Where a fault acts; absent means everywhere, always. */
export interface FaultScope {
  method?: string;
  times?: number;
  probability?: number;
}

/** Switches a fault on; one that is on with the same `method` is replaced. The scope may stand among the parameters. */
export async function setFault(
  controlUrl: string,
  name: string,
  params: FaultParams = {},
  scope: FaultScope = {},
): Promise<ActiveFault> {
  return (await ask(controlUrl, "POST", "/faults", JSON.stringify({ name, params, ...scope }))) as ActiveFault;
}

/** Switches one fault off, or all of them. */
export async function clearFaults(controlUrl: string, name?: string): Promise<void> {
  await ask(controlUrl, "DELETE", name === undefined ? "/faults" : `/faults/${encodeURIComponent(name)}`);
}

/** Counters, faults and blobs of the server. */
export async function state(controlUrl: string): Promise<ZakoState> {
  return (await ask(controlUrl, "GET", "/state")) as ZakoState;
}

/** Stores a blob and answers with its name. */
export async function putBlob(
  controlUrl: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ hex: string; sizeBytes: number }> {
  return (await ask(controlUrl, "PUT", "/blobs", bytes)) as { hex: string; sizeBytes: number };
}

/** Removes a blob by the hex of its BLAKE3; says whether it was there. */
export async function removeBlob(controlUrl: string, hex: string): Promise<boolean> {
  return ((await ask(controlUrl, "DELETE", `/blobs/${hex}`)) as { removed: boolean }).removed;
}

/** Sets what the health service says about a service (`""` is the whole server). */
export async function setHealth(controlUrl: string, service: string, status: string): Promise<void> {
  await ask(controlUrl, "PUT", "/health", JSON.stringify({ service, status }));
}

/** Makes `GET /metrics` misbehave in one way; without a name it is honest again. What there is: test/zako/metrics-faults.ts. */
export async function setMetricsFault(
  controlUrl: string,
  name?: string,
  rest: { body?: string; contentType?: string } = {},
): Promise<void> {
  await ask(controlUrl, "PUT", "/metrics", JSON.stringify(name === undefined ? null : { name, ...rest }));
}

/** Back to the state of a fresh server: no faults, blobs or tokens, counters at 0. */
export async function reset(controlUrl: string): Promise<void> {
  await ask(controlUrl, "POST", "/reset");
}

async function ask(
  controlUrl: string,
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<unknown> {
  const response = await fetch(new URL(path, controlUrl), body === undefined ? { method } : { method, body });
  const text = await response.text();
  // The API refuses in whole sentences.
  if (!response.ok) throw new Error(text.trim());
  return JSON.parse(text);
}
