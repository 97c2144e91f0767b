import type { ZakoState } from "../zako-control.ts";
import type { Call } from "./call.ts";

type Counts = Pick<
  ZakoState,
  "requests" | "started" | "unknownPaths" | "calls" | "traceparents" | "lastHeaders" | "faultsApplied"
>;

/** Everything that is counted about calls. Bytes on the wire and connections are counted by `Connections`. */
export class Counters {
  uploadedBytes = 0;
  downloadedBytes = 0;
  #answered = new Map<string, { method: string; protocol: string; code: string; count: number }>();
  /** Calls without a code, and calls without an end. A reset empties both, so that older calls count no more. */
  #unsettled = new Set<Call>();
  #inFlight = new Set<Call>();
  #counts: Omit<Counts, "requests"> = blank();

  /** A call has arrived. */
  start(call: Call, faults: readonly string[]): void {
    const counts = this.#counts;
    add(counts.started, call.method);
    this.#unsettled.add(call);
    this.#inFlight.add(call);
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

  /** The server has done all it will for a call; not `whole` when the client missed a part of the answer. */
  end(call: Call, whole: boolean): void {
    if (!this.#inFlight.delete(call)) return;
    this.#counts.calls.inFlight--;
    if (!whole) this.#counts.calls.aborted++;
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
    this.#answered.clear();
    this.#unsettled.clear();
    this.#inFlight.clear();
    this.#counts = blank();
  }
}

function blank(): Omit<Counts, "requests"> {
  return {
    started: {},
    unknownPaths: {},
    calls: { inFlight: 0, peak: 0, aborted: 0 },
    traceparents: {},
    lastHeaders: {},
    faultsApplied: {},
  };
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
