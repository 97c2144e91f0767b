import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { alertKey } from "../../functions/model/alerting/alerter-state.ts";
import { encodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, receiver, route } from "../alerter/world.ts";

const CONFIG = alerterConfig({
  policy: { ...alerterConfig().policy, route: route({ groupWaitMs: 0, groupIntervalMs: MINUTE }) },
  receivers: [receiver("team", "fake", "fake")],
});

class Scene {
  readonly world: AlerterWorld;
  readonly monitor: FakeMonitor;
  readonly down: Alert;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.world = new AlerterWorld(storage, CONFIG);
    this.monitor = new FakeMonitor(this.world);
    this.down = this.monitor.begin(alert({ target: "a", alertname: "ZakoTargetDown" }, this.world.now));
  }

  async minutes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.monitor.report();
      await this.world.until(this.world.now + MINUTE);
    }
  }

  /** The object dies, and its storage is damaged meanwhile. */
  lose(statement: string, ...values: unknown[]): void {
    this.#storage.sql.exec(statement, ...values);
    this.world.restart();
  }

  /** What an endpoint was told of the alert, in order. */
  freshVotes(to: string): string[] {
    const all = this.world.inbox(to).flatMap(({ alerts }) => alerts);
    return all.filter((one) => alertKey(one) === alertKey(this.down)).map(({ status }) => status);
  }
}

let objects = 0;
const play = (run: (scene: Scene) => Promise<void>): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(`lost-rows-${objects++}`), async (_instance, { storage }) =>
    run(new Scene(storage)),
  );

test("an alert whose row is lost continues when its Monitor reports it, without a second notification", () =>
  play(async (scene) => {
    await scene.minutes(2);
    scene.lose("DELETE FROM alert");
    await scene.world.until(scene.world.now + 500);
    await scene.minutes(2);
    expect(scene.freshVotes("team.0")).toEqual(["firing"]);
    scene.monitor.end(scene.down);
    await scene.minutes(3);
    expect(scene.freshVotes("team.0")).toEqual(["firing", "resolved"]);
  }));

test.each(["DELETE FROM alert", "UPDATE alert SET value = 'null'", "UPDATE alert SET value = '{}'"])(
  "an alert that ended while its row was lost (%s) is reported as resolved, and its incident ends",
  (statement) =>
    play(async (scene) => {
      await scene.minutes(2);
      scene.monitor.end(scene.down);
      scene.lose(statement);
      await scene.minutes(3);
      expect(scene.freshVotes("team.0")).toEqual(["firing", "resolved"]);
      expect(scene.freshVotes("team.1")).toEqual(["firing", "resolved"]);
      const { incidents, notificationLog } = scene.world.core.head();
      expect([...incidents.all.values()].map(({ why }) => why)).toEqual(["removed"]);
      expect(notificationLog.all.size).toBe(0);
      expect(scene.monitor.resolved).toEqual([]);
    }),
);

test("a message on its way whose endpoint's row is lost goes where the configuration says", () =>
  play(async (scene) => {
    scene.world.modes.set("team.1", "fails");
    await scene.minutes(1);
    scene.world.modes.clear();
    scene.lose("DELETE FROM endpoint");
    await scene.minutes(1);
    expect(scene.freshVotes("team.1")).toEqual(["firing"]);
  }));

test("a message whose endpoint is lost is given up, and the alarm rests", () =>
  play(async (scene) => {
    scene.world.modes.set("team.1", "fails");
    await scene.minutes(1);
    scene.world.restart({ ...CONFIG, receivers: [receiver("team")] });
    scene.lose("DELETE FROM endpoint");
    await scene.minutes(2);
    const { outbox, dead, notificationLog } = scene.world.core.head();
    expect([outbox.all.size, dead.all.size, notificationLog.all.size]).toEqual([0, 1, 1]);
  }));

test("a Monitor whose row is lost can report, and is missed when it stops", () =>
  play(async (scene) => {
    await scene.minutes(1);
    scene.lose("DELETE FROM shard");
    scene.monitor.end(scene.down);
    await scene.minutes(2);
    expect(scene.freshVotes("team.0")).toEqual(["firing", "resolved"]);
    scene.lose("DELETE FROM shard");
    await scene.world.until(scene.world.now + 10 * MINUTE);
    const named = scene.world.inbox("team.0").flatMap(({ alerts }) => alerts.map(({ labels }) => labels["alertname"]));
    expect(named).toContain("ZakoProberStale");
  }));

test("a row of an unknown shard is not missed", () =>
  play(async (scene) => {
    await scene.minutes(1);
    scene.lose("INSERT INTO shard SELECT '7', value FROM shard");
    await scene.minutes(10);
    expect(scene.world.inbox("team.0")).toHaveLength(1);
  }));

test("reminders continue although the time of the notification is lost", () =>
  play(async (scene) => {
    scene.world.modes.set("team.0", "fails");
    await scene.minutes(1);
    scene.world.modes.clear();
    scene.lose("DELETE FROM outbox");
    scene.lose("DELETE FROM notification_group");
    await scene.minutes(2);
    expect(scene.freshVotes("team.0")).toEqual(["firing"]);
  }));

test("a row under the key of another does not repeat a message forever", () =>
  play(async (scene) => {
    await scene.minutes(2);
    scene.lose("UPDATE notification_log SET key = key || '0'");
    scene.monitor.end(scene.down);
    await scene.minutes(10);
    expect(scene.freshVotes("team.0").length).toBeLessThan(4);
  }));

test("unreadable rows are reported once, and the others stay", () =>
  play(async (scene) => {
    await scene.minutes(1);
    scene.lose("UPDATE head SET meta = 'x'");
    scene.lose("INSERT INTO silence VALUES ('s', ?), (x'00', '{}')", encodeWithChecksum("[]"));
    await scene.minutes(1);
    const notificationLog = scene.world.events.flatMap((event) => (event.event === "error" ? [event.error] : []));
    expect(notificationLog).toEqual([
      "cannot read meta: damaged",
      "cannot read silence s",
      "cannot read silence without a name",
    ]);
    scene.world.restart();
    scene.world.core.head();
    expect(scene.world.events.filter(({ event }) => event === "error")).toHaveLength(3);
    expect(scene.freshVotes("team.0")).toEqual(["firing"]);
  }));
