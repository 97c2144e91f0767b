import type { Config } from "../../functions/model/config.ts";
import type { Target } from "../../functions/model/probing/target.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import type { Random } from "./world/random.ts";
import type { ReceiverMode } from "./world/receivers.ts";
import { isWebhook } from "./world/receivers.ts";
import type { Outage, Trouble } from "./world/truth.ts";
import { HOUR, MINUTE, START, type Watcher, type World } from "./world/world.ts";
import { type Ask, copyOf, type Fault, hangs } from "./zako/fault.ts";
import type { Zako } from "./zako/zako.ts";

/** How outages follow each other. */
export interface Rhythm {
  /** Time between the end of one and the start of the next, ms. */
  gapMs: readonly [low: number, high: number];
  durationMs: readonly [low: number, high: number];
}

/** Outage-dense: twenty-six a day or so. */
export const DENSE: Rhythm = { gapMs: [25 * MINUTE, 55 * MINUTE], durationMs: [4 * MINUTE, 24 * MINUTE] };

/** Nothing happens before, so that everything has been asked once. */
export const WARM_UP_MS = 40 * MINUTE;

/** What happens in a world, written before it plays. The truth is written down with it. */
export class Script {
  readonly world: World;
  readonly watcher: Watcher;
  readonly random: Random;
  /** How long it plays, ms. */
  readonly lengthMs: number;
  readonly #critical: ReadonlySet<string>;
  readonly #configs: Config[];

  constructor(world: World, watcher: Watcher, random: Random, lengthMs: number) {
    this.world = world;
    this.watcher = watcher;
    this.random = random;
    this.lengthMs = lengthMs;
    this.#configs = [world.config];
    const plans = world.config.targets.flatMap(({ probes }) => probes);
    this.#critical = new Set(plans.filter(({ critical }) => critical).map(({ kind }) => kind));
  }

