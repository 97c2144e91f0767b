import { MINUTE_MS } from "../lib/time-units.ts";
import type { Config } from "../model/config.ts";
import { shownFamilies } from "../model/families/shown-families.ts";
import type { Target } from "../model/probing/target.ts";
import { LOCAL_VANTAGE } from "../model/probing/vantage.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { documentSchema, type ReadDocument } from "./document.ts";
import { canonical, digest } from "./hash.ts";
import { formatPath, type Issue, show } from "./issue.ts";
import { compileMaintenance } from "./notify/compile-maintenance.ts";
import { compileNotify, type NotifyContext } from "./notify/compile-notify.ts";
import { type AlertSources, labelValues } from "./notify/label-values.ts";
import { possibleAlerts } from "./notify/possible-alerts.ts";
import { read } from "./read.ts";
import { rulesOf } from "./rules/catalogue.ts";
import { compileRules } from "./rules/compile-rules.ts";
import { compileStatusPage } from "./status/compile-status-page.ts";
import { capacityWarnings } from "./targets/capacity.ts";
import { type Bindings, bindingWarnings, checkBindings } from "./targets/check-bindings.ts";
import { gridOf } from "./targets/grid.ts";
import { compileFamilies } from "./targets/imported-families.ts";
import { compileTarget } from "./targets/target.ts";
import { accessWarnings } from "./targets/target-access.ts";
import { unexpanded } from "./unexpanded.ts";
import { compileExternalUrl } from "./urls/external-url.ts";

/** A configuration to run with, or everything that is wrong with the document. */
export type Compiled =
  | { ok: true; config: Config; warnings: readonly Issue[] }
  | { ok: false; issues: readonly Issue[] };

/** How to compile. */
export interface CompileOptions {
  /** For a run on one machine: http and loopback targets are allowed. */
  local: boolean;
  /**
   * The document overrides a deployed one, which decides who is notified: matchers that nothing could match, since targets
   * or rules are others, are only doubtful.
   */
  isOverride?: boolean;
  /** The bindings of the deployment, so that a missing one is an error; absent: not known here. */
  bindings?: Bindings;
}

/** Sections that decide which alerts there can be. */
const ALERT_SOURCES: ReadonlySet<unknown> = new Set(["targets", "defaults", "rules", "families", "vantages"]);

/** Without repeats: what is said under `defaults` is wrong for every target alike. */
const distinct = (issues: readonly Issue[]): Issue[] => [
  ...new Map(issues.map((issue) => [`${formatPath(issue.path)}\n${issue.message}`, issue])).values(),
];

function repeats(values: readonly (string | undefined)[]): { index: number; first: number }[] {
  const firsts = new Map<string, number>();
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const first = firsts.get(value);
    if (first !== undefined) return [{ index, first }];
    firsts.set(value, index);
    return [];
  });
}

function targetWarnings(target: Target, index: number): Issue[] {
  const path = ["targets", index];
  if (target.probes.length === 0)
    return [
      {
        path,
        message: `all probes of ${target.name} are off, so it is not watched; switch one on, or remove the target`,
      },
    ];
  if (!target.probes.some((plan) => plan.critical))
    return [
      {
        path,
        message: `no probe of ${target.name} is critical, so it can never be down; set \`critical: true\` on one`,
      },
    ];
  return [];
}

function compileTargets(
  document: unknown,
  found: ReadDocument,
  kinds: readonly ProbeKind[],
  { local, gridMs }: { local: boolean; gridMs: number },
  issues: Issue[],
): Target[] {
  const given = found.targets ?? [];
  if (found.targets?.length === 0) issues.push({ path: ["targets"], message: "has no targets; give at least one" });
  for (const { index, first } of repeats(given.map((target) => target?.name)))
    issues.push({
      path: ["targets", index, "name"],
      message: `${show(given[index]?.name, [])} is already the name of targets[${first}]; give each target its own name`,
    });
  const raw = document as { defaults?: { probes?: unknown } | null; targets: readonly unknown[] };
  return given.flatMap((target, index) => {
    if (target === undefined) return [];
    const context = {
      kinds,
      defaults: found.defaults ?? {},
      rawDefaultProbes: raw.defaults?.probes,
      rawTarget: raw.targets[index],
      vantages: Math.max(1, found.vantages?.length ?? 0),
      gridMs,
      local,
    };
    return compileTarget(target, ["targets", index], context, issues) ?? [];
  });
}

/** What is wrong with single keys of the top that are right by themselves. */
function topIssues({ vantages = [], retention }: ReadDocument): Issue[] {
  const issues = repeats(vantages).map(({ index, first }): Issue => {
    const message = `${show(vantages[index], [])} is already vantages[${first}]; list each region once`;
    return { path: ["vantages", index], message };
  });
  const { samples_days: samplesDays, rollups_days: rollupsDays } = retention ?? {};
  if (samplesDays === undefined || rollupsDays === undefined || rollupsDays >= samplesDays) return issues;
  const message = `\`rollups_days\` (${rollupsDays}) is below \`samples_days\` (${samplesDays}); rollups must be kept at least as long as their samples`;
  return [...issues, { path: ["retention"], message }];
}

