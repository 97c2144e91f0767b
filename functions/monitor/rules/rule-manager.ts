import { type InactiveRule, partRules } from "../../evaluate/rules/active-rules.ts";
import { stepAlert } from "../../evaluate/rules/alert-state.ts";
import { groupText } from "../../evaluate/rules/group-columns.ts";
import { makeAlert } from "../../evaluate/rules/make-alert.ts";
import { FAILS } from "../../evaluate/rules/outcome.ts";
import { tracksOf } from "../../evaluate/rules/tracks.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { type Alert, begunAt, type Resolve, type Severity } from "../../model/alerting/alert.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";
import type { WriteRow } from "../../store/write-row.ts";
import { addOutage } from "./add-outage.ts";
import { AlertIdentity } from "./alert-identity.ts";
import { explainAlerts } from "./explain-alerts.ts";
import { IncidentRecords } from "./incident-records.ts";
import { learnBaselines } from "./learn-baselines.ts";
import type { RuleManagerContext } from "./rule-manager-context.ts";
import type { RuleOutcome } from "./rule-outcome.ts";
import { RulePlanner } from "./rule-plan.ts";
import { type RuleReport, reportRules } from "./rule-report.ts";
import { RuleWindows } from "./rule-windows.ts";
import { alertKeyOf, isSameState, type StoredAlert } from "./stored-alert.ts";
import { StoredAlerts } from "./stored-alerts.ts";
import { WaitingTargets } from "./waiting-targets.ts";
import type { WatchedBlock } from "./watched-block.ts";

/**
 * Evaluates the rules of one Monitor, right before each commit. The commit writes its state. If the commit fails, it must be
 * discarded together with the head.
 */
export class RuleManager {
  readonly inactive: readonly InactiveRule[];
  readonly #config: Config;
  readonly #head: Head;
  readonly #identity: AlertIdentity;
  readonly #windows: RuleWindows;
  readonly #alerts: StoredAlerts;
  readonly #incidents: IncidentRecords;
  /** Time before the current evaluation in which evaluations were missed. */
  #gapMs = 0;
  readonly #waiting = new WaitingTargets();
  /** Alerts that a config change has ended, to report with the next evaluation. Some continue with another identity. */
  readonly #orphans: { stored: StoredAlert; key: string; goesOn: boolean }[] = [];

