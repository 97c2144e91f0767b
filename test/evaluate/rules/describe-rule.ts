import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { followed } from "../../../functions/evaluate/rules/condition.ts";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { Fleet, MINUTE } from "./fleet.ts";
import type { Story } from "./stories.ts";

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

const inFleet = ({ size, observes }: Story, live: (fleet: Fleet) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName("catalogue"), async (_instance, { storage }) => {
    const fleet = new Fleet(storage, { diagnostics: true, scrape: true }, size);
    Object.assign(fleet.observes, observes);
    await live(fleet);
  });

/** What every shipped rule must do. The rules of a probe kind are described in the kind's own test file. */
export function describeRule(name: string, story: Story): void {
  const rule = CATALOGUE.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`There is no shipped rule ${name}.`);
  describe(name, () => {
    const { breaks, after = 60, shownWithin = 2, mendedWithin = 2 } = story;
    const [forMinutes, keepMinutes] = [rule.forMs / MINUTE, rule.keepFiringForMs / MINUTE];
    const window = windowMinutes(rule);

    test("fires within its window and `for` of what it warns of, goes on, and ends within as long once that is mended", () =>
      inFleet(story, async (fleet) => {
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
        inFleet(story, async (fleet) => {
          await fleet.tick();
          breaks(fleet);
          expect(await fleet.until(name, "firing", window + forMinutes + shownWithin)).toBeDefined();
        }));
  });
}
