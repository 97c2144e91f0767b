import type { Alert, AlertLabels } from "../../model/alerting/alert.ts";
import type { Evidence, FailedStep } from "../../model/alerting/evidence.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { formatReason } from "../../model/probing/failure.ts";
import { reasonPhrase } from "../../model/probing/reason-phrase.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import { renderTemplate } from "./render-template.ts";

/** Steps that are named at most where they fail for different reasons. */
const MOST_STEPS = 3;

/** Summary and description of an alert. What a verdict rests on is said in the same sentence. */
export function describeAlert(
  rule: Rule,
  labels: AlertLabels,
  value: number,
  evidence: Evidence | undefined,
): { summary: string; description: string } {
  const [summary, description] = [rule.summary, rule.description].map((text) =>
    renderTemplate(text, labels, value),
  ) as [string, string];
  const clause =
    rule.condition.kind === "verdict" && evidence !== undefined ? verdictClause(evidence, labels["probe"]) : undefined;
  if (clause === undefined || evidence === undefined) return { summary, description };
  const isRegional = "state" in rule.condition && rule.condition.state === "regional";
  return {
    summary: isRegional ? `${summary} (${evidence.vantages.join(", ")})` : summary,
    description: `${description.replace(/\.$/, "")}: ${clause}.`,
  };
}

/** `named`: the probe that the sentence has named already. */
function verdictClause(
  { cause, runs, steps, vantages, outOf }: Evidence,
  named: string | undefined,
): string | undefined {
  const first = steps.find(({ probe }) => probe === cause) ?? steps[0];
  if (first === undefined) return undefined;
  const what = `${first.probe === named ? "it" : first.probe} ${first.reason === "slow" ? "has" : "fails with"} ${phraseOf(first)}`;
  if (isNameless(vantages, outOf))
    return runs === undefined || runs.failed === 0
      ? what
      : `${what} (${runs.failed} of ${runs.outOf} runs${runs.confirmed ? ", confirmed" : ""})`;
  return `${what} from ${vantages.length} of ${outOf} vantages (${vantages.join(", ")})`;
}

function phraseOf({ reason, httpStatus }: FailedStep): string {
  if (httpStatus === undefined) return reasonPhrase[reason];
  return reason === "http_status" ? `HTTP ${httpStatus}` : `${reasonPhrase[reason]} (HTTP ${httpStatus})`;
}

const isNameless = (vantages: readonly string[], outOf: number): boolean =>
  outOf === 1 && vantages.every((vantage) => vantage === LOCAL_VANTAGE);

/**
 * The evidence as annotations: `reason` (one of the closed list, or a sentence where steps differ), `vantages` (absent
 * where there is only one, without a name) and `last_success` (ISO time, or that there was none).
 */
export function evidenceAnnotations(evidence: Evidence | undefined): Alert["annotations"] {
  if (evidence === undefined) return {};
  const { steps, vantages, outOf, lastSuccessAt } = evidence;
  return {
    reason: reasonOf(steps),
    ...(isNameless(vantages, outOf) ? {} : { vantages: `${vantages.join(", ")} (${vantages.length} of ${outOf})` }),
    last_success: lastSuccessAt === undefined ? "none in this run" : new Date(lastSuccessAt).toISOString(),
  };
}

function reasonOf(steps: readonly FailedStep[]): string {
  const [first] = steps;
  if (first !== undefined && steps.every(({ reason }) => reason === first.reason)) return first.reason;
  const shown = steps
    .slice(0, MOST_STEPS)
    .map(
      ({ probe, step, reason }) => `${[probe, step].filter(Boolean).join(" ")}: ${formatReason[reason]} (${reason})`,
    );
  const left = steps.length - shown.length;
  return `${shown.join("; ")}${left > 0 ? `; and ${left} more` : ""}`;
}
