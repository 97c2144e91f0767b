import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { RateCondition } from "../../../functions/evaluate/rules/kinds/rate.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import { RING_MINUTES } from "../../../functions/store/series/window-ring.ts";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const WINDOW = 5;

const failing = (windowMinutes: number): Rule<RateCondition> => ({
  name: "Failing",
  severity: "critical",
  condition: {
    kind: "rate",
    counter: { family: "zako_v1_probe_failures_total" },
    windowMs: windowMinutes * MINUTE,
    op: ">",
    value: 0,
  },
  by: ["target"],
  forMs: 0,
  keepFiringForMs: 0,
  summary: "It fails.",
  description: "It fails.",
  pager: "edge",
});

let objects = 0;

/** One minute as the clock shows it: `F` where the probe fails in it. */
type Shown = number | `${number}F`;

/** How the rule stands after each minute that was run, with what was logged. */
function play(shown: readonly Shown[], windowMinutes = WINDOW): Promise<{ fires: boolean[]; errors: string[] }> {
  return runInDurableObject(env.MONITOR.getByName(`clock-steps-${objects++}`), async (_instance, { storage }) => {
    const world = new World(storage, config([target("a", [plan("health")])], { rules: [failing(windowMinutes)] }));
    const fires: boolean[] = [];
    for (const one of shown) {
      world.now = START + Number.parseInt(`${one}`, 10) * MINUTE;
      const isBad = `${one}`.endsWith("F");
      world.probe = async (tasks, _deadline, deliver) =>
        deliver(
          tasks.map((task) =>
            isBad && task.attempt === 0
              ? sampleOf(task, world.now, "failed", failure("timeout", false))
              : sampleOf(task, world.now),
          ),
        );
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      fires.push(world.core.rules()[0]?.state === "firing");
    }
    const errors = world.events.flatMap((event) => (event.event === "error" ? event.error : []));
    return { fires, errors };
  });
}

/** What is counted while the clock is behind belongs to the latest minute that it has shown. */
function expected(shown: readonly Shown[]): boolean[] {
  let latest = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  return shown.map((one) => {
    latest = Math.max(latest, Number.parseInt(`${one}`, 10));
    if (`${one}`.endsWith("F")) failedAt = latest;
    return latest - failedAt < WINDOW;
  });
}

test.each<[string, Shown[]]>([
  ["runs", [0, 1, "2F", 3, 4, 5, 6, 7, 8]],
  ["is set back after a failure", [0, 1, 2, "3F", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ["is set back before a failure", [0, 1, 2, 3, "0F", 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["is set forward and back", [0, 1, "2F", 6, 3, 4, 5, 6, 7, 8, 9]],
  ["fails while it is ahead", [0, 1, 2, "6F", 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["is set back twice", [0, 1, "5F", 2, "3F", 0, "1F", 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
])("a rule's window loses nothing and keeps nothing while the clock %s", async (_name, shown) => {
  const { fires, errors } = await play(shown);
  expect(fires).toEqual(expected(shown));
  expect(errors).toEqual([]);
});

test("minutes that a clock which was ahead has written over are not taken for lost ones", async () => {
  const ahead = RING_MINUTES;
  const shown = [0, 1, 2, ahead - 3, ahead, ahead - 3, ahead - 2, ahead - 1, ahead, ahead + 1, ahead + 2];
  expect((await play(shown, RING_MINUTES - 1)).errors).toEqual([]);
});

test("a clock that was ahead for hours leaves nothing in the windows, and that is logged as what it was", async () => {
  const { fires, errors } = await play([0, 1, "2F", "600F", 3, 4, 5, 6, 7, 8, 600, 601, 602]);
  expect(fires).toEqual([..."..ffffff.....".replaceAll(" ", "")].map((one) => one === "f"));
  expect(errors).toEqual(["windows: the clock was set back by 597 minutes"]);
});