  /** Of all configurations that are ever in force. */
  allTargets(): Target[] {
    return [
      ...new Map(this.#configs.flatMap(({ targets }) => targets).map((target) => [target.name, target])).values(),
    ];
  }

  get targets(): string[] {
    return this.world.config.targets.map(({ name }) => name);
  }

  /** Does something at a time since the start, ms. */
  at(atMs: number, act: () => void): void {
    this.world.clock.plan(START + atMs, act);
  }

  /** A target does not work for some time. `seenBy`: critical probes that see it; left out: found out by asking. */
  outage(target: string, atMs: number, forMs: number, fault: Fault, cause: string, seenBy?: readonly string[]): Outage {
    const zako = this.world.zako(target);
    const own = copyOf(fault);
    this.at(atMs, () => zako.faults.add(own));
    this.at(atMs + forMs, () => zako.faults.delete(own));
    const [startAt, endAt] = [START + atMs, START + atMs + forMs];
    const outage = { target, startAt, endAt, seenBy: seenBy ?? this.#seers(target, fault, zako), cause };
    this.world.truth.outages.push(outage);
    return outage;
  }

  /** Outages of a target one after the other, until the script ends. */
  outages(target: string, { gapMs, durationMs }: Rhythm, faults: Readonly<Record<string, Fault>>): void {
    const causes = Object.keys(faults);
    let atMs = WARM_UP_MS + this.random.between(0, gapMs[1]);
    for (;;) {
      const forMs = Math.round(this.random.between(...durationMs));
      if (atMs + forMs > this.lengthMs) return;
      const cause = this.random.pick(causes);
      this.outage(target, Math.round(atMs), forMs, faults[cause] as Fault, cause);
      atMs += forMs + this.random.between(...gapMs);
    }
  }

  /** A target hangs from the first minute on; nothing about it is counted. */
  hung(target: string): void {
    const { faults } = this.world.zako(target);
    faults.add(hangs);
    this.at(this.lengthMs, () => faults.delete(hangs));
    this.world.truth.ignored.add(target);
  }

  /** Something that changes runs, though the target works. */
  noise(target: string, atMs: number, forMs: number, fault: Fault): void {
    const zako = this.world.zako(target);
    this.at(atMs, () => zako.faults.add(fault));
    this.at(atMs + forMs, () => zako.faults.delete(fault));
    this.trouble("noise", atMs, forMs, target);
  }

  /** The same between vantages and all targets. */
  network(atMs: number, forMs: number, fault: Fault, kind: Trouble["kind"] = "noise"): void {
    this.at(atMs, () => this.world.network.add(fault));
    this.at(atMs + forMs, () => this.world.network.delete(fault));
    this.trouble(kind, atMs, forMs);
  }

  /** A time in which the prober's own alerts, or warnings, are right. */
  trouble(kind: Trouble["kind"], atMs: number, forMs: number, target?: string): void {
    const [startAt, endAt] = [START + atMs, START + atMs + forMs];
    this.world.truth.troubles.push({ kind, startAt, endAt, ...(target === undefined ? {} : { target }) });
  }

  receiver(endpoint: string, atMs: number, forMs: number, mode: ReceiverMode): void {
    this.at(atMs, () => this.world.receivers.set(endpoint, mode));
    this.at(atMs + forMs, () => this.world.receivers.set(endpoint, { kind: "up" }));
    this.world.truth.deaf.push({ endpoint, startAt: START + atMs, endAt: START + atMs + forMs });
  }

  /** Somebody silences a target, or announces maintenance. */
  silence(target: string, atMs: number, forMs: number, maintenance: boolean): void {
    const [startsAt, endsAt] = [START + atMs, START + atMs + forMs];
    const matchers = [{ name: "target", op: "=" as const, value: target }];
    const id = `s${this.world.truth.muted.length}`;
    const silence = { id, matchers, startsAt, endsAt, author: "ann", reason: "planned", maintenance };
    // A minute before, as people do.
    this.at(atMs - MINUTE, () => this.watcher.silence(silence));
    this.world.truth.muted.push({ target, startAt: startsAt, endAt: endsAt, maintenance });
  }

  /** Whoever is on call acknowledges a share of the pages, some minutes later. */
  acknowledges(share: number, afterMs: readonly [low: number, high: number]): void {
    const { receivers, clock, truth } = this.world;
    truth.acknowledges = true;
    const before = receivers.onDelivered;
    receivers.onDelivered = (one) => {
      before(one);
      if (one.endpoint !== "oncall/webhook" || !isWebhook(one.body) || !this.random.chance(share)) return;
      for (const { status, fingerprint, startsAt } of one.body.alerts)
        if (status === "firing")
          clock.plan(clock.at + this.random.between(...afterMs), () =>
            this.watcher.acknowledge(fingerprint, Date.parse(startsAt)),
          );
    };
  }

  /** Somebody calls the Monitors once, as a person who opens a page does. */
  wakeOnce(): void {
    this.at(MINUTE, () => this.watcher.wake());
  }

  deploy(atMs: number, config: Config): void {
    this.#configs.push(config);
    this.at(atMs, () => this.watcher.deploy(config));
  }

  push(atMs: number, text: string | null): void {
    this.at(atMs, () => this.watcher.push(text));
  }

  databaseDown(atMs: number, forMs: number): void {
    const { database } = this.world;
    this.at(atMs, () => {
      database.isDown = true;
    });
    this.at(atMs + forMs, () => {
      database.isDown = false;
    });
  }

  /** Kills an object in the midst of what it does. */
  death(atMs: number, points: number): void {
    this.at(atMs, () => this.watcher.die(points));
  }

  /** Unloads all objects, in the midst of what they do. */
  evict(atMs: number): void {
    this.at(atMs, () => this.watcher.evict());
  }

  /** The cron of the minute in which this is never comes, or comes twice. */
  cron(atMs: number, how: "missed" | "doubled"): void {
    this.world.scriptedCrons.set(START + Math.floor(atMs / MINUTE) * MINUTE, how);
  }

  clockStep(atMs: number, byMs: number): void {
    this.at(atMs, () => this.world.clock.step(byMs));
  }

  /** Times one after the other, until the script ends: each with how long it lasts. */
  *times({ gapMs, durationMs }: Rhythm): Generator<{ atMs: number; forMs: number }> {
    let atMs = WARM_UP_MS + this.random.between(0, gapMs[1]);
    for (;;) {
      const forMs = Math.round(this.random.between(...durationMs));
      if (atMs + forMs > this.lengthMs) return;
      yield { atMs: Math.round(atMs), forMs };
      atMs += forMs + this.random.between(...gapMs);
    }
  }

  #seers(target: string, fault: Fault, zako: Zako): string[] {
    const vantages = this.world.config.vantages;
    return PROBE_KINDS.map(({ kind }) => kind).filter((probe) => {
      if (!this.#critical.has(probe) || (zako.offers === "upstream" && probe === "health")) return false;
      return vantages.every((vantage) => {
        const ask: Ask = { target, probe, vantage, at: START, attempt: 0, timeoutMs: 5_000, chance: 0.5 };
        return fault(ask)?.outcome === "failed";
      });
    });
  }
}

export { HOUR, MINUTE };
