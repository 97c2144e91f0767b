import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import type { Alert, Resolve } from "../../../functions/model/alerting/alert.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { RULE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import type { Family, Labels } from "../../../functions/model/metric.ts";
import type { Target } from "../../../functions/model/probing/target.ts";
import { RuleManager } from "../../../functions/monitor/rules/rule-manager.ts";
import type { RuleOutcome } from "../../../functions/monitor/rules/rule-outcome.ts";
import { VANTAGE_STATE_FAMILY } from "../../../functions/monitor/tick/verdict-columns.ts";
import { Head, type HeadStorage } from "../../../functions/store/head.ts";
import { MONITOR_META } from "../../../functions/store/monitor-meta.ts";
import { type CommitCost, rowWriter } from "../../../functions/store/write-row.ts";
import { anyTarget } from "../any-target.ts";
import { config } from "../world.ts";

export const MINUTE = 60_000;
/** A full minute. */
export const T0 = Date.UTC(2030, 0, 1);

const own = ["target", "source", "kind"] as const;
/** A family of each type, told with a source and a kind. */
export const FAMILIES: readonly Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: own },
  { name: "errors_total", type: "counter", help: "Errors.", labels: own },
  { name: "busy_seconds_total", type: "counter", help: "Busy.", labels: own },
  { name: "depth", type: "gauge", help: "Depth.", labels: own },
  { name: "took_seconds", type: "histogram", help: "Took.", labels: own, buckets: [0.1, 1, 10] },
  { name: "zako_v1_target_created_timestamp_seconds", type: "gauge", help: "Created.", labels: ["target"] },
  { name: "own_depth", type: "gauge", help: "The prober's own.", labels: [] },
  ...RULE_FAMILIES,
];

const STORED = [...FAMILIES, VANTAGE_STATE_FAMILY];

/** A rule with a condition, and something plausible for the rest. */
export const rule = (condition: Condition, over: Partial<Rule> = {}): Rule => ({
  name: "Own",
  severity: "warning",
  condition,
  by: ["target"],
  forMs: 0,
  keepFiringForMs: 0,
  summary: "S.",
  description: "{{ $value }}",
  pager: "edge",
  ...over,
});

/** Holds while the depth is above 10. */
export const DEEP: Condition = { kind: "threshold", metric: { family: "depth" }, aggregate: "max", op: ">", value: 10 };

/** What the rules are configured with. */
export interface Setting {
  rules: readonly Rule[];
  targets: readonly Target[];
  shards: number;
}

/** The rules of a Monitor on real storage: a test counts, evaluates, and restarts with the same or other rules. */
export class RuleWorld {
  setting: Setting = { rules: [], targets: [anyTarget({ name: "a" })], shards: 1 };
  minute = 0;
  head: Head;
  manager: RuleManager;
  /** Of the last evaluation. */
  outcome: RuleOutcome = { firing: [], resolved: [], changes: [], damaged: [] };
  cost: CommitCost = { rows: 0, bytes: 0 };
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage, setting: Partial<Setting> = {}) {
    this.#storage = storage;
    for (const table of ["series", "memory", "head", "reported_totals", "rule_window", "rule_minute", "rule_alert"])
      storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    this.head = new Head(storage, STORED, MONITOR_META);
    this.manager = this.restart(setting);
  }

  get now(): number {
    return T0 + this.minute * MINUTE;
  }

  /** A new life on what was committed, under other rules or targets where they are given. */
  restart(setting: Partial<Setting> = {}): RuleManager {
    this.setting = { ...this.setting, ...setting };
    const { rules, targets, shards } = this.setting;
    this.head = new Head(this.#storage, STORED, MONITOR_META);
    const wanted = ["", ...targets.map(({ name }) => name)];
    if (wanted.join() !== [...this.head.table.blocks.keys()].join()) {
      this.head.table.reconcile(
        wanted.map((target) => ({ target, initial: [], keep: () => true })),
        this.now,
      );
      this.head.commit();
    }
    const storage: HeadStorage = this.#storage;
    const common = { storage, head: this.head, families: FAMILIES, rules, shard: 0, now: this.now };
    this.manager = new RuleManager({ ...common, config: config(targets, { shards }) });
    return this.manager;
  }

  see(family: string, value: number, labels: Labels = {}, target = "a"): void {
    const all = target === "" ? {} : { source: "probe", kind: "x", ...labels };
    this.head.table.observe(target, { family, labels: all, value }, this.now);
  }

  /** Evaluates the present minute and commits; then comes the next. */
  tick(): RuleOutcome {
    const slot = this.now;
    this.outcome = this.manager.evaluate(slot, slot);
    this.head.meta = { ...this.head.meta, lastSlot: slot, gridMs: MINUTE };
    this.cost = { rows: 0, bytes: 0 };
    this.head.commit((writeRow) => {
      const counted = rowWriter(this.#storage, this.cost);
      void writeRow;
      this.manager.write(counted);
    });
    this.minute++;
    return this.outcome;
  }

  /** What an evaluation says in words: alerts by name and group that fire, and how those that ended did. */
  said(): string[] {
    const { firing, resolved } = this.outcome;
    return [...firing.map(nameOf), ...resolved.map(({ why }) => `ended: ${why}`)];
  }

  /** A pending or firing alert of a rule in words, with its value. */
  valueOf(alert: string): string | undefined {
    return this.outcome.firing.find(({ labels }) => labels["alertname"] === alert)?.annotations["description"];
  }
}

const nameOf = ({ labels }: Alert): string => `${labels["alertname"]} ${labels["target"] ?? "own"}`;

/** That a resolve means an alert. */
export const means = (resolve: Resolve | undefined, alert: Alert | undefined): boolean =>
  resolve !== undefined && resolve.fingerprint === alert?.fingerprint && resolve.startsAt === alert.startsAt;

/** Runs on the storage of an object. */
export const inObject = <R>(run: (storage: DurableObjectStorage) => R): Promise<R> =>
  runInDurableObject(env.MONITOR.getByName("rules"), (_instance, { storage }) => run(storage));
