import type { ZakoState } from "../zako-control.ts";
import type { Call } from "./call.ts";

type Counts = Pick<
  ZakoState,
  "requests" | "started" | "unknownPaths" | "calls" | "timings" | "traceparents" | "lastHeaders" | "faultsApplied"
>;

/** How many calls the server tells the times of: the newest. */
const TIMED_CALLS = 64;

/** Everything that is counted about calls. Bytes on the wire and connections are counted by `Connections`. */
export class Counters {
  uploadedBytes = 0;
  downloadedBytes = 0;
  /** Downloads whose blob was there, and those whose was not: the store is all in memory. */
  cacheHits = 0;
  cacheMisses = 0;
  #answered = new Map<string, { method: string; protocol: string; code: string; count: number }>();
  /** Calls without a code, and calls without an end. A reset empties both, so that older calls count no more. */
  #unsettled = new Set<Call>();
  #inFlight = new Set<Call>();
  /** When calls under way arrived, and when each piece of their answers was ready; ms of a clock that never goes back. */
  #times = new Map<Call, number[]>();
  #counts: Omit<Counts, "requests"> = blank();

  /** A call has arrived. */
  start(call: Call, faults: readonly string[]): void {
    const counts = this.#counts;
    add(counts.started, call.method);
    this.#unsettled.add(call);
    this.#inFlight.add(call);
    this.#times.set(call, [performance.now()]);
    counts.calls.inFlight++;
    counts.calls.peak = Math.max(counts.calls.peak, counts.calls.inFlight);
    counts.lastHeaders[call.method] = Object.fromEntries(call.headers);
    const traceparent = call.headers.get("traceparent");
    if (traceparent !== null) counts.traceparents[call.method] = traceparent;
    for (const name of faults) add(counts.faultsApplied, name);
  }

  /** The answer of a call is known: an RPC code, `fault`, or `http_<status>`. Only the first time counts. */
  settle(call: Call, code: string): void {
    if (!this.#unsettled.delete(call)) return;
    const protocol = call.shape === "connect-stream" ? "connect" : call.shape;
    const key = `${call.method} ${protocol} ${code}`;
    const row = this.#answered.get(key) ?? { method: call.method, protocol, code, count: 0 };
    row.count++;
    this.#answered.set(key, row);
  }

  /** A piece of the answer is ready to be written. */
  piece(call: Call): void {
    this.#times.get(call)?.push(performance.now());
  }

  /** The server has done all it will for a call; not `whole` when the client missed a part of the answer. */
  end(call: Call, whole: boolean): void {
    if (!this.#inFlight.delete(call)) return;
    this.#counts.calls.inFlight--;
    this.#noteTimes(call);
    if (!whole) this.#counts.calls.aborted++;
  }

  #noteTimes(call: Call): void {
    const { timings } = this.#counts;
    const times = [...(this.#times.get(call) ?? []), performance.now()];
    this.#times.delete(call);
    const heldMs = times.slice(1).map((at, i) => at - (times[i] as number));
    timings.push({ method: call.method, heldMs, totalMs: heldMs.reduce((sum, ms) => sum + ms, 0) });
    if (timings.length > TIMED_CALLS) timings.shift();
  }

  /** Calls under way of a service, such as `transport`. */
  underWay(service: string): number {
    return [...this.#inFlight].filter(({ method }) => method.startsWith(`${service}.`)).length;
  }

  /** Somebody reads `/metrics`. */
  scrape(): void {
    add(this.#counts.started, "metrics");
  }

  unknownPath(path: string): void {
    add(this.#counts.unknownPaths, path.slice(0, 200));
  }

  /** A copy for `GET /state`. */
  snapshot(): Counts {
    return { ...structuredClone(this.#counts), requests: [...this.#answered.values()].map((row) => ({ ...row })) };
  }

  reset(): void {
    this.uploadedBytes = 0;
    this.downloadedBytes = 0;
    this.cacheHits = 0;
    this.cacheMisses = 0;
    this.#answered.clear();
    this.#unsettled.clear();
    this.#inFlight.clear();
    this.#times.clear();
    this.#counts = blank();
  }
}

function blank(): Omit<Counts, "requests"> {
  return {
    started: {},
    unknownPaths: {},
    calls: { inFlight: 0, peak: 0, aborted: 0 },
    timings: [],
    traceparents: {},
    lastHeaders: {},
    faultsApplied: {},
  };
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
