/** A law of the product, broken by one change of its source, and scenarios that must turn red by it. */
export interface Mutant {
  name: string;
  /** What a user would see of it. */
  about: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** Scenarios, any of which must break a law or a bound. */
  scenarios: readonly string[];
}

/** Ten broken laws. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "skips-never-end",
    about: "an incident of what the target does not offer never ends",
    file: "functions/evaluate/verdict/end-incident.ts",
    find: '  since: previous.state === "unknown" ? previous.since : slot,\n  incidentOpen: false,',
    replace: '  since: previous.state === "unknown" ? previous.since : slot,\n  incidentOpen: previous.incidentOpen,',
    scenarios: ["first-minute"],
  },
  {
    name: "no-rechecks",
    about: "a failing probe is asked in its own turn only",
    file: "functions/monitor/schedule/next-rechecks.ts",
    find: "  return planRechecks(facts, now);",
    replace: "  return planRechecks({ ...facts, failing: [], pending: [] }, now);",
    scenarios: ["upload-fails-5m"],
  },
  {
    name: "rules-before-confirmation",
    about: "what one run found is told before another has confirmed it",
    file: "functions/monitor/tick/run-tick.ts",
    find: "rules.evaluate(slot, ports.now(), all, unconfirmed(pending, head.meta.pending))",
    replace:
      "rules.evaluate(slot, ports.now(), all, unconfirmed(pending, head.meta.pending).size > 0 ? new Set() : new Set())",
    scenarios: ["single-failures"],
  },
  {
    name: "symptoms-outlive",
    about: "the symptoms of an outage go on after it",
    file: "functions/evaluate/rules/failing-gate.ts",
    find: "(gauges.some((offset) => at.values[offset] === 1) ? judge(at, condition) : FAILS)",
    replace: "(gauges.length >= 0 ? judge(at, condition) : FAILS)",
    scenarios: ["corrupt"],
  },
  {
    name: "uncertain-counts-as-delivered",
    about: "a message of which nobody knows whether it arrived is not sent again",
    file: "functions/notify/delivery/retry.ts",
    find: 'if (delivery.kind === "delivered") {',
    replace: 'if (delivery.kind !== "failed") {',
    scenarios: ["receiver-hangs"],
  },
  {
    name: "suspect-ignored",
    about: "a vantage that reaches nothing blames the targets",
    file: "functions/monitor/tick/evaluate-slot.ts",
    find: "if (config.vantages.length < 2) return new Set<Vantage>();",
    replace: "if (config.vantages.length < 99) return new Set<Vantage>();",
    scenarios: ["vantage-cut-off"],
  },
  {
    name: "rotation-fixed",
    about: "the last target of the configuration is always the last to be asked",
    file: "functions/monitor/schedule/rotate-tasks.ts",
    find: "rank: (place.get(target) ?? 0) - (hasGap(target) ? targets.length : 0)",
    replace: "rank: targets.indexOf(target) + 0 * (hasGap(target) ? (place.get(target) ?? 0) : 0)",
    scenarios: ["crowded"],
  },
  {
    name: "resolve-lost-on-reshard",
    about: "the new owner of a target does not learn of its alerts",
    file: "functions/monitor/alerts/alert-sender.ts",
    find: "rules.adopt(answer.alerts.filter((alert) => this.#resolves.table.find(keyOf(alert)) === undefined));",
    replace: "rules.adopt([]);",
    scenarios: ["resharding"],
  },
  {
    name: "escalation-waits-for-ever",
    about: "an escalation waits for a run that never comes",
    file: "functions/notify/policy/stages/recovery-hold.ts",
    find: "  if (failed && at >= dueAt) return undefined;\n  const silentUntil = dueAt + recheckMs + timeoutMs + LATE_WAKE_MS;",
    replace: "  const silentUntil = Math.max(dueAt, now) + recheckMs + timeoutMs + LATE_WAKE_MS;",
    scenarios: ["refused", "acknowledged"],
  },
  {
    name: "record-ends-when-notified",
    about: "an outage is recorded as longer than it was",
    file: "functions/monitor/rules/incident-records.ts",
    find: "return Math.max(over, began);",
    replace: "return Math.max(at, began);",
    scenarios: ["refused"],
  },
];
