import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert } from "../../../functions/model/alerting/alert.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import type { Config } from "../../../functions/model/config.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { AlerterPort } from "../../../functions/monitor/alerts/alert-sender.ts";
import { config, START, sampleOf, target, World } from "../world.ts";

const MINUTE = 60_000;
const CONFIG = config([target("a")]);

/** An Alerter that keeps a book, or whose answers do not come. */
function book(): { firing: Map<string, Alert>; port: AlerterPort; isCut: boolean } {
  const firing = new Map<string, Alert>();
  let last = 0;
  const it = {
    firing,
    isCut: false,
    port: {
      join: async () => ({ ok: true as const, generation: 1, sequence: last, alerts: [...firing.values()] }),
      intake: async (intake) => {
        if (it.isCut) throw new Error("The wire was cut.");
        last = intake.sequence;
        for (const one of intake.firing) if (!firing.has(one.fingerprint)) firing.set(one.fingerprint, one);
        for (const { fingerprint } of intake.resolved) firing.delete(fingerprint);
        return { ok: true as const, acknowledged: intake.resolved };
      },
    } satisfies AlerterPort,
  };
  return it;
}

/** The alerts that fire by the Alerter's book, where a target is down for some minutes and storage is damaged meanwhile. */
function fires(
  statement: string,
  { cut = false, down, at = 9, whole = CONFIG }: { cut?: boolean; down: number; at?: number; whole?: Config },
): Promise<string[]> {
  return runInDurableObject(env.MONITOR.getByName(`lost ${statement} ${down}`), async (_instance, { storage }) => {
    const alerter = book();
    const world = new World(storage, whole, alerter.port);
    for (let minute = 0; minute < 16; minute++) {
      world.now = START + minute * MINUTE;
      const isDown = minute < down;
      world.probe = async (tasks, _deadline, deliver) =>
        deliver(
          tasks.map((task) =>
            isDown ? sampleOf(task, world.now, "failed", failure("connect", true)) : sampleOf(task, world.now),
          ),
        );
      alerter.isCut = cut && minute >= down;
      if (minute === at) {
        expect(alerter.firing.size).toBeGreaterThan(0);
        storage.sql.exec(statement);
        world.restart(whole);
      }
      if (minute > at) alerter.isCut = false;
      await world.core.wake(world.now, "cron");
      await world.core.confirm();
      await world.core.alertsSent();
    }
    return [...alerter.firing.values()]
      .map(({ labels }) => labels["alertname"] ?? "")
      .filter((name) => /Down|Failing/.test(name));
  });
}

test.each([
  ["alerts", "DELETE FROM rule_alert"],
  ["alerts", "UPDATE rule_alert SET entries = '{'"],
])("%s that were lost while their target came back (%s) are reported as resolved", async (_, statement) => {
  expect(await fires(statement, { down: 9 })).toEqual([]);
});

test.each(["DELETE FROM rule_resolve", "UPDATE rule_resolve SET entries = '[]'"])(
  "resolves that were lost before they were sent (%s) are sent",
  async (statement) => {
    expect(await fires(statement, { cut: true, down: 3 })).toEqual([]);
  },
);

test("what continues is not resolved", async () => {
  expect(await fires("DELETE FROM rule_alert", { down: 99 })).toEqual(["ZakoTargetDown", "ZakoProbeDown"]);
});

test("one that was pending again, and never fired, is reported as resolved", async () => {
  const condition = { kind: "rate", counter: { family: "zako_v1_probe_failures_total" }, op: ">", value: 0 } as const;
  const rule: Rule = {
    name: "Failing",
    severity: "critical",
    condition: { ...condition, windowMs: 5 * MINUTE },
    by: ["target"],
    forMs: 3 * MINUTE,
    keepFiringForMs: 0,
    summary: "It fails.",
    description: "It fails.",
    pager: "edge",
  };
  const whole = config([target("a")], { rules: [rule] });
  expect(await fires("DELETE FROM rule_alert", { down: 6, at: 9, whole })).toEqual([]);
});
