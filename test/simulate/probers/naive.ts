import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { Config } from "../../../functions/model/config.ts";
import { chanceOf } from "../world/random.ts";
import type { Watcher, World } from "../world/world.ts";
import type { Ask } from "../zako/fault.ts";
import { PlainSender } from "./plain-sender.ts";

/**
 * A prober as one writes it first: one vantage, every critical probe at its interval, one failure pages, the first good
 * runs resolve. It knows of no confirmation, and of silences only while it pages.
 */
export class NaiveWatcher implements Watcher {
  readonly #world: World;
  readonly #sender: PlainSender;
  readonly #bad = new Map<string, Set<string>>();
  #watched: Set<string>;
  #ticks = 0;

  constructor(world: World) {
    this.#world = world;
    this.#sender = new PlainSender(world, ["oncall/webhook", "team/webhook"]);
    this.#watched = new Set(world.config.targets.map(({ name }) => name));
    this.#schedule(world.config);
  }

  deploy(config: Config): void {
    const before = this.#watched;
    this.#watched = new Set(config.targets.map(({ name }) => name));
    for (const name of before) if (!this.#watched.has(name)) this.#end(name);
    this.#schedule({ ...config, targets: config.targets.filter(({ name }) => !before.has(name)) });
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

  #schedule({ targets, vantages }: Config): void {
    for (const { name, probes } of targets)
      for (const { kind, intervalMs, timeoutMs, critical } of probes) {
        if (!critical) continue;
        const phase = Math.floor(chanceOf(`${name} ${kind}`) * intervalMs);
        const ask = (at: number): Ask => ({
          target: name,
          probe: kind,
          vantage: vantages[0] ?? "local",
          at,
          attempt: 0,
          timeoutMs,
          chance: chanceOf(`naive ${name} ${kind} ${at}`),
        });
        const run = (at: number): void => {
          this.#world.clock.plan(at, () => {
            if (!this.#watched.has(name)) return;
            this.#ticks++;
            const { outcome, takesMs } = this.#world.answer(ask(at));
            if (outcome === "ok" && kind === "transport.upload") this.#world.zako(name).commit("naive");
            if (outcome !== "skipped")
              this.#world.clock.plan(at + takesMs, () => this.#take(name, kind, outcome === "failed"));
            run(at + intervalMs);
          });
        };
        run(this.#world.clock.at + phase);
      }
  }

  #end(target: string): void {
    for (const probe of this.#bad.get(target) ?? []) this.#take(target, probe, false);
  }

  #take(target: string, probe: string, isBad: boolean): void {
    const bad = this.#bad.get(target) ?? new Set<string>();
    this.#bad.set(target, bad);
    const was = bad.size > 0;
    if (isBad) bad.add(probe);
    else bad.delete(probe);
    if (was !== bad.size > 0)
      this.#sender.send([{ target, alertname: "TargetDown", severity: "critical" }], bad.size > 0);
  }
}
