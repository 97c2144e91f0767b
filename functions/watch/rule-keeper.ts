import { type InactiveRule, partRules } from "../evaluate/rules/active-rules.ts";
import { stepAlert } from "../evaluate/rules/alert-state.ts";
import { groupText } from "../evaluate/rules/group-columns.ts";
import { alertLabels, makeAlert, variantIndex, variantsOf } from "../evaluate/rules/make-alert.ts";
import type { Outcome } from "../evaluate/rules/outcome.ts";
import { tracksOf } from "../evaluate/rules/tracks.ts";
import { type Alert, type AlertLabels, begunAt, type Resolve, type Severity } from "../model/alert.ts";
import type { Config } from "../model/config.ts";
import { fingerprint } from "../model/fingerprint.ts";
import { matchesAll } from "../model/matches.ts";
import type { Family } from "../model/metric.ts";
import type { Rule } from "../model/rule.ts";
import type { Target } from "../model/target.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { Head } from "../store/head.ts";
import { ShelfRows } from "../store/shelf-rows.ts";
import type { HeadStorage, WriteRow } from "../store/write-row.ts";
import { explainAlert, type Witness } from "./explain-alert.ts";
import { learnBaselines } from "./learn-baselines.ts";
import { RulePlanner } from "./rule-plan.ts";
import { RuleWindows, type WatchedBlock } from "./rule-windows.ts";
import { alertKeyOf, isSameState, isSoundAlert, type StoredAlert } from "./stored-alert.ts";

/** An alert that began or ended, for the log. */
export type AlertChange = Omit<Extract<WatchEvent, { event: "alert" }>, "event">;

/** What the rules came to in one evaluation. */
export interface RuleOutcome {
  /** All alerts that fire, new or not. */
  firing: Alert[];
  /** Those that ended in this evaluation. */
  resolved: Resolve[];
  changes: AlertChange[];
  /** What was stored and could not be read, in words; the evaluation went without it. */
  damaged: string[];
}

/** How a rule stands, for those who ask. */
export interface RuleReport {
  rule: string;
  state: "inactive" | "ok" | "pending" | "firing";
  /** Why it is inactive. */
  why?: string;
}

/** What a keeper is made of. */
export interface RuleSurroundings {
  storage: HeadStorage;
  config: Config;
  rules: readonly Rule[];
  /** Every family that the head may hold series of. */
  families: readonly Family[];
  head: Head;
  /** Index of the Monitor among the config's shards. */
  shard: number;
  /** Epoch ms. */
  now: number;
}

/**
 * Evaluates the rules of one Monitor, right before each commit. Everything that it remembers is written by that commit;
 * where the commit fails it must be thrown away together with the head.
 */
export class RuleKeeper {
  readonly inactive: readonly InactiveRule[];
  readonly #config: Config;
  readonly #head: Head;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #variants: ReadonlyMap<string, ReturnType<typeof variantsOf>>;
  readonly #windows: RuleWindows;
  readonly #alerts: ShelfRows<StoredAlert>;
  /** Keys of `#alerts` by target. */
  readonly #byTarget = new Map<string, Set<string>>();
  readonly #targets: ReadonlyMap<string, Target>;
  /** The prober's own series are the same in every shard, so there the shard tells alerts apart. */
  readonly #shard: AlertLabels;
  /** Time before the present evaluation in which none was made, though it should have been. */
  #blindMs = 0;
  /** Alerts that the config has ended, told with the next evaluation; some go on under another identity. */
  readonly #orphans: { stored: StoredAlert; key: string; goesOn: boolean }[] = [];

  constructor({ storage, config, rules, families, head, shard, now }: RuleSurroundings) {
    const byName = new Map(families.map((f) => [f.name, f]));
    const { active, inactive } = partRules(rules, byName);
    this.inactive = inactive;
    this.#config = config;
    this.#head = head;
    this.#shard = config.shards > 1 ? { shard: `${shard}` } : {};
    this.#rules = new Map(active.map((rule) => [rule.name, rule]));
    this.#variants = new Map(active.map((rule) => [rule.name, variantsOf(rule)]));
    this.#targets = new Map(config.targets.map((t) => [t.name, t]));
    for (const { target, createdAt } of head.table.blocks.values())
      if (target !== "") head.table.observe(target, { family: CREATED, labels: {}, value: createdAt / 1000 }, now);
    const planner = new RulePlanner(active, tracksOf(active, byName), byName);
    this.#windows = new RuleWindows(storage, head.table, planner, head.meta["windows"], now);
    this.#alerts = new ShelfRows(storage, "rule_alert", isSoundAlert);
    this.#adoptStored();
  }

