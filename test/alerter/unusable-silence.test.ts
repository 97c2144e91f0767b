import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { viewSilences } from "../../functions/alerter/alerter-view.ts";
import type { Silence } from "../../functions/model/alerting/silence.ts";
import { silenceState } from "../../functions/notify/policy/windows/silence-state.ts";
import { encodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, route, START } from "./world.ts";

const CONFIG = alerterConfig({ policy: { ...alerterConfig().policy, route: route({ groupWaitMs: 0 }) } });

const silence = (id: string, value: string, over: Partial<Silence> = {}): Silence => ({
  id,
  matchers: [{ name: "alertname", op: "=~", value }],
  startsAt: START,
  endsAt: START + 600 * MINUTE,
  author: "ann",
  reason: "work",
  maintenance: false,
  ...over,
});

/** What an earlier version stored: the first two would have kept it busy for ever. */
const STORED = [
  silence("chain", `${".*".repeat(200)}b!`),
  silence("stars", "a*a*a*a*a*a*a*a*b"),
  silence("large", "(a{1,100}){100}b"),
  silence("named", "(?<name>Zako.*)", { startsAt: START + MINUTE }),
  silence("broken", "("),
  silence("over", "(?=a)", { endsAt: START - MINUTE, maintenance: true }),
  silence("good", "(Zako)+Silenced"),
];

test("stored silences with patterns that cannot be used are expired with the reason, and the Alerter continues", () =>
  runInDurableObject(env.ALERTER.getByName("unusable-silence"), async (_instance, { storage }) => {
    const world = new AlerterWorld(storage, CONFIG);
    world.core.head();
    for (const one of STORED)
      storage.sql.exec("INSERT INTO silence VALUES (?, ?)", one.id, encodeWithChecksum(JSON.stringify(one)));
    const monitor = new FakeMonitor(world);
    const logged = () => world.events.filter(({ event }) => event === "silence_expired");

    for (let life = 0; life < 3; life++) {
      world.restart();
      monitor.begin(alert({ target: `t${life}`, alertname: `${"a".repeat(3_000)}${life}` }, world.now));
      monitor.begin(alert({ target: `t${life}`, alertname: "ZakoZakoSilenced" }, world.now));
      monitor.report();
      await world.until(world.now + MINUTE);
      // Once in all lives.
      expect(logged()).toEqual(
        [
          ["broken", /^Cannot use "\(" as a regular expression: .* add \)/],
          ["large", /more than 1000 steps; lower the counts/],
          ["named", /named group/],
          ["over", /look-around/],
        ].map(([id, why]) => ({ event: "silence_expired", silence: id, why: expect.stringMatching(why as RegExp) })),
      );
    }
    expect(world.events.filter(({ event }) => event === "error")).toEqual([]);
    const notified = world.arrivals.flatMap(({ message }) => message.alerts.map(({ labels }) => labels["alertname"]));
    expect(new Set(notified.map((name) => name?.slice(-2)))).toEqual(new Set(["a0", "a1", "a2"]));

    const shown = new Map(viewSilences(world.core.head(), world.now).map((one) => [one.id, one]));
    for (const id of ["broken", "large", "named"])
      expect(shown.get(id)).toMatchObject({
        state: "expired",
        expiredAt: START,
        expiredReason: expect.stringMatching(/^Cannot use /),
      });
    expect(shown.get("over")).toMatchObject({ state: "expired", expiredAt: START - MINUTE });
    for (const id of ["chain", "stars", "good"]) expect(shown.get(id)).toMatchObject({ state: "active" });
    // A clock that is set back revives none of them.
    expect(silenceState(shown.get("large") as Silence, START - MINUTE)).toBe("expired");
  }));
