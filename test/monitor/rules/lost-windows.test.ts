import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { RateCondition } from "../../../functions/evaluate/rules/kinds/rate.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import { RING_MINUTES } from "../../../functions/store/series/window-ring.ts";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const RULE: Rule<RateCondition> = {
  name: "Failing",
  severity: "critical",
  condition: {
    kind: "rate",
    counter: { family: "zako_v1_probe_failures_total" },
    windowMs: 5 * MINUTE,
    op: ">",
    value: 0,
  },
  by: ["target"],
  forMs: 0,
  keepFiringForMs: 0,
  summary: "It fails.",
  description: "It fails.",
  pager: "edge",
};
const CONFIG = config([target("a", [plan("health")])], { rules: [RULE] });
const FAILED = 3;
const failedAt = START / MINUTE + FAILED;

let objects = 0;

/** How the rule stands after each minute; the probe fails in one, and storage is damaged two minutes later. */
function states(damage: (storage: DurableObjectStorage) => void, gap = 0): Promise<{ states: string[]; world: World }> {
  return runInDurableObject(env.MONITOR.getByName(`lost-windows-${objects++}`), async (_instance, { storage }) => {
    const world = new World(storage, CONFIG);
    const found: string[] = [];
    for (let minute = 0; minute < 14; minute++) {
      if (minute === FAILED + 2) {
        damage(storage);
        world.restart(CONFIG);
      }
      if (minute >= FAILED + 2 && minute < FAILED + 2 + gap) continue;
      world.now = START + minute * MINUTE;
      world.probe = async (tasks, _deadline, deliver) =>
        deliver(
          tasks.map((task) =>
            minute === FAILED && task.attempt === 0
              ? sampleOf(task, world.now, "failed", failure("timeout", false))
              : sampleOf(task, world.now),
          ),
        );
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      found.push(world.core.rules()[0]?.state ?? "");
    }
    return { states: found, world };
  });
}

test("an alert ends when what it fires for has left its window", async () => {
  const { states: found } = await states(() => {});
  expect(found).toEqual([..."ooofffffoooooo"].map((one) => (one === "f" ? "firing" : "ok")));
});

test.each([
  ["is lost", `DELETE FROM rule_minute WHERE minute = ${failedAt}`],
  ["is damaged", `UPDATE rule_minute SET data = x'02' WHERE minute = ${failedAt}`],
  ["has one byte less", `UPDATE rule_minute SET data = substr(data, 1, length(data) - 1) WHERE minute = ${failedAt}`],
  ["is a text", `UPDATE rule_minute SET data = 'x' WHERE minute = ${failedAt}`],
  ["says that it is another", `UPDATE rule_minute SET minute = minute + ${RING_MINUTES} WHERE minute = ${failedAt}`],
])("it ends even if the minute %s, and that is logged", async (_, statement) => {
  const { states: found, world } = await states((storage) => storage.sql.exec(statement));
  expect(found.slice(10)).toEqual(["ok", "ok", "ok", "ok"]);
  const errors = world.events.filter((event) => event.event === "error");
  expect(errors).toEqual([{ event: "error", place: "rules", error: "rule_minute: lost or damaged minutes" }]);
});

test("windows whose minute is lost begin anew: what left them meanwhile would stay for ever", async () => {
  const { states: found, world } = await states((storage) => storage.sql.exec("DELETE FROM head"), 5);
  expect(found.slice(5)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(world.events).toContainEqual({ event: "error", place: "load", error: "windows: their minute is lost" });
});

test("a counter that is stored as infinite, and the windows that it has filled, start again: the rule sees again", () =>
  runInDurableObject(env.MONITOR.getByName(`lost-windows-${objects++}`), async (_instance, { storage }) => {
    const world = new World(storage, CONFIG);
    let fails = false;
    world.probe = async (tasks, _deadline, deliver) =>
      deliver(
        tasks.map((task) =>
          fails ? sampleOf(task, world.now, "failed", failure("timeout", false)) : sampleOf(task, world.now),
        ),
      );
    const states: string[] = [];
    const wake = async (minute: number): Promise<void> => {
      world.now = START + minute * MINUTE;
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      states.push(world.core.rules()[0]?.state ?? "");
    };
    await wake(0);
    world.core.record(({ table }) => {
      const labels = { probe: "health", vantage: "local" };
      const { block, offset } = table.at("a", "zako_v1_probe_failures_total", labels, world.now);
      block.values[offset] = Number.POSITIVE_INFINITY;
    });
    await wake(1);
    world.restart(CONFIG);
    await wake(2);
    fails = true;
    await wake(3);
    expect(states).toEqual(["ok", "firing", "ok", "firing"]);
    // The run and its confirmation.
    expect(world.count("zako_v1_probe_failures_total", "a", 'probe="health",vantage="local"')).toBe(2);
  }));
