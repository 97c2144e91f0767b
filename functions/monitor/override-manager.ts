import { type JudgedOverride, judgeOverride, type OverrideRefusal } from "../config/override.ts";
import type { Config } from "../model/config.ts";
import type { Observation } from "../model/metric.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ProbeKind } from "../probe/kind.ts";
import type { OfferedOverride } from "../store/override-kv.ts";
import type { OverrideStore } from "../store/override-store.ts";

/**
 * A key that was pushed a moment ago may still be unknown at other places, so its absence is believed only once it has
 * lasted; KV is consistent within about a minute.
 */
const ABSENT_FOR_MS = 600_000;

export interface OverridePorts {
  table: Pick<OverrideStore, "read" | "write">;
  deployed: Config;
  kinds: readonly ProbeKind[];
  /** Epoch ms. */
  now: () => number;
  log: (event: WatchEvent) => void;
}

interface ActiveOverride {
  at: number;
  text: string;
  config?: Config;
}

/** A total order, so that whoever has read the same texts holds the same one. */
const isNewer = (one: ActiveOverride, other: ActiveOverride | undefined): boolean =>
  other === undefined || one.at > other.at || (one.at === other.at && one.text > other.text);

/**
 * Decides which configuration is in force: the deployed one, or the last good override of it. What KV says besides
 * (garbage, older generations, nothing at all) changes nothing; a new deployment leaves overrides of the old one behind.
 */
export class OverrideManager {
  readonly #ports: OverridePorts;
  #active: ActiveOverride | undefined;
  #absentSince: number | undefined;
  #loggedReason: string | undefined;
  #facts: Observation[] = [];
  /** Compiling takes milliseconds, and the same text comes every minute. */
  #last: { text: string; judged: JudgedOverride } | undefined;

  constructor(ports: OverridePorts) {
    this.#ports = ports;
    const text = ports.table.read();
    if (text === undefined) return;
    const judged = this.#judge(text);
    if (judged.ok) this.#active = { ...judged, text };
    else {
      ports.table.write(undefined);
      ports.log({ event: "override", taken: false, why: `the one held ${judged.why}` });
    }
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#active?.config ?? this.#ports.deployed;
  }

  /** Takes what KV says, once per wake. */
  offer(offered: OfferedOverride): void {
    if (!offered.read) this.#refuse("unreachable", "KV gave no answer");
    else if (offered.text === null) this.#absent();
    else this.#present(offered.text);
  }

  /** What there is to count since the last call. */
  takeFacts(): Observation[] {
    return this.#facts.splice(0);
  }

  #judge(text: string): JudgedOverride {
    if (this.#last?.text !== text)
      this.#last = { text, judged: judgeOverride(text, this.#ports.deployed, this.#ports.kinds) };
    return this.#last.judged;
  }

  #present(text: string): void {
    this.#absentSince = undefined;
    const judged = this.#judge(text);
    if (!judged.ok) {
      this.#refuse(judged.reason, judged.why);
      return;
    }
    this.#loggedReason = undefined;
    const active = { ...judged, text };
    // An older one is a stale read, or an echo of a push that was overtaken.
    if (!isNewer(active, this.#active)) return;
    this.#hold(active, judged.config === undefined ? "the deployed configuration is back" : "taken over");
  }

  #hold(active: ActiveOverride | undefined, why: string): void {
    this.#ports.table.write(active?.text);
    this.#active = active;
    this.#ports.log({ event: "override", taken: true, why });
  }

  #absent(): void {
    this.#loggedReason = undefined;
    if (this.#active === undefined) return;
    this.#absentSince ??= this.#ports.now();
    if (this.#ports.now() - this.#absentSince < ABSENT_FOR_MS) return;
    this.#absentSince = undefined;
    this.#hold(undefined, "its key is gone: the deployed configuration is back");
  }

  #refuse(reason: OverrideRefusal, why: string): void {
    this.#facts.push({ family: "zako_watch_config_override_refusals_total", labels: { reason }, value: 1 });
    if (this.#loggedReason === reason) return;
    this.#loggedReason = reason;
    this.#ports.log({ event: "override", taken: false, why });
  }
}