/** What is known of the alerts there can be. `doubts` takes what nothing can match. */
function alertContext(
  { rules, ...known }: Omit<AlertSources, "rules"> & { rules: Config["rules"]; targets: readonly Target[] },
  issues: readonly Issue[],
  doubts: Issue[],
): Omit<NotifyContext, "local"> {
  const { targets } = known;
  const inForce = rulesOf({ ...(rules === undefined ? {} : { rules }), targets });
  return {
    alerts: () => possibleAlerts(inForce, targets),
    labels: labelValues({ ...known, rules: inForce }),
    // What alerts there can be is not known while these are wrong.
    doubts: issues.some(({ path }) => ALERT_SOURCES.has(path[0])) ? [] : doubts,
  };
}

/**
 * Compiles the user's document (plain data, as parsed from YAML) with the kinds of probes that there are. All issues come at once; warnings stop nothing. Pure.
 */
export function compileConfig(
  document: unknown,
  kinds: readonly ProbeKind[],
  { local, isOverride = false, bindings }: CompileOptions,
): Compiled {
  if (document === null || document === undefined)
    return { ok: false, issues: [{ path: [], message: "is empty; give at least one target under `targets`" }] };
  const variables = unexpanded(document);
  const issues: Issue[] = [...variables];
  const found = read(documentSchema(kinds), document, issues) ?? {};
  issues.push(...topIssues(found));
  const { samples_days: samplesDays, rollups_days: rollupsDays } = found.retention ?? {};
  // Intervals decide the grid, and the grid bounds timeouts that nobody gave.
  const coarse = compileTargets(document, found, kinds, { local, gridMs: MINUTE_MS }, []);
  const gridMs = gridOf(coarse);
  const targets = compileTargets(document, found, kinds, { local, gridMs }, issues);
  if (bindings !== undefined) issues.push(...checkBindings(targets, document, bindings));
  const own = new Set(kinds.flatMap(({ families }) => families.map(({ name }) => name)));
  const imports = compileFamilies(found.families ?? [], own, issues);
  const doubts: Issue[] = [];
  const raw = (document as { notify?: unknown }).notify;
  const { rules, warnings: ruleWarnings } = compileRules(found, () => shownFamilies(kinds, imports), issues);
  const regions = (found.vantages ?? []).flatMap((region) => region ?? []);
  const vantages = regions.length === 0 ? [LOCAL_VANTAGE] : regions;
  const known = { rules, targets, vantages, probes: kinds.map(({ kind }) => kind) };
  const context = { local, ...alertContext(known, issues, isOverride ? doubts : issues) };
  const notify = found.notify === undefined ? undefined : compileNotify(found.notify, raw, context, issues, doubts);
  const maintenance = compileMaintenance(found.maintenance ?? [], targets, issues, context.doubts);
  const statusPage = found.status_page && compileStatusPage(found.status_page, targets, issues, context.doubts);
  const externalUrl = compileExternalUrl(found.external_url, local, issues);
  if (issues.length > 0) return { ok: false, issues: distinct(withoutFollowing(issues, variables)) };

  const { installation, shards, lanes, metrics } = found;
  const content = {
    local,
    installation: given(installation),
    gridMs,
    shards: given(shards),
    vantages,
    lanes: given(lanes),
    targets,
    ...(rules === undefined ? {} : { rules }),
    ...(externalUrl === undefined ? {} : { externalUrl }),
    ...(imports.length === 0 ? {} : { imports }),
    metrics: {
      public: local || given(metrics?.public),
      created: given(metrics?.created),
      detail: given(metrics?.detail),
    },
    retention: { samplesDays: given(samplesDays), rollupsDays: given(rollupsDays) },
    ...(notify === undefined ? {} : { notify }),
    ...(maintenance.length === 0 ? {} : { maintenance }),
    ...(statusPage === undefined ? {} : { statusPage }),
  };
  const config: Config = { hash: digest(canonical(content)), ...content };
  return { ok: true, config, warnings: warningsOf(config, kinds, bindings, [...ruleWarnings, ...doubts]) };
}

function warningsOf(
  config: Config,
  kinds: readonly ProbeKind[],
  bindings: Bindings | undefined,
  others: readonly Issue[],
): Issue[] {
  const { targets } = config;
  return [
    ...targets.flatMap(targetWarnings),
    ...targets.flatMap((target, index) => accessWarnings(target, ["targets", index])),
    ...(bindings === undefined ? [] : bindingWarnings(config, kinds, bindings)),
    ...others,
    ...capacityWarnings(config, kinds),
  ];
}

/** The issues without those that a variable which was not expanded brings besides its own. */
function withoutFollowing(issues: readonly Issue[], variables: readonly Issue[]): Issue[] {
  const paths = new Set(variables.map(({ path }) => JSON.stringify(path)));
  return issues.filter((issue) => variables.includes(issue) || !paths.has(JSON.stringify(issue.path)));
}

/** Where the document had no issue, every key with a default has a value. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("a key with a default has no value");
  return value;
}
