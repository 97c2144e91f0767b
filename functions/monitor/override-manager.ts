import { type JudgedOverride, judgeOverride, type OverrideRefusal } from "../config/override.ts";
import type { Config } from "../model/config.ts";
import type { Observation } from "../model/metric.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ProbeKind } from "../probe/kind.ts";
import type { OfferedOverride } from "../store/override-kv.ts";
import type { OverrideStore } from "../store/override-store.ts";

/**
 * A key that was just pushed may still be missing at other locations, so a missing key counts only after this time. KV is
 * consistent within about a minute.
 */
const ABSENT_FOR_MS = 600_000;

export interface OverridePorts {
  table: Pick<OverrideStore, "read" | "write">;
  deployed: Config;
  kinds: readonly ProbeKind[];
  /** Whether the deployment has a fetcher binding of this name. */
  isBound: (binding: string) => boolean;
  /** Epoch ms. */
  now: () => number;
  log: (event: WatchEvent) => void;
}

interface ActiveOverride {
  at: number;
  text: string;
  config?: Config;
}

/** A total order, so that all Monitors that have read the same texts select the same one. */
const isNewer = (one: ActiveOverride, other: ActiveOverride | undefined): boolean =>
  other === undefined || one.at > other.at || (one.at === other.at && one.text > other.text);

/**
 * Decides which configuration is active: the deployed one, or its last valid override. Other values in KV (garbage, older
 * generations, a temporarily missing key) change nothing. A new deployment discards overrides of the old one.
 */
export class OverrideManager {
  readonly #ports: OverridePorts;
  #active: ActiveOverride | undefined;
  #absentSince: number | undefined;
  #loggedReason: string | undefined;
  #facts: Observation[] = [];
  /** Cache: compiling takes milliseconds, and the same text comes every minute. */
  #last: { text: string; judged: JudgedOverride } | undefined;

  constructor(ports: OverridePorts) {
    this.#ports = ports;
    const text = ports.table.read();
    if (text === undefined) return;
    const judged = this.#judge(text);
    if (judged.ok) this.#active = { ...judged, text };
    else {
      ports.table.write(undefined);
      ports.log({ event: "override", taken: false, why: `the stored override ${judged.why}` });
    }
  }

  /** The active configuration. */
  get config(): Config {
    return this.#active?.config ?? this.#ports.deployed;
  }

  /** Applies what was read from KV, once per wake. */
  offer(offered: OfferedOverride): void {
    if (!offered.read) this.#refuse("unreachable", "KV did not answer");
    else if (offered.text === null) this.#absent();
    else this.#present(offered.text);
  }

  /** Observations to count since the last call. */
  takeFacts(): Observation[] {
    return this.#facts.splice(0);
  }

  #judge(text: string): JudgedOverride {
    const { deployed, kinds, isBound } = this.#ports;
    if (this.#last?.text !== text) this.#last = { text, judged: judgeOverride(text, deployed, kinds, isBound) };
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
    // An older override is a stale read, or a push that a newer one has overtaken.
    if (!isNewer(active, this.#active)) return;
    this.#hold(active, judged.config === undefined ? "the deployed configuration is active again" : "activated");
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
    this.#hold(undefined, "its key was deleted: the deployed configuration is active again");
  }

  #refuse(reason: OverrideRefusal, why: string): void {
    this.#facts.push({ family: "zako_watch_config_override_refusals_total", labels: { reason }, value: 1 });
    if (this.#loggedReason === reason) return;
    this.#loggedReason = reason;
    this.#ports.log({ event: "override", taken: false, why });
  }
}
