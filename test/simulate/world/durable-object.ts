import type { HeadStorage } from "../../../functions/store/write-row.ts";
import type { Clock, Planned } from "./clock.ts";
import type { Meter, Role } from "./meter.ts";
import { SqlStorage } from "./sql-storage.ts";

/** Thrown into whatever a dead object still does. */
export class Dead extends Error {}

/** One life of an object: from its load to its eviction or death. */
export class Life {
  isAlive = true;
  readonly #deaths = new Set<() => void>();
  /** Awaits and commits that are left before it dies of itself; undefined: it does not. */
  #pointsLeft: number | undefined;

  /** Kills it at the so-many-th await or commit from now. */
  dieAfter(points: number): void {
    this.#pointsLeft = points;
  }

  /** A place at which an object may die. Throws where it is dead. */
  point(): void {
    this.check();
    if (this.#pointsLeft === undefined || --this.#pointsLeft > 0) return;
    this.end();
    throw new Dead("It dies here.");
  }

  check(): void {
    if (!this.isAlive) throw new Dead("This object is dead.");
  }

  onDeath(tell: () => void): () => void {
    this.#deaths.add(tell);
    return () => this.#deaths.delete(tell);
  }

  end(): void {
    this.isAlive = false;
    for (const tell of [...this.#deaths]) tell();
    this.#deaths.clear();
  }

  /** What something outside comes to, for as long as there is somebody to hear of it: a dead object waits for ever. */
  async hear<T>(work: () => Promise<T>): Promise<T> {
    this.point();
    const outcome = await work().then(
      (value) => ({ ok: true, value }) as const,
      (error: unknown) => ({ ok: false, error }) as const,
    );
    if (!this.isAlive) return new Promise<never>(() => {});
    this.point();
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }
}

/** Storage as one life of an object has it. */
export interface ObjectStorage extends HeadStorage {
  setAlarm(at: number): void;
}

/** What an object is made of in each of its lives. */
export interface ObjectParts<Core> {
  core: Core;
  alarm(core: Core): Promise<unknown>;
}

/** How the platform treats alarms: how late each one comes, ms. */
export type Lateness = () => number;

/** After a death in its alarm, the platform repeats it. */
const ALARM_RETRY_MS = 2_000;

/**
 * A Durable Object: storage that outlives it, one alarm that is never lost and never overlaps itself, and lives that end
 * whenever the script says.
 */
export class DurableObject<Core> {
  readonly sql = new SqlStorage();
  readonly #clock: Clock;
  readonly #make: (life: Life, storage: ObjectStorage) => ObjectParts<Core>;
  readonly #lateness: Lateness;
  #life: Life | undefined;
  #parts: ObjectParts<Core> | undefined;
  /** Shown time. */
  #alarmAt: number | undefined;
  #alarm: Planned | undefined;
  #isInAlarm = false;
  lives = 0;
  /** How often an alarm was set: each is a row that the platform writes. */
  alarmsSet = 0;
  onDeath: () => void = () => {};
  /** Counts its invocations, where somebody wants to know. */
  metered: { meter: Meter; role: Role; name: string } | undefined;

  constructor(clock: Clock, make: (life: Life, storage: ObjectStorage) => ObjectParts<Core>, lateness: Lateness) {
    this.#clock = clock;
    this.#make = make;
    this.#lateness = lateness;
    clock.onStep(() => this.#plan());
  }

  /** The present life's core, without waking it. */
  get core(): Core | undefined {
    return this.#parts?.core;
  }

  /** Calls the object from outside. Rejects where it dies meanwhile. */
  call<T>(use: (core: Core) => T | Promise<T>, isAlarm = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let life: Life | undefined;
      try {
        life = this.#load();
      } catch (error) {
        reject(error);
        return;
      }
      const alive = life;
      const forget = alive.onDeath(() => reject(new Dead("The object died.")));
      const { core } = this.#parts as ObjectParts<Core>;
      void this.#counted(() => use(core), isAlarm)
        .then(
          (value) => alive.isAlive && resolve(value),
          (error) => alive.isAlive && reject(error),
        )
        .finally(forget);
    });
  }

  #counted<T>(work: () => T | Promise<T>, isAlarm: boolean): Promise<T> {
    const { metered } = this;
    if (metered === undefined) return (async () => work())();
    return metered.meter.invoke(metered.role, metered.name, work, isAlarm);
  }

  /** Sets the alarm from outside of the object's own code, as its shell does; shown time. */
  setAlarm(at: number): void {
    this.alarmsSet++;
    this.#alarmAt = at;
    this.#plan();
  }

  /** Ends the present life. Nothing that it still does reaches storage or anybody. */
  kill(): void {
    const life = this.#life;
    this.#life = undefined;
    this.#parts = undefined;
    if (life?.isAlive === true) life.end();
  }

  /** Kills the present life at one of its next awaits or commits. */
  dieSoon(points: number): void {
    this.#life?.dieAfter(points);
  }

  close(): void {
    this.kill();
    this.#alarm?.cancel();
    this.sql.close();
  }

  #load(): Life {
    if (this.#life?.isAlive === true) return this.#life;
    const life = new Life();
    this.lives++;
    this.#life = life;
    life.onDeath(() => {
      this.onDeath();
      if (this.#life !== life) return;
      this.#life = undefined;
      this.#parts = undefined;
    });
    this.#parts = this.#make(life, this.#storageOf(life));
    return life;
  }

  #storageOf(life: Life): ObjectStorage {
    const { sql } = this;
    return {
      sql: {
        exec: (query, ...bindings) => {
          life.check();
          return sql.exec(query, ...bindings);
        },
      },
      transactionSync: (work) => {
        life.point();
        const result = sql.transactionSync(() => {
          const done = work();
          life.point();
          return done;
        });
        life.point();
        return result;
      },
      setAlarm: (at) => {
        if (life.isAlive) this.setAlarm(at);
      },
    };
  }

  #plan(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#alarmAt === undefined || this.#isInAlarm) return;
    const at = this.#clock.trueTimeOf(this.#alarmAt);
    this.#alarm = this.#clock.plan(Math.max(at, this.#clock.at) + this.#lateness(), () => void this.#fire());
  }

  async #fire(): Promise<void> {
    this.#isInAlarm = true;
    this.#alarmAt = undefined;
    try {
      await this.call(() => (this.#parts as ObjectParts<Core>).alarm((this.#parts as ObjectParts<Core>).core), true);
    } catch {
      const again = this.#clock.now() + ALARM_RETRY_MS;
      this.#alarmAt = Math.min(this.#alarmAt ?? again, again);
    } finally {
      this.#isInAlarm = false;
      this.#plan();
    }
  }
}
