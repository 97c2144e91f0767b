import type { Zako } from "../zako/zako.ts";
import type { BenchWorker } from "./bench-worker.ts";
import type { Row } from "./row.ts";

/** What a section works with: a fresh worker and a reference Zako that holds the golden blob. */
export interface Bench {
  worker: BenchWorker;
  zako: Zako;
  /** A smoke run: everything is done once, and little of it. */
  quick: boolean;
  /** Interleaved rounds of each measurement. */
  rounds: number;
  /** A fraction of the work in a smoke run, at least 1. */
  some(count: number): number;
}

/** A group of rows that are measured together. */
export interface Section {
  name: string;
  title: string;
  run(bench: Bench): Promise<Row[]>;
}
