import { expect, test } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { CrowdedWorld, GRID, START } from "./crowded-world.ts";
import { config, plan, target } from "./world.ts";

const MINUTE = 60_000;
const quick = (kind: string, over = {}) => plan(kind, { intervalMs: GRID, timeoutMs: 4_000, ...over });
const HANGING = Array.from({ length: 24 }, (_, i) => `hanging-${i}`);
const HEALTHY = ["healthy-0", "healthy-1", "healthy-2"];
/** As in `watch.yaml`: those that hang stand first, and the healthy ones at its end. */
const crowd = (over: Partial<Config> = {}): Config =>
  config(
    [...HANGING, ...HEALTHY].map((name) => target(name, [quick("health")])),
    { gridMs: GRID, ...over },
  );

test("healthy targets behind 24 that hang are asked at least every other slot, and their outage pages", () =>
  CrowdedWorld.run("outage", crowd(), async (crowded) => {
    const brokenAt = START + 2 * MINUTE;
    crowded.behaviour = ({ target: { name } }, at) => {
      if (HANGING.includes(name)) return "hanging";
      return at >= brokenAt ? "refusing" : "healthy";
    };
    await crowded.until(brokenAt);
    for (const name of HEALTHY) expect(crowded.longestWait(name, START, brokenAt), name).toBeLessThanOrEqual(2);
    const before = crowded.alerts();
    for (const name of HANGING) expect(before).toContain(`ZakoTargetDown ${name} firing`);
    for (const name of HEALTHY) expect(before.filter((line) => line.includes(name))).toEqual([]);

    await crowded.until(brokenAt + 4 * GRID);
    for (const name of HEALTHY) expect(crowded.alerts()).toContain(`ZakoTargetDown ${name} firing`);
  }));
