import { labelCleaner } from "../lib/hide-secrets.ts";
import { casAccess, type OriginAccess, outsideAccess, transportAccess } from "../model/origin-access.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ReportedMetric } from "../model/probing/reported-metric.ts";
import { type AccessDeps, secretsIn } from "./access.ts";
import type { RunReport } from "./run-report.ts";

/** How secrets are found. */
interface SecretDeps extends AccessDeps {
  /** All secrets that are bound, so that none comes back in a server's words. */
  readonly secrets?: () => readonly string[];
}

/** Metrics whose label values hold none of the secrets. */
export function withCleanLabels(metrics: readonly ReportedMetric[], secrets: readonly string[]): ReportedMetric[] {
  const clean = labelCleaner(() => secrets);
  return metrics.map((metric) => ({
    ...metric,
    labels: Object.fromEntries(Object.entries(metric.labels).map(([name, value]) => [name, clean(value ?? "")])),
  }));
}

/** All secrets that a server's words and labels must not hold. */
export const runSecrets = (task: ProbeTask, report: RunReport, deps: SecretDeps): string[] => [
  ...(deps.secrets?.() ?? []),
  ...ownSecrets(task, report, deps),
];

/** Tokens and secrets that went out with the run. */
const ownSecrets = (task: ProbeTask, report: RunReport, deps: SecretDeps): string[] =>
  [
    task.memory.token,
    report.memory?.token,
    ...accessesOf(task).flatMap(({ headers }) => secretsIn(headers, deps)),
  ].filter((secret) => secret !== undefined);

const accessesOf = ({ target, plan: { outside } }: ProbeTask): OriginAccess[] => [
  casAccess(target),
  transportAccess(target),
  ...(outside === undefined ? [] : [outsideAccess(target, outside)]),
];
