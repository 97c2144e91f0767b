import { alertLabels, type Variant, variantIndex, variantsOf } from "../../evaluate/rules/make-alert.ts";
import type { AlertLabels, Severity } from "../../model/alerting/alert.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Target } from "../../model/probing/target.ts";
import type { StoredAlert } from "./stored-alert.ts";

/** Identity of alerts under one config: their labels, and the rule variant of their group. */
export class AlertIdentity {
  readonly targets: ReadonlyMap<string, Target>;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #variants: ReadonlyMap<string, readonly (Variant | undefined)[]>;
  /** The prober's own series are the same in every shard, so the shard is part of their alerts' identity. */
  readonly #shard: AlertLabels;

  /** `shard`: index of the Monitor among the config's shards. */
  constructor(rules: readonly Rule[], config: Pick<Config, "targets" | "shards">, shard: number) {
    this.targets = new Map(config.targets.map((target) => [target.name, target]));
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]));
    this.#variants = new Map(rules.map((rule) => [rule.name, variantsOf(rule)]));
    this.#shard = config.shards > 1 ? { shard: `${shard}` } : {};
  }

  /** Names of the evaluated rules, in config order. */
  get ruleNames(): string[] {
    return [...this.#rules.keys()];
  }

  /** The rule with this name, if it is evaluated. */
  ruleOf(name: string): Rule | undefined {
    return this.#rules.get(name);
  }

  /** The rule's variant for a group; undefined if disabled. */
  variantOf(rule: Rule, target: string, group: AlertLabels): Variant | undefined {
    const variants = this.#variants.get(rule.name) ?? [];
    if (variants.length === 1) return variants[0];
    const own = this.targets.get(target)?.labels ?? {};
    return variants[variantIndex(rule, this.groupLabels(target, group), own)];
  }

  /** All labels of an alert. */
  labelsOf(rule: Rule, of: Pick<StoredAlert, "target" | "group" | "severity">): AlertLabels {
    const own = this.targets.get(of.target)?.labels ?? {};
    return alertLabels(rule, of.severity, this.groupLabels(of.target, of.group), own);
  }

  /** The labels that identify a group. */
  groupLabels(target: string, group: AlertLabels): AlertLabels {
    return target === "" ? { ...group, ...this.#shard } : { target, ...group };
  }

  /**
   * What happens to an alert left by another config or owner: it is the same here (`same`), its group continues with another
   * identity (`renamed`), or its rule is gone or disabled (`gone`).
   */
  inherited(stored: StoredAlert): "same" | "renamed" | "gone" {
    const { rule: name, target, group, fingerprint: before } = stored;
    const rule = this.#rules.get(name);
    const severity: Severity | undefined = rule && this.variantOf(rule, target, group)?.severity;
    if (rule === undefined || severity === undefined) return "gone";
    const here = fingerprint(this.labelsOf(rule, { ...stored, severity }));
    return (before ?? here) === here ? "same" : "renamed";
  }
}
