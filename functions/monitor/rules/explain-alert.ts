import { formatDuration } from "../../lib/duration.ts";
import type { Alert, AlertLabels } from "../../model/alerting/alert.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import { LOCAL_VANTAGE, type Vantage } from "../../model/probing/vantage.ts";
import type { Vote } from "../../model/probing/verdict.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { readVantageState, VANTAGE_STATE_FAMILY } from "../tick/verdict-columns.ts";

/** Probes that are named at most where they fail for different reasons. */
const MOST_PROBES = 3;

/** A probe that is asked this often, ms, needs no word about when its end will be known. */
const QUICK_MS = 60_000;

/** A probe with the vantages whose newest runs of it were not good. */
interface Trouble {
  plan: ProbePlan;
  votes: readonly Vote[];
  /** Epoch seconds; undefined where no run has ever been good. */
  formatLastSuccess: number | undefined;
}

/** Where an alert's words come from. */
export interface Evidence {
  table: SeriesTable;
  targets: ReadonlyMap<string, Target>;
  vantages: readonly Vantage[];
  /** Epoch ms. */
  now: number;
}

/**
 * What the newest runs say of an alert: `reason` (one of the closed list, or a sentence where probes differ),
 * `checked_again` (where a probe may not be rechecked between its own runs, how often those are), `vantages` (absent where there is only one, without a name) and `last_success` (ISO time). Empty where the alert's runs are all good.
 */
export function explainAlert(labels: AlertLabels, evidence: Evidence): Alert["annotations"] {
  const target = evidence.targets.get(labels["target"] ?? "");
  if (target === undefined) return {};
  const { probe, vantage } = labels;
  const plans = target.probes.filter((plan) => (probe === undefined ? plan.critical : plan.kind === probe));
  const vantages = evidence.vantages.filter((one) => vantage === undefined || one === vantage);
  const troubles = worst(plans.map((plan) => troubleOf(target, plan, vantages, evidence)));
  if (troubles.length === 0) return {};
  const from = new Set(troubles.flatMap(({ votes }) => votes.map((vote) => vote.vantage)));
  const known = troubles.flatMap(({ formatLastSuccess }) => formatLastSuccess ?? []);
  const slowest = Math.max(0, ...troubles.map(({ plan }) => (plan.recheckMs === undefined ? plan.intervalMs : 0)));
  return {
    reason: reasonOf(troubles),
    ...(slowest > QUICK_MS ? { checked_again: `every ${formatDuration(slowest)}` } : {}),
    ...(evidence.vantages.length === 1 && from.has(LOCAL_VANTAGE)
      ? {}
      : { vantages: `${[...from].join(", ")} (${from.size} of ${vantages.length})` }),
    ...(known.length === 0
      ? { last_success: "none since the target was added" }
      : { last_success: new Date(Math.min(...known) * 1000).toISOString() }),
  };
}

/** Those that fail; where none does, those that are degraded. */
function worst(troubles: readonly Trouble[]): Trouble[] {
  const failing = only(troubles, "failed");
  return failing.length > 0 ? failing : only(troubles, "degraded");
}

const only = (troubles: readonly Trouble[], outcome: Vote["outcome"]): Trouble[] =>
  troubles
    .map((trouble) => ({ ...trouble, votes: trouble.votes.filter((vote) => vote.outcome === outcome) }))
    .filter(({ votes }) => votes.length > 0);

function troubleOf(target: Target, plan: ProbePlan, vantages: readonly Vantage[], { table, now }: Evidence): Trouble {
  const votes = vantages.flatMap((vantage) => {
    const labels = { probe: plan.kind, vantage };
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, labels, now);
    const { vote } = readVantageState(block.values, offset, vantage);
    return vote === undefined || vote.outcome === "ok" ? [] : [vote];
  });
  const good = vantages
    .map((vantage) =>
      table.read(target.name, "zako_v1_probe_last_success_timestamp_seconds", { probe: plan.kind, vantage }),
    )
    .filter((at): at is number => at !== undefined && !Number.isNaN(at));
  return { plan, votes, formatLastSuccess: good.length === 0 ? undefined : Math.max(...good) };
}

function reasonOf(troubles: readonly Trouble[]): string {
  const each = troubles.map(({ plan, votes }) => ({ probe: plan.kind, reason: commonest(votes) }));
  const [first] = each;
  if (first !== undefined && each.every(({ reason }) => reason === first.reason)) return first.reason;
  const shown = each.slice(0, MOST_PROBES).map(({ probe, reason }) => `${probe}: ${formatReason[reason]} (${reason})`);
  const left = each.length - shown.length;
  return `${shown.join("; ")}${left > 0 ? `; and ${left} more` : ""}`;
}

function commonest(votes: readonly Vote[]): Reason {
  const counts = Map.groupBy(votes, (vote) => vote.reason ?? "internal");
  return [...counts].reduce((a, b) => (b[1].length > a[1].length ? b : a))[0];
}
