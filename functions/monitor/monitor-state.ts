import { rulesOf } from "../config/rules/catalogue.ts";
import type { Config } from "../model/config.ts";
import { shownFamilies } from "../model/families/shown-families.ts";
import type { Labels } from "../model/metric.ts";
import type { GroupPlace } from "../model/probing/dependency-group.ts";
import { Head } from "../store/head.ts";
import { MONITOR_META } from "../store/monitor-meta.ts";
import { AlertSender } from "./alerts/alert-sender.ts";
import type { MonitorPorts } from "./monitor-ports.ts";
import { RuleManager } from "./rules/rule-manager.ts";
import { EarlyRuns } from "./schedule/early-runs.ts";
import { type FailingProbe, storedFailingProbes } from "./schedule/failing-probes.ts";
import { neverRun } from "./schedule/never-run.ts";
import { forgetMovedTokens } from "./tick/forget-tokens.ts";
import { allFamilies, SELF, wantedSeries } from "./tick/wanted-series.ts";

/** The committed state of a Monitor in memory. It is discarded completely after a failed commit. */
export interface MonitorState {
  head: Head;
  rules: RuleManager;
  alertSender: AlertSender;
  early: EarlyRuns;
  /** Probes that are rechecked until they recover. */
  failing: readonly FailingProbe[];
  /** The configuration is new to this Monitor. */
  isNewConfig: boolean;
}

/** Loads the committed state and reconciles it with the configuration. */
export function loadMonitorState(ports: MonitorPorts): MonitorState {
  const { config, base, version, kinds, storage, shard, now, log } = ports;
  const head = new Head(storage, allFamilies([...kinds.values()], config.imports), MONITOR_META);
  const isNewConfig = head.meta.configHash !== config.hash;
  const about = `${version} ${base}`;
  const isKnown = !isNewConfig && head.meta.about === about;
  const lacks = [SELF, ...config.targets.map(({ name }) => name)].some((name) => !head.table.blocks.has(name));
  const remaps = !isKnown || lacks || head.unreadable.length > 0;
  // What is damaged is not new.
  const regained = isNewConfig && head.unreadable.length === 0 ? newTargets(head, config) : new Set<string>();
  if (remaps) {
    head.table.reconcile(wantedSeries(config, kinds), now());
    const targets = new Set(config.targets.map((t) => t.name));
    head.memories.retain(targets);
    head.reportedTotals.retain(targets);
    head.recentIds.retain(targets);
    forgetMovedTokens(head.memories, config.targets);
    const source = config.hash === base ? "deployed" : "override";
    observe(head, "zako_watch_build_info", { version, config: config.hash }, 1, now());
    observe(head, "zako_watch_config_info", { hash: config.hash, source, base }, 1, now());
  }
  const rules = new RuleManager({
    storage,
    config,
    rules: rulesOf(config),
    families: shownFamilies([...kinds.values()], config.imports),
    head,
    shard,
    regained,
    now: now(),
  });
  const alertSender = new AlertSender({
    storage,
    head,
    rules,
    alerter: ports.alerter,
    self: { shard, shards: config.shards, config: base },
    now,
    startDeadline: ports.startDeadline,
    log,
  });
  const unreadable = [...head.unreadable, ...rules.unreadable, ...alertSender.unreadable];
  for (const why of unreadable) log({ event: "error", place: "load", error: why });
  if (remaps || unreadable.length > 0) {
    observe(head, "zako_watch_internal_errors_total", { place: "load" }, unreadable.length, now());
    // A commit of its own: two configurations in turn must not show under one version, nor damage be counted twice.
    head.meta = { ...head.meta, configHash: config.hash, about, commits: head.meta.commits + 1 };
    head.commit((writeRow) => {
      rules.write(writeRow);
      alertSender.write(writeRow);
    });
  }
  if (remaps) log({ event: "remapped", config: config.hash, targets: config.targets.length });
  const placeOf = (kind: string): GroupPlace => kinds.get(kind) ?? { tier: "inside" };
  const failing = storedFailingProbes(head.table, config, placeOf, (target) => head.memories.get(target), now());
  return { head, rules, alertSender, early: earlyRunsOf(head, config, now()), failing, isNewConfig };
}

/** Targets that the stored state does not have. */
const newTargets = ({ table }: Head, { targets }: Config): ReadonlySet<string> =>
  new Set(targets.flatMap(({ name }) => (table.blocks.has(name) ? [] : [name])));

/** What earlier lives knew of early runs; before the first tick all is due in its turn. */
function earlyRunsOf(head: Head, { targets }: Config, now: number): EarlyRuns {
  const { early, lastSlot } = head.meta;
  if (lastSlot === 0) return new EarlyRuns();
  return new EarlyRuns(neverRun(head.table, targets, now), early);
}

const observe = (head: Head, family: string, labels: Labels, value: number, now: number): void =>
  head.table.observe(SELF, { family, labels, value }, now);
