import { bugTrace } from "../../lib/bug-trace.ts";
import { orLate, type StartDeadline } from "../../lib/deadline.ts";
import type { Alert, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer, Resolve } from "../../model/alerting/alert.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import type { Head } from "../../store/head.ts";
import { count, maybe, object, oneOf, text, time } from "../../store/shape.ts";
import { TableWriter } from "../../store/table-writer.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import type { RuleManager, RuleOutcome } from "../rules/rule-manager.ts";

/** The Alerter as a Monitor sees it. Both calls may reject; then they are made again with the next tick. */
export interface AlerterPort {
  join(request: Join): Promise<JoinAnswer>;
  tell(intake: Intake): Promise<IntakeAnswer>;
}

/** How long an answer is waited for. */
const INTAKE_TIMEOUT_MS = 10_000;
/** A lost connection is tried again at once, since the Alerter may just have been moved; all else waits for a tick. */
const TRIES = 2;

/** What is stored of the intake. */
interface IntakeMeta {
  /** Of the newest intake. */
  sequence: number;
  /** The generation that this Monitor was let in with last; 0 before the first. */
  generation: number;
  /** The generation that this deployed configuration was refused for: an evicted Monitor must not probe with it either. */
  replaced?: { config: string; by: number };
}

/** What a teller is made of. */
export interface AlertSenderContext {
  storage: HeadStorage;
  head: Head;
  rules: RuleManager;
  /** Absent where nobody is to be told. */
  alerter: AlerterPort | undefined;
  /** Who this Monitor is: its shard, and the deployed configuration, which an override does not change. */
  self: Join;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}

/**
 * Tells the Alerter what fires after each commit. Resolves are stored with the tick that made them and sent again until
 * they are acknowledged; a number that goes up by one with each tick lets the Alerter drop what comes late or twice.
 */
export class AlertSender {
  readonly #of: AlertSenderContext;
  readonly #resolves: TableWriter<Resolve>;
  #latest: Latest | undefined;
  #isWanted = false;
  #isJoined = false;
  #replacedBy: number | undefined;
  #sending: Promise<void> | undefined;

  constructor(of: AlertSenderContext) {
    this.#of = of;
    this.#resolves = new TableWriter(of.storage, "rule_resolve", isValid);
    const { replaced } = metaOf(of.head);
    if (replaced?.config === of.self.config) this.#replacedBy = replaced.by;
  }

  /** What was stored and could not be read, in words. Whatever it said is over, joining finds to be over once more. */
  get unreadable(): readonly string[] {
    return this.#resolves.unreadable;
  }

  /** The generation that this Monitor was let in with last; 1 where it never was. */
  get generation(): number {
    return metaOf(this.#of.head).generation || 1;
  }

  /** The generation that is in force where this Monitor's configuration has been replaced: it must not probe. */
  get replacedBy(): number | undefined {
    return this.#replacedBy;
  }

  /** Takes an evaluation, right before its commit. */
  note({ firing, resolved }: RuleOutcome, slot: number): void {
    if (this.#of.alerter === undefined) return;
    for (const resolve of resolved) this.#resolves.table.set(keyOf(resolve), resolve);
    this.#latest = { firing, slot };
    const { sequence, generation } = metaOf(this.#of.head);
    this.#remember({ sequence: sequence + 1, generation });
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#resolves.write(writeRow);
  }

  /** Resolves that no Alerter has acknowledged. */
  get unacknowledged(): number {
    return this.#resolves.table.size;
  }

  /** Resolves when nothing is being sent. */
  idle(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  /**
   * Sends what was committed last, and asks to be let in first where need be; resolves when that is over, well or not.
   * Never rejects, and never sends two at once.
   */
  send(): Promise<void> {
    if (this.#of.alerter === undefined) return Promise.resolve();
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
        await this.#sendOne(alerter);
      } catch (error) {
        this.#of.log({ event: "error", place: "intake", error: bugTrace(error) });
      }
    }
  }

  async #sendOne(alerter: AlerterPort): Promise<void> {
    for (let left = TRIES; left > 0; left--) {
      if (!this.#isJoined && !(await this.#join(alerter))) return;
      const latest = this.#latest;
      if (latest === undefined) return;
      const answer = await this.#withDeadline(() => alerter.tell(this.#intake(latest)));
      if (answer.ok) {
        for (const ref of answer.acknowledged) this.#resolves.table.delete(keyOf(ref));
        return;
      }
      // Another generation has begun since: whether this Monitor belongs to it, joining tells.
      this.#isJoined = false;
      this.#of.log({ event: "error", place: "intake", error: `${answer.why}: ${answer.generation} is in force` });
    }
  }

  /**
   * Asks to be let in, and learns what fires by the Alerter's book: a Monitor that is new to its targets, or has lost
   * what it knew of one, could not say otherwise when that ends.
   */
  async #join(alerter: AlerterPort): Promise<boolean> {
    const { head, rules, self } = this.#of;
    const answer = await this.#withDeadline(() => alerter.join(self));
    this.#isJoined = answer.ok;
    this.#replacedBy = answer.ok ? undefined : answer.generation;
    const { sequence, generation, replaced } = metaOf(head);
    if (!answer.ok) {
      // No tick will come that could commit it.
      this.#remember({ sequence, generation, replaced: { config: self.config, by: answer.generation } });
      head.commit();
      return false;
    }
    rules.adopt(answer.alerts.filter((alert) => this.#resolves.table.find(keyOf(alert)) === undefined));
    // What was noted before must not pass for something that the Alerter has seen already.
    if (replaced !== undefined || generation !== answer.generation || sequence <= answer.sequence)
      this.#remember({ sequence: Math.max(sequence, answer.sequence + 1), generation: answer.generation });
    return true;
  }

  #intake({ firing, slot }: Latest): Intake {
    const { sequence, generation } = metaOf(this.#of.head);
    const resolved = [...this.#resolves.table.all()].map(([, resolve]) => resolve);
    return { shard: this.#of.self.shard, generation, sequence, slot, firing, resolved };
  }

  #remember(intake: IntakeMeta): void {
    const { head } = this.#of;
    head.meta = { ...head.meta, intake };
  }

  async #withDeadline<T>(ask: () => Promise<T>): Promise<T> {
    for (let left = TRIES - 1; ; left--) {
      using deadline = this.#of.startDeadline(INTAKE_TIMEOUT_MS);
      try {
        const answer = await orLate(ask(), deadline.signal, LATE);
        if (answer !== LATE) return answer as T;
      } catch (error) {
        if (left > 0) continue;
        throw error;
      }
      throw new Error(`The Alerter has not answered within ${INTAKE_TIMEOUT_MS} ms.`);
    }
  }
}

interface Latest {
  firing: readonly Alert[];
  slot: number;
}

const LATE = Symbol("late");

const isIntakeMeta = object({
  sequence: count,
  generation: count,
  replaced: maybe(object({ config: text, by: count })),
});

function metaOf(head: Head): IntakeMeta {
  const intake = head.meta["intake"];
  return isIntakeMeta(intake) ? (intake as IntakeMeta) : { sequence: 0, generation: 0 };
}

const isResolve = object({
  fingerprint: text,
  startsAt: time,
  resolvedAt: time,
  why: oneOf("recovered", "removed"),
});

const isValid = (key: string, value: unknown): boolean => isResolve(value) && keyOf(value as Resolve) === key;

const keyOf = ({ fingerprint, startsAt }: AlertRef): string => `${fingerprint} ${startsAt}`;
