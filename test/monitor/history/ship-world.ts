import { env } from "cloudflare:workers";
import { type ShipPort, Shipper, type ShipReport } from "../../../functions/monitor/history/ship.ts";
import type { DEFAULT_LIMITS } from "../../../functions/monitor/history/ship-plan.ts";
import { SampleBacklog } from "../../../functions/store/history/history-backlog.ts";
import type { HistoryRow } from "../../../functions/store/history/history-row.ts";
import { type StoredSample, unpackSamples } from "../../../functions/store/history/sample-block.ts";
import { type WriteResult, writeHours } from "../../../functions/store/history/write-history.ts";
import { EPOCH, sampleKey } from "../../store/history/samples.ts";
import { Deadlines } from "../deadlines.ts";

/** How D1 behaves: `lost`: it writes, but the answer does not arrive. `hung`: no answer, and it may write much later. */
export type D1Mode = "works" | "refuses" | "lost" | "hung";

/** A Monitor's storage and a real D1 under a simulated clock, with everything that can go wrong between them. */
export class ShipWorld {
  readonly backlog: SampleBacklog;
  readonly committed = new Map<string, StoredSample>();
  readonly limits: typeof DEFAULT_LIMITS;
  mode: D1Mode = "works";
  now = EPOCH;
  slot = EPOCH;
  generation = 1;
  rowsWritten = 0;
  #hung: (readonly HistoryRow[])[] = [];
  readonly deadlines = new Deadlines();
  #deadline = new AbortController();
  #dying: { writes: number; dead: () => void } | undefined;
  #shipper: Shipper;

  constructor(storage: DurableObjectStorage, limits: typeof DEFAULT_LIMITS) {
    this.backlog = new SampleBacklog(storage);
    this.limits = limits;
    this.#shipper = this.#start();
  }

  /** Runs the slot `minutes` after the last one: its samples are committed, and nothing comes for earlier slots. */
  tick(minutes: number, samplesOf: (slot: number) => StoredSample[]): void {
    this.slot = Math.max(this.slot, this.now - (this.now % 60_000)) + minutes * 60_000;
    this.now = this.slot + 5000;
    this.commit(samplesOf(this.slot));
  }

  commit(samples: readonly StoredSample[]): void {
    const { refused } = this.backlog.append(`0:${this.generation}`, samples);
    if (refused > 0) throw new Error(`${refused} samples of open slots were refused`);
    for (const sample of samples) this.committed.set(sampleKey(sample), sample);
  }

  async ship(): Promise<ShipReport> {
    this.#deadline = new AbortController();
    const report = await this.#shipper.ship(this.slot);
    if ("rowsWritten" in report) this.rowsWritten += report.rowsWritten;
    return report;
  }

  /** The object dies at its next write but `writes`, which is carried out later or never. */
  async dieShipping(writes: number): Promise<void> {
    const dead = Promise.withResolvers<void>();
    this.#dying = { writes, dead: dead.resolve };
    await Promise.race([this.ship(), dead.promise]);
    this.#dying = undefined;
    this.restart();
  }

  /** Memory is lost, storage is not. */
  restart(): void {
    this.#shipper = this.#start();
  }

  /** Every write that hung or died with its object is carried out now. */
  async late(): Promise<void> {
    for (const rows of this.#hung.splice(0)) await writeHours(env.DB, rows);
  }

  #start(): Shipper {
    const port: ShipPort = {
      backlog: this.backlog,
      now: () => this.now,
      startDeadline: () => this.deadlines.startWith(this.#deadline),
      write: (rows) => this.#write(rows),
    };
    return new Shipper(port, 0, this.limits);
  }

  async #write(rows: readonly HistoryRow[]): Promise<WriteResult> {
    if (this.#dying !== undefined && this.#dying.writes-- === 0) {
      this.#hung.push(rows);
      this.#dying.dead();
      return new Promise(() => {});
    }
    if (this.mode === "refuses") return { ok: false, failure: "overloaded", rowsWritten: 0, statements: 0 };
    if (this.mode === "hung") {
      this.#hung.push(rows);
      this.#deadline.abort();
      return new Promise(() => {});
    }
    const result = await writeHours(env.DB, rows);
    if (this.mode === "works" || !result.ok) return result;
    return { ok: false, failure: "unreachable", rowsWritten: 0, statements: 0 };
  }
}

/** Every sample that stands in D1, in whatever row. */
export async function samplesInHistory(): Promise<StoredSample[]> {
  const { results } = await env.DB.prepare("SELECT samples FROM history").all<{ samples: number[] }>();
  return results.flatMap(({ samples }) => {
    const unpacked = unpackSamples(Uint8Array.from(samples));
    if (!unpacked.ok) throw new Error(unpacked.error);
    return unpacked.samples;
  });
}
