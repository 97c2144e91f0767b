import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { Config } from "../../../functions/model/config.ts";
import { chanceOf } from "../world/random.ts";
import { HOUR, MINUTE, START, type Watcher, type World } from "../world/world.ts";
import { PlainSender } from "./plain-sender.ts";

const SCRAPE_MS = 15_000;
const EVALUATION_MS = 15_000;
const FOR_MS = MINUTE;
const GROUP_WAIT_MS = 30_000;
const GROUP_INTERVAL_MS = 5 * MINUTE;
const REPEAT_MS = 4 * HOUR;
const TIMEOUT_MS = 9_500;

interface Alerting {
  pendingSince: number | undefined;
  isFiring: boolean;
}

interface Group {
  /** What receivers were told last. */
  sentFiring: boolean;
  sentAt: number;
  isWaiting: boolean;
}

/**
 * A model of blackbox_exporter, Prometheus (`for: 1m`) and Alertmanager with its defaults. It asks what
 * blackbox_exporter can ask: gRPC health where the server has it, else whether HTTP answers at all.
 */
export class PrometheusWatcher implements Watcher {
  readonly #world: World;
  readonly #sender: PlainSender;
  readonly #up = new Map<string, boolean>();
  readonly #alerts = new Map<string, Alerting>();
  readonly #groups = new Map<string, Group>();
  #watched: Set<string>;
  #ticks = 0;

  constructor(world: World) {
    this.#world = world;
    this.#sender = new PlainSender(world, ["oncall/webhook", "team/webhook"]);
    this.#watched = new Set(world.config.targets.map(({ name }) => name));
    for (const { name } of world.config.targets) this.#scrape(name, START + chanceOf(`scrape ${name}`) * SCRAPE_MS);
    this.#evaluate(START + 7_000);
  }

  deploy({ targets }: Config): void {
    const before = this.#watched;
    this.#watched = new Set(targets.map(({ name }) => name));
    for (const name of before)
      if (!this.#watched.has(name)) {
        this.#up.delete(name);
        const alert = this.#alerts.get(name);
        if (alert !== undefined) alert.isFiring = false;
      }
    const { at } = this.#world.clock;
    for (const name of this.#watched)
      if (!before.has(name)) this.#scrape(name, at + chanceOf(`scrape ${name}`) * SCRAPE_MS);
  }

  push(): void {}
  wake(): void {}
  die(): void {}
  evict(): void {}
  acknowledge(): void {}

  silence(silence: Silence): void {
    this.#sender.silences.push(silence);
  }

  rowsWritten(): number {
    return 0;
  }

  ticks(): number {
    return this.#ticks;
  }

  errors(): readonly string[] {
    return [];
  }

  close(): void {}

  #scrape(target: string, at: number): void {
    const { clock } = this.#world;
    clock.plan(at, () => {
      if (!this.#watched.has(target)) return;
      const hasHealth = this.#world.zako(target).offers === "everything";
      const vantage = this.#world.config.vantages[0] ?? "local";
      const chance = chanceOf(`blackbox ${target} ${at}`);
      const probe = hasHealth ? "health" : "http";
      const answer = this.#world.answer({ target, probe, vantage, at, attempt: 0, timeoutMs: TIMEOUT_MS, chance });
      // Without health, an RPC status within a good HTTP answer is nothing to see.
      const isUp = answer.outcome !== "failed" || (!hasHealth && answer.reason?.startsWith("rpc_") === true);
      clock.plan(at + answer.takesMs, () => this.#up.set(target, isUp));
      this.#scrape(target, at + SCRAPE_MS);
    });
  }

  #evaluate(at: number): void {
    const { clock } = this.#world;
    clock.plan(at, () => {
      this.#ticks++;
      for (const [target, isUp] of this.#up) this.#judge(target, isUp, at);
      this.#evaluate(at + EVALUATION_MS);
    });
  }

  #judge(target: string, isUp: boolean, at: number): void {
    const alert = this.#alerts.get(target) ?? { pendingSince: undefined, isFiring: false };
    this.#alerts.set(target, alert);
    if (isUp) {
      alert.pendingSince = undefined;
      if (!alert.isFiring) return;
      alert.isFiring = false;
      return;
    }
    alert.pendingSince ??= at;
    if (alert.isFiring || at - alert.pendingSince < FOR_MS) return;
    alert.isFiring = true;
    this.#begin(target);
  }

  /** Alertmanager: a new group waits, a known one is looked at every interval. */
  #begin(target: string): void {
    const { clock } = this.#world;
    const known = this.#groups.get(target);
    if (known !== undefined) return;
    this.#groups.set(target, { sentFiring: false, sentAt: Number.NEGATIVE_INFINITY, isWaiting: true });
    const flush = (): void => {
      const group = this.#groups.get(target) as Group;
      const isFiring = this.#alerts.get(target)?.isFiring === true;
      const isMuted = this.#sender.isSilenced(target);
      const isRepeat = isFiring && group.sentFiring && clock.at - group.sentAt >= REPEAT_MS;
      if (isFiring && !isMuted && (!group.sentFiring || isRepeat)) {
        this.#send(target, true);
        group.sentFiring = true;
        group.sentAt = clock.at;
      } else if (!isFiring) {
        if (group.sentFiring) this.#send(target, false);
        this.#groups.delete(target);
        return;
      }
      clock.plan(clock.at + GROUP_INTERVAL_MS, flush);
    };
    clock.plan(clock.at + GROUP_WAIT_MS, flush);
  }

  #send(target: string, isFiring: boolean): void {
    this.#sender.send([{ target, alertname: "ProbeFailed", severity: "critical" }], isFiring);
  }
}
