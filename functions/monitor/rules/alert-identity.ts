import { alertLabels, type Variant, variantIndex, variantsOf } from "../../evaluate/rules/make-alert.ts";
import type { AlertLabels, Severity } from "../../model/alerting/alert.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Target } from "../../model/probing/target.ts";
import type { StoredAlert } from "./stored-alert.ts";

/** Who an alert is under one config: its labels, and what its rule is for its group. */
export class AlertIdentity {
  readonly targets: ReadonlyMap<string, Target>;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #variants: ReadonlyMap<string, readonly (Variant | undefined)[]>;
  /** The prober's own series are the same in every shard, so there the shard tells alerts apart. */
  readonly #shard: AlertLabels;

  /** `shard`: index of the Monitor among the config's shards. */
  constructor(rules: readonly Rule[], config: Pick<Config, "targets" | "shards">, shard: number) {
    this.targets = new Map(config.targets.map((target) => [target.name, target]));
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]));
    this.#variants = new Map(rules.map((rule) => [rule.name, variantsOf(rule)]));
    this.#shard = config.shards > 1 ? { shard: `${shard}` } : {};
  }

  /** Names of the rules that are evaluated, in the order of the config. */
  get ruleNames(): string[] {
    return [...this.#rules.keys()];
  }

  /** The rule of that name, if it is evaluated. */
  ruleOf(name: string): Rule | undefined {
    return this.#rules.get(name);
  }

  /** The rule as it is for a group; undefined where it is off. */
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

  /** The labels that tell a group apart from all others. */
  groupLabels(target: string, group: AlertLabels): AlertLabels {
    return target === "" ? { ...group, ...this.#shard } : { target, ...group };
  }

  /**
   * What becomes of an alert that another config, or another owner, has left: it is the same here; its group goes on
   * under another identity; or its rule is gone or off.
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
