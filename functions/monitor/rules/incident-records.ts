import type { AlertState } from "../../evaluate/rules/alert-state.ts";
import type { AnyCondition, Rule } from "../../model/alerting/rule.ts";
import type { Target } from "../../model/probing/target.ts";
import type { Verdict } from "../../model/probing/verdict.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { readVerdict, VERDICT_FAMILY } from "../tick/verdict-columns.ts";
import type { StoredAlert } from "./stored-alert.ts";

type Group = Pick<StoredAlert, "target" | "group">;

/**
 * The times of incidents, for the alerts that live as long as one: an outage lasts from its first failing run to the
 * first good run of the streak that closed it, however late either was confirmed or told.
 */
export class IncidentRecords {
  readonly #table: SeriesTable;
  readonly #targets: ReadonlyMap<string, Target>;

  constructor(table: SeriesTable, targets: ReadonlyMap<string, Target>) {
    this.#table = table;
    this.#targets = targets;
  }

  /** The state of an alert that begins to fire, with the beginning of its incident. */
  begun(rule: Rule, of: Group, state: AlertState): AlertState {
    const open = this.#verdicts(rule, of, state.activeSince).filter(({ incidentOpen }) => incidentOpen);
    const known = open.flatMap(({ failingSince }) => (failingSince > 0 ? [failingSince] : []));
    return { ...state, activeSince: Math.min(state.activeSince, ...known) };
  }

  /** When what an alert told of was over, epoch ms; `at` where nothing here says. */
  endOf(rule: Rule | undefined, alert: StoredAlert, at: number): number {
    const verdicts = rule === undefined ? [] : this.#verdicts(rule, alert, at);
    if (verdicts.some(({ incidentOpen }) => incidentOpen)) return at;
    const over = Math.max(0, ...verdicts.map(({ recoveringSince }) => recoveringSince));
    const began = alert.firingSince ?? 0;
    if (over <= alert.activeSince) return rule === undefined ? at : Math.max(this.#wellSince(rule, alert, at), began);
    return Math.max(over, began);
  }

  /**
   * Since when the probe that began an outage is well, epoch ms, where the outage was another shard's and no incident of
   * it was ever open here: the first run here that found it well. `at` where that is not known.
   */
  #wellSince(rule: Rule, { target: name, group: { probe }, evidence, activeSince }: StoredAlert, at: number): number {
    const cause = probe ?? evidence?.cause;
    if (cause === undefined || !isOfIncident(rule.condition) || !this.#targets.has(name)) return at;
    // The probe that began it may be gone from the configuration.
    if (!this.#table.has(name, VERDICT_FAMILY.name, { probe: cause })) return at;
    const { block, offset } = this.#table.at(name, VERDICT_FAMILY.name, { probe: cause }, at);
    const { state, since } = readVerdict(block.values, offset);
    return (state === "up" || state === "degraded") && since > activeSince ? Math.min(since, at) : at;
  }

  /** Of a probe its own, of a target those of its critical probes: it is in an incident as long as one of them is. */
  #verdicts({ condition }: Rule, { target: name, group }: Group, at: number): Verdict[] {
    const target = isOfIncident(condition) ? this.#targets.get(name) : undefined;
    const { probe } = group;
    const plans =
      target?.probes.filter(({ kind, critical }) => (probe === undefined ? critical : kind === probe)) ?? [];
    return plans.map(({ kind }) => {
      const { block, offset } = this.#table.at(name, VERDICT_FAMILY.name, { probe: kind }, at);
      return readVerdict(block.values, offset);
    });
  }
}

/** Whether an alert of this condition lives as long as an incident. */
const isOfIncident = (condition: AnyCondition): boolean =>
  condition.kind === "verdict" && Reflect.get(condition, "state") === "down";