  constructor({ storage, config, rules, families, head, shard, now, regained = NO_TARGETS }: RuleManagerContext) {
    const byName = new Map(families.map((f) => [f.name, f]));
    const { active, inactive } = partRules(rules, byName);
    this.inactive = inactive;
    this.#config = config;
    this.#head = head;
    this.#identity = new AlertIdentity(active, config, shard);
    for (const { target, createdAt } of head.table.blocks.values())
      if (target !== "") head.table.observe(target, { family: CREATED, labels: {}, value: createdAt / 1000 }, now);
    const planner = new RulePlanner(active, tracksOf(active, byName), byName);
    this.#windows = new RuleWindows(storage, head.table, planner, head.meta.windows, now);
    this.#alerts = new StoredAlerts(storage);
    this.#incidents = new IncidentRecords(head.table, this.#identity.targets);
    // Another shard has watched the target since: the Alerter says what fires now.
    for (const [key, stored] of [...this.#alerts.all()])
      if (regained.has(stored.target)) this.#alerts.forget(key, stored);
      else this.#take(key, stored);
  }

  /** Descriptions of unreadable stored data; it starts again. */
  get unreadable(): readonly string[] {
    return [...this.#windows.unreadable, ...this.#alerts.unreadable];
  }

  /**
   * Evaluates all rules for a slot whose facts are counted, `samples` among them. `now` in epoch ms. Those of the targets in
   * `wait` stay as they are: their confirmations come next.
   */
  evaluate(
    slot: number,
    now: number,
    samples: readonly Sample[] = [],
    wait: ReadonlySet<string> = NO_TARGETS,
  ): RuleOutcome {
    const { lastSlot, gridMs } = this.#head.meta;
    this.#gapMs = lastSlot === 0 ? 0 : Math.max(0, slot - lastSlot - gridMs);
    const before = this.#windows.meta.minute;
    this.#windows.advance(slot, now);
    const outcome: RuleOutcome = { firing: [], resolved: [], changes: [], damaged: this.#windows.takeDamaged() };
    for (const { key, stored, goesOn } of this.#orphans.splice(0)) {
      this.#end(key, stored, slot, "removed", outcome);
      const { rule, target, group, severity, value, activeSince } = stored;
      if (goesOn && this.#alerts.find(key) === undefined)
        this.#alerts.set(key, { rule, target, group, severity, value, activeSince });
    }
    for (const block of this.#windows.blocks.values())
      if (!wait.has(block.series.target)) this.#evaluateBlock(block, slot, now, outcome);
    const elapsedMs = (this.#windows.meta.minute - before) * MINUTE_MS;
    if (elapsedMs > 0) learnBaselines(this.#head.table, this.#windows.blocks.values(), elapsedMs, now);
    explainAlerts(this.#alerts, this.#identity, {
      table: this.#head.table,
      targets: this.#identity.targets,
      vantages: this.#config.vantages,
      samples: this.#waiting.next(samples, wait, this.#gapMs),
      now,
    });
    for (const [, stored] of this.#alerts.all()) outcome.firing.push(...this.#alertOf(stored, now));
    return outcome;
  }

  /** Writes what changed; inside the tick's transaction. */
  write(writeRow: WriteRow): void {
    this.#head.meta = { ...this.#head.meta, windows: this.#windows.meta };
    this.#windows.write(writeRow);
    this.#alerts.write(writeRow);
  }

  /**
   * Takes over alerts that another owner of these targets has reported. From now on this manager decides when they end, even
   * without such series. An alert that is only pending here has already been reported, so it fires. An alert with another
   * identity under this config ends, as does one whose rule is gone. Alerts of unknown targets are not changed, and of those
   * already firing here only the start: a resolve that names an earlier one would end nothing.
   */
  adopt(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const { labels, startsAt, fingerprint: sentAs, evidence } = alert;
      const { alertname: name = "", target = "" } = labels;
      if (!this.#windows.blocks.has(target)) continue;
      const by = (this.#identity.ruleOf(name)?.by ?? []).filter(
        (label) => label !== "target" && labels[label] !== undefined,
      );
      const group = Object.fromEntries(by.map((label) => [label, labels[label] as string]));
      const key = alertKeyOf(name, target, groupText(by, group));
      const here = this.#alerts.find(key);
      if (here?.firingSince !== undefined) {
        const isSame = here.fingerprint === sentAs && here.firingSince !== startsAt;
        if (isSame) this.#alerts.set(key, { ...here, activeSince: begunAt(alert), firingSince: startsAt });
        continue;
      }
      const severity = labels["severity"] as Severity;
      const known = evidence === undefined ? {} : { evidence };
      const common = { rule: name, target, group, severity, value: here?.value ?? null, fingerprint: sentAs };
      this.#take(key, { ...common, activeSince: begunAt(alert), firingSince: startsAt, ...known, adopted: true });
    }
  }

  /** State of each rule, in config order. */
  report(): RuleReport[] {
    return reportRules(this.#identity.ruleNames, this.inactive, this.#alerts.all());
  }

  #evaluateBlock(block: WatchedBlock, slot: number, now: number, outcome: RuleOutcome): void {
    const { target, values } = block.series;
    const input = { values, windows: block.windows.values, now };
    const active = this.#alerts.keysOf(target);
    const gapMs = this.#waiting.gapMsOf(target, this.#gapMs);
    const gone = new Set(active);
    for (const { rule, targets, groups } of block.plan.rules) {
      if (targets.length > 0 && !matchesAll(targets, { target })) continue;
      for (const group of groups) {
        const variant = this.#identity.variantOf(rule, target, group.labels);
        const judged = variant === undefined ? FAILS : group.judge(input, variant.condition);
        if (judged.seen !== "holds" && active === undefined) continue;
        const key = alertKeyOf(rule.name, target, group.text);
        gone.delete(key);
        const stored = active?.has(key) ? this.#alerts.find(key) : undefined;
        const isKept = judged.unsure === true && stored?.adopted === true;
        const step = stepAlert(stored, isKept ? "unknown" : judged.seen, slot, rule, gapMs);
        const severity = variant?.severity ?? rule.severity;
        const common = { rule: rule.name, target, group: group.labels, severity };
        if (step.state !== undefined) {
          const value = judged.seen === "holds" ? judged.value : (stored?.value ?? judged.value);
          const begun = step.change === "firing" ? this.#incidents.begun(rule, common, step.state) : step.state;
          this.#move(key, stored, { ...common, value, ...begun, ...(isKept ? { adopted: true } : {}) });
        } else if (stored !== undefined) this.#end(key, stored, slot, "recovered", outcome);
        const { change } = step;
        if (change === "pending" || change === "firing")
          outcome.changes.push({ alert: rule.name, labels: this.#identity.labelsOf(rule, common), change });
      }
    }
    for (const key of gone) {
      const stored = this.#alerts.find(key) as StoredAlert;
      const rule = this.#identity.ruleOf(stored.rule) as Rule;
      const step = stepAlert(stored, "fails", slot, rule, gapMs);
      if (step.state === undefined) this.#end(key, stored, slot, "removed", outcome);
      else this.#move(key, stored, { ...stored, ...step.state });
    }
  }

  /** Keeps a state, and writes it only where more has changed than the number. */
  #move(key: string, stored: StoredAlert | undefined, next: Omit<StoredAlert, "fingerprint" | "evidence">): void {
    if (stored !== undefined && isSameState(stored, next)) {
      stored.value = next.value;
      return;
    }
    const sentAs = stored?.fingerprint;
    const rule = this.#identity.ruleOf(next.rule) as Rule;
    const firing = next.firingSince !== undefined;
    const labels = firing && sentAs === undefined ? this.#identity.labelsOf(rule, next) : undefined;
    const name = labels === undefined ? sentAs : fingerprint(labels);
    const unnotified = firing && rule.pager === "prometheus";
    this.#alerts.set(key, {
      ...next,
      ...(name === undefined ? {} : { fingerprint: name }),
      ...(stored?.evidence === undefined ? {} : { evidence: stored.evidence }),
      ...(unnotified ? { unnotified } : {}),
    });
  }

  #end(key: string, stored: StoredAlert, at: number, why: Resolve["why"], outcome: RuleOutcome): void {
    this.#alerts.forget(key, stored);
    const { firingSince: startsAt, fingerprint: sentAs, target, group } = stored;
    const fired = startsAt !== undefined && sentAs !== undefined;
    const rule = this.#identity.ruleOf(stored.rule);
    // The pager may have changed since: if the alert was reported, its end is reported too.
    if (fired && stored.unnotified !== true)
      outcome.resolved.push({
        fingerprint: sentAs,
        startsAt,
        resolvedAt: why === "removed" ? at : this.#incidents.endOf(rule, stored, at),
        why,
      });
    const labels = rule ? this.#identity.labelsOf(rule, stored) : this.#identity.groupLabels(target, group);
    outcome.changes.push({ alert: stored.rule, labels, change: fired ? "resolved" : "dropped" });
  }

  /** The alert of a group that fires; none if Prometheus pages for it. */
  #alertOf(stored: StoredAlert, now: number): Alert[] {
    const rule = this.#identity.ruleOf(stored.rule);
    const { firingSince: startsAt, fingerprint: sentAs, activeSince, value } = stored;
    if (rule === undefined || rule.pager === "prometheus" || startsAt === undefined) return [];
    const { externalUrl, vantages } = this.#config;
    const at = { fingerprint: sentAs as string, startsAt, activeSince, value: value ?? Number.NaN, externalUrl };
    const alert = makeAlert(rule, this.#identity.labelsOf(rule, stored), at, stored.evidence);
    const source = { table: this.#head.table, vantages, now };
    return [addOutage(alert, rule.condition, this.#identity.targets.get(stored.target), source)];
  }

  /** Adapts alerts of another config: those without a rule end, and those with another identity end under the old one. */
  #take(key: string, stored: StoredAlert): void {
    const inherited = this.#windows.blocks.has(stored.target) ? this.#identity.inherited(stored) : "gone";
    if (inherited === "same") this.#alerts.set(key, stored);
    else this.#orphans.push({ key, stored, goesOn: inherited === "renamed" });
  }
}

const NO_TARGETS: ReadonlySet<string> = new Set();

/** Which counters started at 0: Prometheus needs it for its windows. */
const CREATED = "zako_v1_target_created_timestamp_seconds";
