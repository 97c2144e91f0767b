import { overrideRefusals } from "../../config/override.ts";
import { rulesOf } from "../../config/rules/catalogue.ts";
import type { Config } from "../../model/config.ts";
import { SELF_FAMILIES } from "../../model/families/self-families.ts";
import { withMonitorFamilies } from "../../model/families/shown-families.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { ImportedFamily } from "../../model/probing/reported-metric.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import { VOTE_OUTCOMES } from "../../model/probing/verdict.ts";
import { AUTH_ROUTES, REFUSED_TOKEN_REASONS } from "../../model/refused-tokens.ts";
import { EXEMPLAR_FAMILY } from "../../model/snapshot.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type PrivateFamily, printedLabel } from "../../store/series/series-layout.ts";
import type { Wanted } from "../../store/series/series-table.ts";
import { UNDECIDED_VOTES_FAMILY } from "./count-votes.ts";
import { VANTAGE_STATE_FAMILY, VERDICT_FAMILY } from "./verdict-columns.ts";

/** The block of the prober's own series. */
export const SELF = "";

/** Families of ours that are stored as numbers and never shown. */
const PRIVATE_FAMILIES: readonly PrivateFamily[] = [
  VERDICT_FAMILY,
  VANTAGE_STATE_FAMILY,
  UNDECIDED_VOTES_FAMILY,
  { name: EXEMPLAR_FAMILY, labels: ["target", "probe"], width: 6 },
];

/** Every family that a Monitor may hold, the private ones last. `imports` are those of the configuration. */
export const allFamilies = (
  kinds: readonly ProbeKind[],
  imports: readonly ImportedFamily[] = [],
): (Family | PrivateFamily)[] => withMonitorFamilies(kinds, imports, PRIVATE_FAMILIES);

type Initial = { family: string; labels: Labels };

/** The series that every target and the prober itself must have under a config. Pure. */
export function wantedSeries(config: Config, kinds: ReadonlyMap<string, ProbeKind>): Wanted[] {
  const self: Wanted = {
    target: SELF,
    initial: SELF_FAMILIES.filter((f) => !f.labels.some((l) => l === "target")).flatMap((f) => selfSeries(config, f)),
    keep: (_family, labels) =>
      printedLabel(labels, "config") === undefined &&
      printedLabel(labels, "hash") === undefined &&
      seenFrom(config, labels),
  };
  const rules = new Set(rulesOf(config).map(({ name }) => name));
  return [self, ...config.targets.map((t) => wantedOf(config, t, kinds, rules))];
}

function selfSeries(config: Config, family: Family): Initial[] {
  if (family.labels.length === 0) return [{ family: family.name, labels: {} }];
  if (family.labels.join() === "vantage")
    return config.vantages.map((vantage) => ({ family: family.name, labels: { vantage } }));
  if (family.name === "zako_watch_config_override_refusals_total")
    return overrideRefusals.map((reason) => ({ family: family.name, labels: { reason } }));
  if (family.name === "zako_watch_tokens_refused_total")
    return AUTH_ROUTES.flatMap((route) =>
      REFUSED_TOKEN_REASONS.map((reason) => ({ family: family.name, labels: { route, reason } })),
    );
  return [];
}

const seenFrom = (config: Config, labels: string): boolean => {
  const vantage = printedLabel(labels, "vantage");
  return vantage === undefined || config.vantages.includes(vantage);
};

function wantedOf(
  config: Config,
  target: Target,
  kinds: ReadonlyMap<string, ProbeKind>,
  rules: ReadonlySet<string>,
): Wanted {
  const probes = new Set(target.probes.map((p) => p.kind));
  return {
    target: target.name,
    initial: [
      { family: "zako_v1_target_state", labels: {} },
      { family: "zako_v1_target_incident_open", labels: {} },
      ...VOTE_OUTCOMES.flatMap((outcome) =>
        ["false", "true"].map((incident) => ({ family: "zako_v1_target_votes_total", labels: { outcome, incident } })),
      ),
      { family: "zako_watch_target_gap_probes", labels: {} },
      { family: "zako_watch_budget_written_bytes", labels: {} },
      { family: "zako_watch_budget_tokens", labels: {} },
      ...target.probes.flatMap((plan) => probeSeries(config, plan, kinds.get(plan.kind))),
    ],
    keep: (_family, labels) => {
      const probe = printedLabel(labels, "probe");
      const rule = printedLabel(labels, "rule");
      const isMeant = (probe === undefined || probes.has(probe)) && (rule === undefined || rules.has(rule));
      return isMeant && seenFrom(config, labels);
    },
  };
}

function probeSeries(config: Config, plan: ProbePlan, kind: ProbeKind | undefined): Initial[] {
  const probe = plan.kind;
  const of = (family: string, labels: Labels = {}): Initial => ({ family, labels: { probe, ...labels } });
  return [
    of(VERDICT_FAMILY.name),
    of(EXEMPLAR_FAMILY),
    of("zako_v1_probe_duration_seconds"),
    of("zako_v1_probe_retries_total"),
    ...VOTE_OUTCOMES.map((outcome) => of("zako_v1_probe_votes_total", { outcome })),
    of("zako_v1_probe_state"),
    of("zako_v1_probe_incident_open"),
    of("zako_v1_probe_failing"),
    of(UNDECIDED_VOTES_FAMILY.name),
    of("zako_watch_probe_gap_intervals"),
    ...config.vantages.flatMap((vantage) => [
      of(VANTAGE_STATE_FAMILY.name, { vantage }),
      of("zako_v1_probe_success", { vantage }),
      of("zako_v1_probe_attempts_total", { vantage }),
      of("zako_v1_probe_failures_total", { vantage }),
      of("zako_v1_probe_blocked_total", { vantage }),
      of("zako_v1_probe_last_run_timestamp_seconds", { vantage }),
      of("zako_v1_probe_last_success_timestamp_seconds", { vantage }),
    ]),
    ...(kind?.steps ?? []).map((step) => of("zako_v1_probe_step_duration_seconds", { step })),
    ...(kind?.initial(plan.options) ?? []),
  ];
}
