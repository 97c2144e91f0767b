import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../functions/evaluate/catalogue/registry.ts";
import { followed, readsOf } from "../../../functions/evaluate/rules/condition.ts";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { Fleet, MINUTE, type Size } from "./fleet.ts";
import { STORIES } from "./stories.ts";

/** Minutes for which a break goes on after it was told: an alert that comes and goes meanwhile is worse than none. */
const STILL_BROKEN = 30;

/** The window that must fill before a rule holds, and empty before it ends; of several rows of burn any will do. */
function windowMinutes(rule: Rule): number {
  const condition = rule.condition as Condition;
  const windows = followed(condition).flatMap(({ windowsMs }) => windowsMs);
  return (
    (condition.kind === "burn" ? Math.min(...condition.windows.map((w) => w.longMs)) : Math.max(0, ...windows)) / MINUTE
  );
}

const inFleet = (size: Partial<Size>, live: (fleet: Fleet) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName("catalogue"), async (_instance, { storage }) =>
    live(new Fleet(storage, { diagnostics: true, scrape: true }, size)),
  );

test("every shipped rule has its story, and there are no others", () => {
  expect(Object.keys(STORIES)).toEqual(CATALOGUE.map(({ name }) => name));
});

test("no rule sums what one server reports through several sources", () => {
  const families = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
  const adding = CATALOGUE.filter(({ condition }) =>
    ["quotient", "rate", "growth", "anomaly"].includes(condition.kind),
  );
  expect(adding.length).toBeGreaterThan(8);
  for (const { name, by, condition } of adding)
    for (const { selector } of readsOf(condition)) {
      if (families.get(selector.family)?.labels.includes("source") !== true) continue;
      const isApart = by.includes("source") || selector.matchers?.some((m) => m.name === "source") === true;
      expect(isApart, `${name} keeps sources apart`).toBe(true);
    }
});

describe.each(CATALOGUE.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  const { breaks, after = 60, size = {}, shownWithin = 2, mendedWithin = 2 } = STORIES[name] ?? { breaks: () => {} };
  const [forMinutes, keepMinutes] = [rule.forMs / MINUTE, rule.keepFiringForMs / MINUTE];
  const window = windowMinutes(rule);

  test("fires within its window and `for` of what it warns of, goes on, and ends within as long once that is mended", () =>
    inFleet(size, async (fleet) => {
      const fix = fleet.asItIs();
      await fleet.ticks(after);
      expect(fleet.firing()).toEqual([]);
      breaks(fleet);
      const fired = await fleet.until(name, "firing", window + forMinutes + shownWithin);
      expect(fired).toBeGreaterThan(forMinutes);
      expect(await fleet.until(name, "resolved", STILL_BROKEN), "an end while it is broken").toBeUndefined();
      fix();
      expect(await fleet.until(name, "resolved", window + keepMinutes + mendedWithin)).toBeGreaterThan(keepMinutes);
    }));

  // Least counts must be reached by what is counted while it is broken, not by the good times before.
  if (["ratio", "quantile", "burn"].includes(rule.condition.kind))
    test("fires also for who has never seen it well", () =>
      inFleet(size, async (fleet) => {
        await fleet.tick();
        breaks(fleet);
        expect(await fleet.until(name, "firing", window + forMinutes + shownWithin)).toBeDefined();
      }));
});
