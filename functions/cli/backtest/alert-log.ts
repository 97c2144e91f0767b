import { renderTemplate } from "../../evaluate/rules/render-template.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { RuleOutcome } from "../../monitor/rules/rule-outcome.ts";

/** An alert that fired in a replay. Slots, epoch ms. */
export interface ReplayedAlert {
  /** With `alertname`, `severity` and `pager`, and the target's own labels. */
  labels: AlertLabels;
  /** The values of the rule's `by` labels: what it is about. */
  about: readonly string[];
  /** Since when the condition held; the same as `firedAt` where the rule does not wait. */
  pendingAt: number;
  firedAt: number;
  /** Absent where it still fires at the end. */
  resolvedAt?: number;
  /** The condition's number when it fired; absent where it is none. */
  value?: number;
  description: string;
}

/** The only place in which an alert shows its number, so each rule is made to begin with it; a verdict adds its evidence. */
const NUMBER = "{{ $value }}";

/** Writes down what the rules of a replay come to. */
export class AlertLog {
  /** The rules to replay: theirs, but telling numbers, and all telling of their alerts, whoever pages for them. */
  readonly rules: readonly Rule[];
  readonly #rules: ReadonlyMap<string, Rule>;
  /** Since when alerts that do not fire yet have been pending, by their labels. */
  readonly #pending = new Map<string, number>();
  /** By fingerprint. */
  readonly #firing = new Map<string, ReplayedAlert>();
  readonly #alerts: ReplayedAlert[] = [];

  constructor(rules: readonly Rule[]) {
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]));
    this.rules = rules.map((rule) => ({ ...rule, description: NUMBER, pager: "edge" }));
  }

  /** Takes the evaluation of a slot. */
  note({ firing, resolved, changes }: RuleOutcome, slot: number): void {
    const began = new Map<string, number>();
    for (const { labels, change } of changes) {
      const key = JSON.stringify(labels);
      if (change === "pending") this.#pending.set(key, slot);
      else {
        if (change === "firing") began.set(key, this.#pending.get(key) ?? slot);
        this.#pending.delete(key);
      }
    }
    // Here it counts when a rule ended its alert, not when the outage that it told of was over.
    for (const { fingerprint } of resolved) {
      const alert = this.#firing.get(fingerprint);
      if (alert !== undefined) alert.resolvedAt = slot;
      this.#firing.delete(fingerprint);
    }
    for (const { fingerprint, labels, annotations, startsAt } of firing) {
      if (this.#firing.has(fingerprint)) continue;
      const pendingAt = began.get(JSON.stringify(labels)) ?? startsAt;
      const alert = this.#alertOf(labels, Number.parseFloat(annotations["description"] ?? ""), pendingAt, startsAt);
      this.#firing.set(fingerprint, alert);
      this.#alerts.push(alert);
    }
  }

  alerts(): ReplayedAlert[] {
    return [...this.#alerts];
  }

  #alertOf(labels: AlertLabels, value: number, pendingAt: number, firedAt: number): ReplayedAlert {
    const rule = this.#rules.get(labels["alertname"] as string) as Rule;
    const own: AlertLabels = { ...labels, pager: rule.pager };
    const known = Number.isFinite(value) ? { value } : {};
    const about = rule.by.flatMap((name) => own[name] ?? []);
    const description = renderTemplate(rule.description, own, value);
    return { labels: own, about, pendingAt, firedAt, ...known, description };
  }
}
