import { bugTrace } from "../../lib/bug-trace.ts";
import { orLate, type StartDeadline } from "../../lib/deadline.ts";
import type { Alert, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer, Resolve } from "../../model/alerting/alert.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import type { Head } from "../../store/head.ts";
import type { IntakeMeta } from "../../store/monitor-meta.ts";
import { type KeyedShape, object, oneOf, type Shape, text, time } from "../../store/shape.ts";
import { TableWriter } from "../../store/table-writer.ts";
import type { HeadStorage, WriteRow } from "../../store/write-row.ts";
import type { RuleManager } from "../rules/rule-manager.ts";
import type { RuleOutcome } from "../rules/rule-outcome.ts";

/** The Alerter as used by a Monitor. If a call rejects, it is repeated with the next tick. */
export interface AlerterPort {
  join(request: Join): Promise<JoinAnswer>;
  intake(intake: Intake): Promise<IntakeAnswer>;
}

/** How long an answer is waited for. */
const INTAKE_TIMEOUT_MS = 10_000;
/** A lost connection is tried again at once, since the Alerter may just have been moved; all else waits for a tick. */
const TRIES = 2;

/** What a teller is made of. */
export interface AlertSenderContext {
  storage: HeadStorage;
  head: Head;
  rules: RuleManager;
  /** Absent if there is no Alerter to send to. */
  alerter: AlerterPort | undefined;
  /** Identity of this Monitor: its shard, and the deployed configuration, which an override does not change. */
  self: Join;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}

/**
 * Sends the firing alerts to the Alerter after each commit. Resolves are stored with their tick and repeated until they are
 * acknowledged. A sequence that increases by one with each tick lets the Alerter drop late and repeated reports.
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

  /** Descriptions of unreadable stored data. Lost resolves are found again when the Monitor joins. */
  get unreadable(): readonly string[] {
    return this.#resolves.unreadable;
  }

  /** The generation that this Monitor last joined; 1 if it never joined. */
  get generation(): number {
    return metaOf(this.#of.head).generation || 1;
  }

  /** The active generation, if this Monitor's configuration has been replaced and it must not probe; otherwise undefined. */
  get replacedBy(): number | undefined {
    return this.#replacedBy;
  }

  /** Records an evaluation, right before its commit. */
  note({ firing, resolved }: RuleOutcome, slot: number): void {
    if (this.#of.alerter === undefined) return;
    for (const resolve of resolved) this.#resolves.table.set(keyOf(resolve), resolve);
    this.#latest = { firing, slot };
    const { sequence, generation } = metaOf(this.#of.head);
    this.#remember({ sequence: sequence + 1, generation });
  }

  /** Writes all changes; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#resolves.write(writeRow);
  }

  /** Resolves that are not acknowledged. */
  get unacknowledged(): number {
    return this.#resolves.table.size;
  }

  /** Settles when nothing is being sent. */
  idle(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  /**
   * Sends the last committed report, and joins first if necessary. Settles when that is done or has failed. Never rejects,
   * and never sends concurrently.
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
      const answer = await this.#withDeadline(() => alerter.intake(this.#intake(latest)));
      if (answer.ok) {
        for (const ref of answer.acknowledged) this.#resolves.table.delete(keyOf(ref));
        return;
      }
      // Another generation has started: joining tells whether this Monitor belongs to it.
      this.#isJoined = false;
      this.#of.log({
        event: "error",
        place: "intake",
        error: `${answer.why}: generation ${answer.generation} is active`,
      });
    }
  }

  /**
   * Joins, and adopts the alerts that are firing according to the Alerter: a Monitor that is new to its targets, or has lost
   * its state, could not resolve them otherwise.
   */
  async #join(alerter: AlerterPort): Promise<boolean> {
    const { head, rules, self } = this.#of;
    const answer = await this.#withDeadline(() => alerter.join(self));
    this.#isJoined = answer.ok;
    this.#replacedBy = answer.ok ? undefined : answer.generation;
    const { sequence, generation, replaced } = metaOf(head);
    if (!answer.ok) {
      // No tick will come to commit it.
      this.#remember({ sequence, generation, replaced: { config: self.config, by: answer.generation } });
      head.commit();
      return false;
    }
    rules.adopt(answer.alerts.filter((alert) => this.#resolves.table.find(keyOf(alert)) === undefined));
    // A report from before joining must not count as already sent.
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

const metaOf = ({ meta }: Head): IntakeMeta => meta.intake ?? { sequence: 0, generation: 0 };

const isResolve: Shape<Resolve> = object({
  fingerprint: text,
  startsAt: time,
  resolvedAt: time,
  why: oneOf("recovered", "removed"),
});

const isValid: KeyedShape<Resolve> = (key, value): value is Resolve => isResolve(value) && keyOf(value) === key;

const keyOf = ({ fingerprint, startsAt }: AlertRef): string => `${fingerprint} ${startsAt}`;
