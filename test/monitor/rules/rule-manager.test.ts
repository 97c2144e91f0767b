import { describe, expect, test } from "vitest";
import type { Alert } from "../../../functions/model/alerting/alert.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import type { Rule, RuleOverride } from "../../../functions/model/alerting/rule.ts";
import { anyTarget } from "../any-target.ts";
import { DEEP, inObject, MINUTE, means, RuleWorld, rule, type Setting } from "./rule-world.ts";

const deep = (over: Partial<Rule> = {}): Rule => rule(DEEP, over);
const PATIENT = { forMs: 2 * MINUTE, keepFiringForMs: 5 * MINUTE };

/** A world whose alert fires. */
function firing(
  storage: DurableObjectStorage,
  of: Rule,
  setting: Partial<Setting> = {},
): { world: RuleWorld; alert: Alert } {
  const world = new RuleWorld(storage, { rules: [of], ...setting });
  world.see("depth", 20);
  for (let i = 0; i <= of.forMs / MINUTE; i++) world.tick();
  const [alert] = world.outcome.firing;
  if (alert === undefined) throw new Error("It does not fire.");
  return { world, alert };
}

const off: RuleOverride = { matchers: [], off: true };

describe("what another config makes of an alert that fires", () => {
  const labelled = anyTarget({ name: "a", labels: { team: "build" } });
  /** The next config, and whether the alert goes on under another identity. */
  const CASES: [string, Rule, Partial<Setting>, "ends" | "begins anew" | "goes on"][] = [
    ["the rule is gone", deep(PATIENT), { rules: [] }, "ends"],
    ["the rule is off for it", deep(PATIENT), { rules: [deep({ ...PATIENT, overrides: [off] })] }, "ends"],
    ["the target is gone", deep(PATIENT), { targets: [anyTarget({ name: "b" })] }, "ends"],
    [
      "its metric is no longer collected",
      deep(PATIENT),
      { rules: [deep({ condition: { ...DEEP, metric: { family: "gone" } } as never })] },
      "ends",
    ],
    ["another severity", deep(PATIENT), { rules: [deep({ ...PATIENT, severity: "critical" })] }, "begins anew"],
    [
      "another severity by an override",
      deep(PATIENT),
      { rules: [deep({ ...PATIENT, overrides: [{ matchers: [], severity: "info" }] })] },
      "begins anew",
    ],
    ["another label of the target", deep(PATIENT), { targets: [labelled] }, "begins anew"],
    [
      "another label of the rule",
      deep(PATIENT),
      { rules: [deep({ ...PATIENT, labels: { team: "x" } })] },
      "begins anew",
    ],
    [
      "another number that it is beyond",
      deep(PATIENT),
      { rules: [deep({ ...PATIENT, condition: { ...DEEP, value: 15 } as never })] },
      "goes on",
    ],
    ["another text", deep(PATIENT), { rules: [deep({ ...PATIENT, summary: "Other." })] }, "goes on"],
    ["nothing", deep(PATIENT), {}, "goes on"],
  ];

  test.each(CASES)("%s", (_name, before, next, becomes) =>
    inObject((storage) => {
      const { world, alert } = firing(storage, before);
      world.restart(next);
      const { resolved, firing: fires } = world.tick();
      if (becomes === "goes on") {
        expect(resolved).toEqual([]);
        expect(fires).toMatchObject([{ fingerprint: alert.fingerprint, startsAt: alert.startsAt }]);
        return;
      }
      expect(resolved).toMatchObject([{ why: "removed" }]);
      expect(means(resolved[0], alert)).toBe(true);
      // It has held for long enough, so the next identity fires in the same evaluation.
      expect(fires).toHaveLength(becomes === "ends" ? 0 : 1);
      for (const one of fires) {
        expect(one.fingerprint).not.toBe(alert.fingerprint);
        expect(one.fingerprint).toBe(fingerprint(one.labels));
      }
      expect(world.tick().resolved).toEqual([]);
    }),
  );

  test("a reported alert is resolved, even if Prometheus pages from now on", () =>
    inObject((storage) => {
      const { world, alert } = firing(storage, deep());
      world.restart({ rules: [deep({ pager: "prometheus" })] });
      const { resolved, firing: fires } = world.tick();
      expect(means(resolved[0], alert)).toBe(true);
      expect(fires).toEqual([]);
    }));

  test("of what Prometheus pages for we tell neither beginning nor end", () =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep({ pager: "prometheus" })] });
      world.see("depth", 20);
      expect(world.tick()).toMatchObject({ firing: [], changes: [{ change: "firing" }] });
      world.see("depth", 0);
      expect(world.tick()).toMatchObject({ resolved: [], changes: [{ change: "resolved" }] });
      world.see("depth", 20);
      world.tick();
      world.restart({ rules: [] });
      expect(world.tick().resolved).toEqual([]);
    }));
});