  /** What was stored and could not be read, in words; it begins anew. */
  get unreadable(): readonly string[] {
    return [...this.#windows.unreadable, ...this.#alerts.unreadable];
  }

  /** Evaluates all rules for a slot whose facts are counted. `now` in epoch ms. */
  evaluate(slot: number, now: number): RuleOutcome {
    const { lastSlot, gridMs } = this.#head.meta;
    this.#blindMs = lastSlot === 0 ? 0 : Math.max(0, slot - lastSlot - gridMs);
    const before = this.#windows.meta.minute;
    this.#windows.advance(slot, now);
    const outcome: RuleOutcome = { firing: [], resolved: [], changes: [], damaged: this.#windows.takeDamaged() };
    for (const { key, stored, goesOn } of this.#orphans.splice(0)) {
      this.#end(key, stored, slot, "removed", outcome);
      const { rule, target, group, severity, value, activeSince } = stored;
      if (goesOn && this.#alerts.shelf.find(key) === undefined)
        this.#set(key, { rule, target, group, severity, value, activeSince });
    }
    for (const block of this.#windows.blocks.values()) this.#evaluateBlock(block, slot, now, outcome);
    const elapsedMs = (this.#windows.meta.minute - before) * 60_000;
    if (elapsedMs > 0) learnBaselines(this.#head.table, this.#windows.blocks.values(), elapsedMs, now);
    const witness = { table: this.#head.table, targets: this.#targets, vantages: this.#config.vantages, now };
    for (const [, stored] of this.#alerts.shelf.all()) {
      const alert = this.#alertOf(stored, witness);
      if (alert !== undefined) outcome.firing.push(alert);
    }
    return outcome;
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#head.meta = { ...this.#head.meta, windows: this.#windows.meta };
    this.#windows.write(writeRow);
    this.#alerts.write(writeRow);
  }

  /**
   * Takes over alerts that another owner of these targets has told of: from here on this one says when they end, also
   * where it has no such series. One that is only pending here has been told all the same, so it fires; one that has
   * another identity under this config ends, and so does one whose rule is gone. Alerts of unknown targets are left alone,
   * and so are those that fire here by themselves.
   */
  adopt(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const { labels, startsAt, fingerprint: told } = alert;
      const { alertname: name = "", target = "" } = labels;
      if (!this.#windows.blocks.has(target)) continue;
      const by = (this.#rules.get(name)?.by ?? []).filter((label) => label !== "target" && labels[label] !== undefined);
      const group = Object.fromEntries(by.map((label) => [label, labels[label] as string]));
      const key = alertKeyOf(name, target, groupText(by, group));
      const here = this.#alerts.shelf.find(key);
      if (here?.firingSince !== undefined) continue;
      const severity = labels["severity"] as Severity;
      const common = { rule: name, target, group, severity, value: here?.value ?? null, fingerprint: told };
      this.#take(key, { ...common, activeSince: begunAt(alert), firingSince: startsAt, adopted: true });
    }
  }

  /** How each rule stands, in the order of the config. */
  report(): RuleReport[] {
    const worst = new Map<string, "pending" | "firing">();
    for (const [, { rule, firingSince }] of this.#alerts.shelf.all())
      if (firingSince !== undefined || !worst.has(rule))
        worst.set(rule, firingSince === undefined ? "pending" : "firing");
    return [
      ...[...this.#rules.keys()].map((rule): RuleReport => ({ rule, state: worst.get(rule) ?? "ok" })),
      ...this.inactive.map(({ rule, why }): RuleReport => ({ rule: rule.name, state: "inactive", why })),
    ];
  }

  #evaluateBlock(block: WatchedBlock, slot: number, now: number, outcome: RuleOutcome): void {
    const { target, values } = block.series;
    const readings = { values, windows: block.windows.values, now };
    const active = this.#byTarget.get(target);
    const gone = new Set(active);
    for (const { rule, targets, groups } of block.plan.rules) {
      if (targets.length > 0 && !matchesAll(targets, { target })) continue;
      for (const group of groups) {
        const variant = this.#variantOf(rule, target, group.labels);
        const judged: Outcome = variant === undefined ? OFF : group.judge(readings, variant.condition);
        if (judged.seen !== "holds" && active === undefined) continue;
        const key = alertKeyOf(rule.name, target, group.text);
        gone.delete(key);
        const stored = active?.has(key) ? this.#alerts.shelf.find(key) : undefined;
        const isHeld = judged.unsure === true && stored?.adopted === true;
        const step = stepAlert(stored, isHeld ? "unknown" : judged.seen, slot, rule, this.#blindMs);
        const severity = variant?.severity ?? rule.severity;
        const common = { rule: rule.name, target, group: group.labels, severity };
        if (step.state !== undefined) {
          const value = judged.seen === "holds" ? judged.value : (stored?.value ?? judged.value);
          this.#move(key, stored, { ...common, value, ...step.state, ...(isHeld ? { adopted: true } : {}) });
        } else if (stored !== undefined) this.#end(key, stored, slot, "recovered", outcome);
        if (step.change === "pending" || step.change === "firing")
          outcome.changes.push({ alert: rule.name, labels: this.#labelsOf(rule, common), change: step.change });
      }
    }
    for (const key of gone) {
      const stored = this.#alerts.shelf.find(key) as StoredAlert;
      const rule = this.#rules.get(stored.rule) as Rule;
      const step = stepAlert(stored, "fails", slot, rule, this.#blindMs);
      if (step.state === undefined) this.#end(key, stored, slot, "removed", outcome);
      else this.#move(key, stored, { ...stored, ...step.state });
    }
  }

  /** Keeps a state, and writes it only where more has changed than the number. */
  #move(key: string, stored: StoredAlert | undefined, next: Omit<StoredAlert, "fingerprint">): void {
    if (stored !== undefined && isSameState(stored, next)) {
      stored.value = next.value;
      return;
    }
    const told = stored?.fingerprint;
    const rule = this.#rules.get(next.rule) as Rule;
    const firing = next.firingSince !== undefined;
    const labels = firing && told === undefined ? this.#labelsOf(rule, next) : undefined;
    const name = labels === undefined ? told : fingerprint(labels);
    const untold = firing && rule.pager === "prometheus";
    this.#set(key, { ...next, ...(name === undefined ? {} : { fingerprint: name }), ...(untold ? { untold } : {}) });
  }

  #set(key: string, stored: StoredAlert): void {
    this.#alerts.shelf.set(key, stored);
    const keys = this.#byTarget.get(stored.target) ?? new Set();
    this.#byTarget.set(stored.target, keys.add(key));
  }

  #forget(key: string, stored: StoredAlert): void {
    // What was taken over may be another alert of the same group.
    if (this.#alerts.shelf.find(key) !== stored) return;
    this.#alerts.shelf.delete(key);
    const keys = this.#byTarget.get(stored.target);
    keys?.delete(key);
    if (keys?.size === 0) this.#byTarget.delete(stored.target);
  }

  #end(key: string, stored: StoredAlert, at: number, why: Resolve["why"], outcome: RuleOutcome): void {
    this.#forget(key, stored);
    const { firingSince: startsAt, fingerprint: told } = stored;
    const fired = startsAt !== undefined && told !== undefined;
    // Who pages may have changed since: whoever was told is told the end.
    if (fired && stored.untold !== true) outcome.resolved.push({ fingerprint: told, startsAt, resolvedAt: at, why });
    const rule = this.#rules.get(stored.rule);
    const labels = rule ? this.#labelsOf(rule, stored) : this.#groupLabels(stored.target, stored.group);
    outcome.changes.push({ alert: stored.rule, labels, change: fired ? "resolved" : "dropped" });
  }

  /** The alert of a group that fires, unless Prometheus tells of it. */
  #alertOf(stored: StoredAlert, witness: Witness): Alert | undefined {
    const rule = this.#rules.get(stored.rule);
    if (rule === undefined || rule.pager === "prometheus" || stored.firingSince === undefined) return undefined;
    const labels = this.#labelsOf(rule, stored);
    const at = {
      fingerprint: stored.fingerprint as string,
      startsAt: stored.firingSince,
      activeSince: stored.activeSince,
      value: stored.value ?? Number.NaN,
      externalUrl: this.#config.externalUrl,
    };
    return makeAlert(rule, labels, at, explainAlert(labels, witness));
  }

  #labelsOf(rule: Rule, of: Pick<StoredAlert, "target" | "group" | "severity">): AlertLabels {
    const own = this.#targets.get(of.target)?.labels ?? {};
    return alertLabels(rule, of.severity, this.#groupLabels(of.target, of.group), own);
  }

  #groupLabels(target: string, group: AlertLabels): AlertLabels {
    return target === "" ? { ...group, ...this.#shard } : { target, ...group };
  }

  #variantOf(rule: Rule, target: string, group: AlertLabels): ReturnType<typeof variantsOf>[number] {
    const variants = this.#variants.get(rule.name) as ReturnType<typeof variantsOf>;
    if (variants.length === 1) return variants[0];
    const own = this.#targets.get(target)?.labels ?? {};
    return variants[variantIndex(rule, this.#groupLabels(target, group), own)];
  }

  #adoptStored(): void {
    for (const [key, stored] of [...this.#alerts.shelf.all()]) this.#take(key, stored);
  }

  /** What comes from another config: what no longer is ends, and what has another identity now ends as it was. */
  #take(key: string, stored: StoredAlert): void {
    const severity = this.#windows.blocks.has(stored.target) ? this.#severityOf(stored) : undefined;
    const labels = severity && this.#labelsOf(this.#rules.get(stored.rule) as Rule, { ...stored, severity });
    const isSame = labels && (stored.fingerprint ?? fingerprint(labels)) === fingerprint(labels);
    if (isSame) this.#set(key, stored);
    else this.#orphans.push({ key, stored, goesOn: labels !== undefined });
  }

  /** The severity that a stored alert has under this config; undefined where its rule is gone or off. */
  #severityOf({ rule: name, target, group }: StoredAlert): Severity | undefined {
    const rule = this.#rules.get(name);
    return rule && this.#variantOf(rule, target, group)?.severity;
  }
}

/** Tells Prometheus which counters began at 0 within its windows. */
const CREATED = "zako_v1_target_created_timestamp_seconds";

const OFF = { seen: "fails", value: Number.NaN } as const;
