import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Family } from "../../model/metric.ts";
import { failure } from "../../model/probing/failure.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { RuleManager } from "../../monitor/rules/rule-manager.ts";
import { countSample } from "../../monitor/tick/count-sample.ts";
import { judgeSlot } from "../../monitor/tick/evaluate-slot.ts";
import { noteOffers } from "../../monitor/tick/note-offers.ts";
import { allFamilies, wantedSeries } from "../../monitor/tick/wanted-series.ts";
import { slowed } from "../../probe/judge-steps.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { Head } from "../../store/head.ts";
import type { StoredSample } from "../../store/history/sample-block.ts";
import { MONITOR_META } from "../../store/monitor-meta.ts";
import type { PrivateFamily } from "../../store/series/series-layout.ts";
import { rowWriter, type WriteRow } from "../../store/write-row.ts";
import { AlertLog, type ReplayedAlert } from "./alert-log.ts";
import { REPLAYED_FAMILIES } from "./judgeable.ts";
import { memoryStorage } from "./memory-storage.ts";

/** What one attempt of one slot brought to one shard. */
export interface ReplayTick {
  /** Start of the slot, epoch ms. */
  slot: number;
  attempt: number;
  samples: readonly StoredSample[];
}

/** What is replayed: a shard's part of a configuration, and those of its rules that can be judged. */
export interface ReplayOf {
  config: Config;
  rules: readonly Rule[];
  kinds: ReadonlyMap<string, ProbeKind>;
  shard: number;
  /** The first slot, epoch ms. */
  from: number;
}

/** No kind's own families are filled, so none of their series is wanted. */
const NO_KINDS: ReadonlyMap<string, ProbeKind> = new Map();
const NO_TRACE = "0".repeat(32);

function familiesOfHead(): (Family | PrivateFamily)[] {
  const families = allFamilies([]);
  return [...new Map(families.map((family) => [family.name, family])).values()];
}

/** A Monitor that lives through stored samples: the product's own counts, verdicts and rules, without its probes. */
export class Replay {
  readonly #of: ReplayOf;
  readonly #head: Head;
  readonly #manager: RuleManager;
  readonly #log: AlertLog;
  readonly #writeRow: WriteRow;
  /** Limits of `degraded`, by target and probe; those that are not here are not replayed. */
  readonly #limits: ReadonlyMap<string, ReadonlyMap<string, number | undefined>>;
  readonly #vantages: ReadonlySet<string>;
  #now: number;

  constructor(of: ReplayOf) {
    const { config, rules, shard, from } = of;
    const storage = memoryStorage();
    this.#writeRow = rowWriter(storage, { rows: 0, bytes: 0 });
    this.#of = of;
    this.#now = from;
    this.#head = new Head(storage, familiesOfHead(), MONITOR_META);
    this.#head.table.reconcile(wantedSeries(config, NO_KINDS), from);
    this.#log = new AlertLog(rules);
    const common = { storage, config, head: this.#head, shard, now: from };
    this.#manager = new RuleManager({ ...common, rules: this.#log.rules, families: REPLAYED_FAMILIES });
    this.#limits = new Map(
      config.targets.map(({ name, probes }) => [name, new Map(probes.map((p) => [p.kind, p.degradedAfterMs]))]),
    );
    this.#vantages = new Set(config.vantages);
  }

  /** One tick as the Monitor makes it; ticks come in the order in which they were run. */
  tick({ slot, attempt, samples }: ReplayTick): void {
    const { config, kinds } = this.#of;
    const taken = samples.flatMap((stored) => this.#sampleOf(stored) ?? []);
    for (const sample of taken) countSample(this.#head.table, sample);
    this.#now = taken.reduce((at, { startedAt, durationMs }) => Math.max(at, startedAt + durationMs), slot);
    const now = (): number => this.#now;
    noteOffers(this.#head, taken, this.#now);
    judgeSlot({ config, kinds, now }, this.#head.table, {
      slot,
      attempt,
      samples: taken,
      roleOf: () => undefined,
      memoryOf: (target) => this.#head.memories.get(target),
    });
    this.#log.note(this.#manager.evaluate(slot, this.#now, taken), slot);
    if (attempt === 0) this.#head.meta = { ...this.#head.meta, lastSlot: slot, gridMs: config.gridMs };
    // Only the rules read again what they have written, minute by minute; the head lives as long as the replay.
    this.#manager.write(this.#writeRow);
  }

  /** All alerts that fired, in the order in which they began. */
  alerts(): ReplayedAlert[] {
    return this.#log.alerts();
  }

  /** A sample as it was before it was stored, as far as that is known, judged by this configuration's limits. */
  #sampleOf(stored: StoredSample): Sample | undefined {
    const limits = this.#limits.get(stored.target);
    if (limits?.has(stored.probe) !== true || !this.#vantages.has(stored.vantage)) return undefined;
    const { reason, ...rest } = stored;
    const known = { ...rest, steps: [], observations: [], traceId: NO_TRACE };
    const wentWell = stored.outcome === "ok" || (stored.outcome === "degraded" && reason === "slow");
    if (!wentWell) return { ...known, ...(reason === undefined ? {} : { failure: failure(reason, true) }) };
    return { ...known, ...slowed({ outcome: "ok" }, stored.durationMs, limits.get(stored.probe)) };
  }
}
