import { expect, test } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { STATES } from "../../functions/model/probing/verdict.ts";
import { CrowdedWorld, GRID, START } from "./crowded-world.ts";
import { config, plan, target } from "./world.ts";

const MINUTE = 60_000;
const quick = (kind: string, over = {}) => plan(kind, { intervalMs: GRID, timeoutMs: 4_000, ...over });
const HANGING = Array.from({ length: 24 }, (_, i) => `hanging-${i}`);
const HEALTHY = ["healthy-0", "healthy-1", "healthy-2"];
/** As in `watch.yaml`: those that hang stand first, and the healthy ones at its end. */
const crowd = (timeoutMs: number): Config =>
  config(
    [...HANGING, ...HEALTHY].map((name) => target(name, [quick("health", { timeoutMs })])),
    { gridMs: GRID },
  );

// With 5 s a slot has room for six of those that hang, and cuts six more off.
test.each([
  { timeoutMs: 4_000, hangFrom: START, learnt: START },
  { timeoutMs: 5_000, hangFrom: START + MINUTE, learnt: START + MINUTE + 3 * GRID },
])(
  "healthy targets behind 24 that hang for $timeoutMs ms are asked at least every other slot, and their outage pages",
  ({ timeoutMs, hangFrom, learnt }) =>
    CrowdedWorld.run(`outage-${timeoutMs}`, crowd(timeoutMs), async (crowded) => {
      const brokenAt = START + 4 * MINUTE;
      crowded.behaviour = ({ target: { name } }, at) => {
        if (HANGING.includes(name) && at >= hangFrom) return "hanging";
        return HEALTHY.includes(name) && at >= brokenAt ? "refusing" : "healthy";
      };
      await crowded.until(brokenAt);
      for (const name of HEALTHY) expect(crowded.longestWait(name, learnt, brokenAt), name).toBeLessThanOrEqual(2);
      const before = crowded.alerts();
      for (const name of HANGING) expect(before).toContain(`ZakoTargetDown ${name} firing`);
      for (const name of HEALTHY) expect(before.filter((line) => line.includes(name))).toEqual([]);

      await crowded.until(brokenAt + 4 * GRID);
      for (const name of HEALTHY) expect(crowded.alerts()).toContain(`ZakoTargetDown ${name} firing`);
    }),
);

test("where more regions are asked than a Monitor has connections, no target and no vantage is always last", () => {
  const vantages = ["wnam", "enam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc"];
  const targets = [...HANGING.slice(0, 12), ...HEALTHY].map((name) => target(name, [quick("health")]));
  return CrowdedWorld.run("regions", config(targets, { gridMs: GRID, vantages }), async (crowded) => {
    crowded.behaviour = ({ target: { name } }) => (HANGING.includes(name) ? "hanging" : "healthy");
    const endAt = START + 3 * MINUTE;
    await crowded.until(endAt);
    // Eight lanes for six connections, each of them busy for nearly the whole slot.
    for (const name of HEALTHY)
      for (const vantage of vantages)
        expect(crowded.longestWait(name, START, endAt, vantage), `${name} from ${vantage}`).toBeLessThanOrEqual(3);
    expect(crowded.alerts().filter((line) => HEALTHY.some((name) => line.includes(` ${name} `)))).toEqual([]);
  });
});

const FAULT = "zako_watch_target_gap_probes";
const stateOf = (crowded: CrowdedWorld, name: string): string | undefined =>
  STATES[crowded.world.count("zako_v1_target_state", name, "")];

test("three intervals of gaps in a row make a target unknown and page for the prober, until the first result", () => {
  const labelled = { ...target("a", [quick("health")]), labels: { team: "build" } };
  return CrowdedWorld.run(
    "gaps",
    config([labelled, target("b", [quick("health")])], { gridMs: GRID }),
    async (crowded) => {
      await crowded.until(START + MINUTE);
      expect(stateOf(crowded, "a")).toBe("up");
      crowded.loses = ({ target: { name } }) => name === "a";
      await crowded.until(START + MINUTE + 2 * GRID);
      expect([stateOf(crowded, "a"), crowded.alerts()]).toEqual(["up", []]);
      await crowded.until(START + MINUTE + 3 * GRID);
      expect([stateOf(crowded, "a"), stateOf(crowded, "b")]).toEqual(["unknown", "up"]);
      expect(crowded.alerts()).toEqual(["ZakoProberFault a firing"]);
      expect(crowded.world.events).toContainEqual(
        expect.objectContaining({
          event: "alert",
          alert: "ZakoProberFault",
          labels: expect.objectContaining({ target: "a", team: "build", severity: "critical" }),
        }),
      );
      expect(crowded.world.count("zako_watch_probe_gaps_total", "a", 'probe="health",reason="no_result"')).toBe(3);
      crowded.loses = () => false;
      await crowded.until(START + MINUTE + 4 * GRID);
      expect([stateOf(crowded, "a"), crowded.alerts().at(-1)]).toEqual(["up", "ZakoProberFault a resolved"]);
    },
  );
});

test("a target that is down stays down through gaps, marked stale, and its end waits for good runs", () =>
  CrowdedWorld.run("stale", config([target("a", [quick("health")])], { gridMs: GRID }), async (crowded) => {
    crowded.behaviour = () => "refusing";
    await crowded.until(START + MINUTE);
    expect(stateOf(crowded, "a")).toBe("down");
    crowded.loses = () => true;
    await crowded.until(START + 3 * MINUTE);
    expect([stateOf(crowded, "a"), crowded.world.count(FAULT, "a", "")]).toEqual(["down", 1]);
    expect(crowded.world.count("zako_v1_target_incident_open", "a", "")).toBe(1);
    const before = crowded.alerts();
    expect(before).not.toContain("ZakoTargetDown a resolved");
    expect(before).toContain("ZakoProberFault a firing");

    crowded.loses = () => false;
    crowded.behaviour = () => "healthy";
    await crowded.until(START + 3 * MINUTE + GRID);
    expect([stateOf(crowded, "a"), crowded.world.count(FAULT, "a", "")]).toEqual(["down", 0]);
    await crowded.until(START + 3 * MINUTE + 3 * GRID);
    expect(stateOf(crowded, "a")).toBe("up");
    expect(crowded.alerts()).toContain("ZakoTargetDown a resolved");
  }));

test.each(["internal", "over_budget", "platform_limit", "binding_missing"] as const)(
  "what %s takes from a run is a gap, and no vote",
  (reason) =>
    CrowdedWorld.run(`own-${reason}`, config([target("a", [quick("health")])], { gridMs: GRID }), async (crowded) => {
      await crowded.until(START + MINUTE);
      const of = (family: string, labels: string): number => crowded.world.count(family, "a", labels);
      const attempts = of("zako_v1_probe_attempts_total", 'probe="health",vantage="local"');
      crowded.reasonOf = () => reason;
      await crowded.until(START + 2 * MINUTE);
      expect(of("zako_watch_probe_gaps_total", `probe="health",reason="${reason}"`)).toBe(6);
      expect(of("zako_watch_probe_gap_intervals", 'probe="health"')).toBe(6);
      expect(of("zako_v1_probe_votes_total", 'probe="health",outcome="failed"')).toBe(0);
      expect(of("zako_v1_probe_failures_total", 'probe="health",vantage="local"')).toBe(0);
      expect(of("zako_v1_probe_attempts_total", 'probe="health",vantage="local"')).toBe(attempts);
      expect(stateOf(crowded, "a")).toBe("unknown");
      expect(crowded.alerts()).toEqual(["ZakoProberFault a firing"]);
    }),
);
