import type { Config } from "../../functions/model/config.ts";

/** Ways to make one call; `bare` is a plain fetch that reads its body as ours does, `universal` the library's transport. */
export type Maker = "bare" | "ours" | "connect-web" | "universal";

/** What one call asks for. */
export type Question = "check" | "download" | "upload" | "negotiate";

/** Calls that the bench worker shall make. */
export interface CallsAsked {
  maker: Maker;
  question: Question;
  protocol: "connect" | "grpc-web";
  url: string;
  count: number;
  /** Hex digest and length of a blob that the server has, for `download` and `negotiate`. */
  blob: { digest: string; sizeBytes: number };
  /** Makes the contents of uploads differ from those of other rounds. */
  seed: number;
}

/**
 * How a simulated Monitor gets its samples. `fetch`: real probes of the configured URLs; `stub`: real probes against a
 * server inside the worker that answers each call after `delayMs`; `instant`: no probes, samples of a rehearsal instead.
 */
export interface MonitorAsked {
  /** Monitors of several names live side by side. */
  name: string;
  config: Config;
  probing: "fetch" | "stub" | "instant";
  delayMs?: number;
  /** Every probe runs from every vantage, whatever its kind's schedule. */
  everywhere?: boolean;
}

/** Ticks that a simulated Monitor shall run: consecutive slots from `from` (epoch ms), `stepMs` apart. */
export interface TicksAsked {
  name: string;
  from: number;
  count: number;
  stepMs: number;
  /** Whether history is shipped (to a database that takes everything) after each tick. */
  ship?: boolean;
}

/** What ticks came to. Rows are those of the Durable Object's storage, alarms among them. */
export interface TicksReport {
  runs: number;
  /** Runs that were neither well nor skipped, and how many of them each probe, outcome and reason had. */
  bad: number;
  reasons: Record<string, number>;
  lost: number;
  calls: number;
  wallMs: number;
  rows: number;
}

/** What a Monitor has stored, in bytes. */
export interface StateReport {
  seriesBytes: number;
  memoryBytes: number;
  /** Windows of rules, and the minutes that they are counted from. */
  windowBytes: number;
  minuteBytes: number;
  backlogBytes: number;
  /** Meta and the journal of the memories. */
  headBytes: number;
  largestBytes: number;
}

/** Hours of history of a fleet, written into D1 and swept. */
export interface HistoryAsked {
  targets: number;
  warmHours: number;
  hours: number;
  keepSamplesHours: number;
  keepRollupsHours: number;
}

/** Rows that D1 says it wrote during the `hours` after the warm ones, deletes included. */
export interface HistoryReport {
  rowsWritten: number;
  statements: number;
  /** Rows that the Durable Object's storage wrote for the same hours. */
  objectRows: number;
}
