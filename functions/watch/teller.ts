import { bugTrace } from "../lib/bug-trace.ts";
import type { Alert, AlertRef, Intake, IntakeAnswer, Resolve } from "../model/alert.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { Head } from "../store/head.ts";
import { ShelfRows } from "../store/shelf-rows.ts";
import type { HeadStorage, WriteRow } from "../store/write-row.ts";
import type { RuleKeeper, RuleOutcome } from "./rule-keeper.ts";

/** The Alerter as a Monitor sees it. Both calls may reject; then they are made again with the next tick. */
export interface AlerterPort {
  /** Generation that this Monitor belongs to. */
  generation(): number;
  tell(intake: Intake): Promise<IntakeAnswer>;
  /** What the Alerter holds as firing for the targets of a shard: for an owner that has no state of its own yet. */
  seed(shard: number): Promise<readonly Alert[]>;
}

/** How long an answer is waited for. */
export const INTAKE_TIMEOUT_MS = 10_000;
/** A lost connection is tried again at once, since the Alerter may just have been moved; all else waits for a tick. */
const TRIES = 2;

/** What is stored of the intake. */
interface IntakeMeta {
  /** Of the newest intake. */
  sequence: number;
  /** Generation in which what fires was taken over from the Alerter. */
  seededFor: number;
}

/** What a teller is made of. */
export interface TellerSurroundings {
  storage: HeadStorage;
  head: Head;
  rules: RuleKeeper;
  /** Absent where nobody is to be told. */
  alerter: AlerterPort | undefined;
  shard: number;
  /** Epoch ms. */
  now: () => number;
  /** Aborts at the given epoch ms. */
  signalAt: (at: number) => AbortSignal;
  /** Called when the Alerter says that another generation is in force. */
  onRefused: (generation: number) => void;
  log: (event: WatchEvent) => void;
}

/**
 * Tells the Alerter what fires after each commit. Resolves are stored with the tick that made them and sent again until
 * they are acknowledged; a number that goes up by one with each tick lets the Alerter drop what comes late or twice.
 */
export class Teller {
  readonly #of: TellerSurroundings;
  readonly #resolves: ShelfRows<Resolve>;
  #latest: { firing: readonly Alert[]; slot: number } | undefined;
  #isWanted = false;
  #sending: Promise<void> | undefined;

  constructor(of: TellerSurroundings) {
    this.#of = of;
    this.#resolves = new ShelfRows(of.storage, "rule_resolve");
  }

  /** Takes an evaluation, right before its commit. */
  note({ firing, resolved }: RuleOutcome, slot: number): void {
    if (this.#of.alerter === undefined) return;
    for (const resolve of resolved) this.#resolves.shelf.set(keyOf(resolve), resolve);
    this.#latest = { firing, slot };
    const { head } = this.#of;
    const { sequence, seededFor } = metaOf(head);
    head.meta = { ...head.meta, intake: { sequence: sequence + 1, seededFor } satisfies IntakeMeta };
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#resolves.write(writeRow);
  }

  /** Resolves that no Alerter has acknowledged. */
  get owed(): number {
    return this.#resolves.shelf.size;
  }

  /** Resolves when nothing is being sent. */
  idle(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  /** Sends what was committed last; resolves when that is over, well or not. Never rejects, and never sends two at once. */
  send(): Promise<void> {
    if (this.#of.alerter === undefined || this.#latest === undefined) return Promise.resolve();
    this.#isWanted = true;
    this.#sending ??= this.#sendAll(this.#of.alerter).finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(alerter: AlerterPort): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        await this.#seed(alerter);
        await this.#sendOne(alerter);
      } catch (error) {
        this.#of.log({ event: "error", place: "intake", error: bugTrace(error) });
      }
    }
  }

  /** A Monitor that is new to its targets first learns what fires, so that it can say when that ends. */
  async #seed(alerter: AlerterPort): Promise<void> {
    const { head, rules, shard } = this.#of;
    const generation = alerter.generation();
    if (metaOf(head).seededFor === generation) return;
    rules.adopt(await this.#patiently(() => alerter.seed(shard)));
    head.meta = { ...head.meta, intake: { ...metaOf(head), seededFor: generation } satisfies IntakeMeta };
  }

  async #sendOne(alerter: AlerterPort): Promise<void> {
    const { head, shard, onRefused } = this.#of;
    const { firing, slot } = this.#latest as { firing: readonly Alert[]; slot: number };
    const generation = alerter.generation();
    const resolved = [...this.#resolves.shelf.all()].map(([, resolve]) => resolve);
    const intake: Intake = { shard, generation, sequence: metaOf(head).sequence, slot, firing, resolved };
    const answer = await this.#patiently(() => alerter.tell(intake));
    if (!answer.ok) {
      this.#of.log({ event: "error", place: "intake", error: `${answer.why}: ${answer.generation} is in force` });
      onRefused(answer.generation);
    } else for (const ref of answer.acknowledged) this.#resolves.shelf.delete(keyOf(ref));
  }

  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let left = TRIES - 1; ; left--) {
      const asked = ask();
      try {
        const answer = await Promise.race([asked, lateAt(this.#of.signalAt(this.#of.now() + INTAKE_TIMEOUT_MS))]);
        if (answer !== LATE) return answer as T;
      } catch (error) {
        if (left > 0) continue;
        throw error;
      }
      throw new Error(`The Alerter has not answered within ${INTAKE_TIMEOUT_MS} ms.`);
    }
  }
}

const LATE = Symbol("late");

const lateAt = (signal: AbortSignal): Promise<typeof LATE> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(LATE);
    else signal.addEventListener("abort", () => resolve(LATE), { once: true });
  });

const metaOf = (head: Head): IntakeMeta =>
  (head.meta["intake"] as IntakeMeta | undefined) ?? { sequence: 0, seededFor: 0 };

const keyOf = ({ fingerprint, startsAt }: AlertRef): string => `${fingerprint} ${startsAt}`;
