import { expect, test } from "vitest";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import { inObject, MINUTE, RuleWorld, rule } from "./rule-world.ts";

const WARM = 10;
const ODD: Condition = {
  kind: "anomaly",
  metric: { family: "depth" },
  baselineMs: 30 * MINUTE,
  deviations: 3,
  minSamples: WARM,
};
const setting = { rules: [rule(ODD, { by: ["target", "source"] })] };
const MEAN = "zako_v1_rule_baseline_mean";

/** A world that has seen a depth of 100 for so many minutes. */
function usual(storage: DurableObjectStorage, minutes: number): RuleWorld {
  const world = new RuleWorld(storage, setting);
  world.see("depth", 100);
  for (let i = 0; i < minutes; i++) world.tick();
  return world;
}
const shown = (world: RuleWorld, source = "probe"): number | undefined =>
  world.head.table.read("a", MEAN, { rule: "Own", source });

test.each([
  [WARM - 1, 0],
  [WARM, 1],
])("after %i minutes a spike makes %i alerts", (minutes, alerts) =>
  inObject((storage) => {
    const world = usual(storage, minutes);
    world.see("depth", 500);
    expect(world.tick().firing).toHaveLength(alerts);
  }),
);

test("what it is judged by is shown from then on, and is what was before the present value", () =>
  inObject((storage) => {
    const world = usual(storage, WARM);
    expect(shown(world)).toBeUndefined();
    world.see("depth", 160);
    world.tick();
    expect(shown(world)).toBe(100);
    world.tick();
    expect(shown(world)).toBeGreaterThan(100);
  }));

test("restarts, confirmations and minutes without a value teach it nothing", () =>
  inObject((storage) => {
    const world = usual(storage, WARM);
    world.see("depth", 110);
    world.tick();
    world.tick();
    const before = shown(world);
    // The same minute again.
    world.minute--;
    world.tick();
    expect(shown(world)).toBe(before);
    world.restart();
    world.minute--;
    world.tick();
    expect(shown(world)).toBe(before);
    world.tick();
    const learnt = shown(world);
    world.head.table.clear("a", "depth", 'source="probe",kind="x"');
    for (let i = 0; i < 5; i++) expect(world.tick().firing).toEqual([]);
    const after = shown(world);
    world.tick();
    expect(after).toBeGreaterThanOrEqual(learnt ?? Number.NaN);
    expect(shown(world)).toBe(after);
  }));

test("each group has its own", () =>
  inObject((storage) => {
    const world = usual(storage, 0);
    world.see("depth", 100, { source: "scrape" });
    world.see("depth", 3, { source: "push" });
    for (let i = 0; i <= WARM; i++) world.tick();
    expect([shown(world, "scrape"), shown(world, "push")]).toEqual([100, 3]);
    world.see("depth", 3, { source: "scrape" });
    expect(world.tick().firing.map(({ labels }) => labels["source"])).toEqual(["scrape"]);
  }));

test("a rule that is taken out and comes back begins anew", () =>
  inObject((storage) => {
    const world = usual(storage, WARM + 5);
    world.restart({ rules: [] });
    world.tick();
    world.restart(setting);
    world.see("depth", 500);
    expect(world.tick().firing).toEqual([]);
  }));
