import { nextTurn } from "../lib/deadline.ts";

/** Work on fewer bytes than this takes far less than the 1 ms that the platform's clock resolves. */
const NOTED_BYTES = 4_096;

/**
 * The clock of one run. On the platform `Date.now()` stands still between I/O, so what is computed after one I/O would count
 * as waiting for the next. Therefore durations begin and end with I/O that was awaited, and after work on many bytes the
 * clock catches up first; the time of that work is in none of the durations.
 */
export class RunClock {
  /** Epoch ms. */
  readonly now: () => number;
  readonly #turn: () => Promise<void>;
  #ioAt: number;
  #hadIo = false;
  #workedBytes = 0;
  #workedMs = 0;

  /** `turn` resolves with a clock that is right; both default to the platform's. */
  constructor(now: () => number = Date.now, turn: () => Promise<void> = nextTurn) {
    this.now = now;
    this.#turn = turn;
    this.#ioAt = now();
  }

  /** When the newest I/O ended, epoch ms; before the first, when the clock was made. */
  get ioAt(): number {
    return this.#ioAt;
  }

  /** Notes that I/O has ended just now, and returns the time, epoch ms. */
  ioEnded(): number {
    this.#hadIo = true;
    this.#ioAt = this.now();
    return this.#ioAt;
  }

  /** Notes work on so many bytes, such as decoding or hashing. */
  worked(bytes: number): void {
    this.#workedBytes += bytes;
  }

  /** Whether there was so much work since the newest I/O that the clock must catch up before anything is timed. */
  get isBehind(): boolean {
    return this.#workedBytes >= NOTED_BYTES;
  }

  /** Whether the clock shows the time right after the run's last I/O: there was some, and hardly any work since. */
  get isRight(): boolean {
    return this.#hadIo && !this.isBehind;
  }

  /** Resolves when the clock shows the time again; the work until then counts as none of the run's I/O. */
  async catchUp(): Promise<void> {
    this.#workedBytes = 0;
    await this.#turn();
    const last = this.#ioAt;
    this.#workedMs += this.ioEnded() - last;
  }

  /** Starts to time something that consists of I/O; the result is its duration up to its newest I/O, ms. */
  start(): () => number {
    const startedAt = this.#ioAt;
    const worked = this.#workedMs;
    return () => Math.max(0, this.#ioAt - startedAt - (this.#workedMs - worked));
  }
}