describe("alerts that another owner has reported", () => {
  const sentAlert = (labels: Record<string, string>, startsAt: number): Alert => ({
    fingerprint: fingerprint(labels),
    labels,
    annotations: {},
    startsAt,
  });
  const LABELS = { alertname: "Own", severity: "warning", target: "a", pager: "edge" };

  test("end here once they have recovered, and for no longer than the rule keeps them", () =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep({ keepFiringForMs: 3 * MINUTE })] });
      const alert = sentAlert(LABELS, world.now - MINUTE);
      world.manager.adopt([alert]);
      const ends = Array.from({ length: 5 }, () => world.tick().resolved);
      expect(ends.map(({ length }) => length)).toEqual([0, 0, 0, 1, 0]);
      expect(means(ends[3]?.[0], alert)).toBe(true);
    }));

  test("continue here while they hold, with the reported start", () =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep(PATIENT)] });
      const alert = sentAlert(LABELS, world.now - MINUTE);
      world.see("depth", 20);
      world.manager.adopt([
        alert,
        sentAlert({ ...LABELS, alertname: "Unknown" }, 1),
        sentAlert({ ...LABELS, target: "z" }, 1),
      ]);
      expect(world.tick().firing).toMatchObject([{ fingerprint: alert.fingerprint, startsAt: alert.startsAt }]);
      world.restart();
      expect(world.tick().firing).toMatchObject([{ fingerprint: alert.fingerprint, startsAt: alert.startsAt }]);
    }));

  test.each([
    ["another severity", { severity: "critical" }],
    ["another label", { team: "build" }],
  ])("with %s end as they were reported, and what holds starts again", (_name, more) =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep(PATIENT)] });
      const alert = sentAlert({ ...LABELS, ...more }, world.now - 3 * MINUTE);
      world.see("depth", 20);
      world.manager.adopt([alert]);
      const { resolved, firing: fires } = world.tick();
      expect(means(resolved[0], alert)).toBe(true);
      expect(fires.map((one) => one.fingerprint)).toEqual([fingerprint(LABELS)]);
    }),
  );

  test.each([
    ["is gone", "Gone"],
    ["was never here", ""],
  ])("of a rule that %s end at once, whatever else they say", (_name, alertname) =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep(PATIENT)] });
      const alerts = ["x", "y"].map((kind) => sentAlert({ ...LABELS, alertname, kind }, world.now - MINUTE));
      world.manager.adopt(alerts);
      const { resolved } = world.tick();
      expect(alerts.map((alert) => resolved.some((one) => means(one, alert)))).toEqual([true, true]);
      expect(world.tick().resolved).toEqual([]);
    }),
  );

  test("of a rule that is off end at once", () =>
    inObject((storage) => {
      const world = new RuleWorld(storage, { rules: [deep({ ...PATIENT, overrides: [off] })] });
      const alert = sentAlert(LABELS, world.now - MINUTE);
      world.manager.adopt([alert]);
      expect(means(world.tick().resolved[0], alert)).toBe(true);
      expect(world.outcome.firing).toEqual([]);
    }));
});

test("minutes without evaluation do not count as recovery", () =>
  inObject((storage) => {
    const { world, alert } = firing(storage, deep({ keepFiringForMs: 3 * MINUTE }));
    world.see("depth", 0);
    world.tick();
    world.minute += 10;
    const seen = Array.from({ length: 3 }, () => world.tick().firing.length);
    expect(seen).toEqual([1, 1, 0]);
    expect(means(world.outcome.resolved[0], alert)).toBe(true);
  }));

test("the prober's own alerts have a shard label if there are several shards, and only then", () =>
  inObject((storage) => {
    const own = rule({ ...DEEP, metric: { family: "own_depth" } } as never, { by: [] });
    for (const shards of [1, 2]) {
      const world = new RuleWorld(storage, { rules: [own], shards });
      world.head.table.observe("", { family: "own_depth", labels: {}, value: 20 }, world.now);
      const [alert] = world.tick().firing;
      expect(alert?.labels["shard"]).toBe(shards === 1 ? undefined : "0");
      expect(alert?.fingerprint).toBe(fingerprint(alert?.labels ?? {}));
    }
  }));

test("where nothing changes an evaluation writes the windows, the minute, and no alert", () =>
  inObject((storage) => {
    const rules = ["jobs_total", "errors_total"].map((family, i) =>
      rule({ kind: "rate", counter: { family }, windowMs: 5 * MINUTE, op: ">", value: 3 }, { name: `Rate${i}` }),
    );
    const targets = Array.from({ length: 20 }, (_, i) => anyTarget({ name: `t${i}` }));
    const world = new RuleWorld(storage, { rules: [...rules, deep()], targets });
    for (const { name } of targets) for (const family of ["jobs_total", "errors_total"]) world.see(family, 4, {}, name);
    for (const { name } of targets) world.see("depth", 20, {}, name);
    world.tick();
    expect(world.outcome.firing).toHaveLength(60);
    for (let i = 0; i < 4; i++) {
      for (const { name } of targets) world.see("jobs_total", 1, {}, name);
      world.tick();
      // One chunk of windows and the minute, however many alerts fire.
      expect(world.cost.rows).toBeLessThanOrEqual(2);
    }
  }));
