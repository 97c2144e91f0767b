import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Maintenance } from "../../functions/model/alerting/maintenance.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, START } from "./world.ts";

/** The first hour of the day, in UTC: the world starts at its beginning. */
const WINDOW: Maintenance = {
  name: "disks",
  matchers: [{ name: "target", op: "=", value: "a" }],
  interval: { name: "disks", spans: [{ times: [{ from: 0, to: 60 }], location: "UTC" }] },
};

test("the Alerter keeps quiet during the maintenance of its configuration, and sends what still fires at its end", () =>
  runInDurableObject(env.ALERTER.getByName("maintenance"), async (_instance, { storage }) => {
    const world = new AlerterWorld(storage, alerterConfig({ maintenance: [WINDOW] }));
    const monitor = new FakeMonitor(world);
    const times = (): [string | undefined, number][] =>
      world.arrivals.map(({ message, at }) => [message.groupLabels["target"], Math.floor((at - START) / MINUTE)]);
    for (const target of ["a", "b"]) monitor.begin(alert({ target }, world.now));
    monitor.report();
    for (let minute = 1; minute < 60; minute++) {
      await world.until(START + minute * MINUTE);
      monitor.report();
    }
    expect(times()).toEqual([["b", 0]]);
    await world.until(START + 61 * MINUTE);
    expect(times()).toEqual([
      ["b", 0],
      ["a", 60],
    ]);
  }));
