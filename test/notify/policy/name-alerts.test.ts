import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alertKey, type KnownAlert } from "../../../functions/model/alerting/alerter-state.ts";
import { composeMessage } from "../../../functions/notify/message/compose-message.ts";
import { groupOf } from "../../../functions/notify/policy/group.ts";
import type { GroupCase, NotifiedAlert } from "../../../functions/notify/policy/group-case.ts";
import { nameAlerts } from "../../../functions/notify/policy/name-alerts.ts";
import type { Send } from "../../../functions/notify/policy/stages/send.ts";
import { alert, route, START } from "../../alerter/world.ts";

const MAX_NAMED_RELAY = 500;

const MAX_NAMED = 50;

const on = route();

const known = (target: string, severity = "warning", summary = "It is so."): KnownAlert => ({
  ...alert({ target, severity }, START, summary),
  shard: 0,
  receivedAt: START,
});

const notified = (one: KnownAlert, named = true): NotifiedAlert => {
  const entry = { endpointKey: "e", alertKey: alertKey(one), groupKey: "g", acknowledged: false, resolvedSent: false };
  return { alert: one, entry: { ...entry, known: true, confirmed: true, named } };
};

const recipient = (one: KnownAlert) =>
  ({ key: alertKey(one), alert: one, route: on, group: groupOf(on, one), via: "route" }) as const;

const notificationGroup = (over: Partial<GroupCase>): GroupCase => ({
  notificationGroup: undefined,
  fresh: [],
  still: [],
  ended: [],
  repeatedResolves: [],
  refresh: undefined,
  isSole: () => false,
  ...over,
});

const still = (one: NotifiedAlert) => ({ ...one, recipient: undefined, isAcknowledged: false });
const many = (count: number, prefix: string, severity?: string): KnownAlert[] =>
  Array.from({ length: count }, (_, i) => known(`${prefix}${i}`, severity));
const targets = (keys: Iterable<string>, all: readonly KnownAlert[]): (string | undefined)[] =>
  [...keys].map((key) => all.find((one) => alertKey(one) === key)?.labels["target"]);

describe("the alerts that a message shows", () => {
  it("are what is new and critical, pending resolves, what is new, what is known, and the rest, in this order", () => {
    const [crit, warn, one, other, over, unnamed, repeated] = [
      known("crit", "critical"),
      ...["warn", "named", "unnamed", "over", "over-unnamed", "repeated"].map((name) => known(name)),
    ] as [KnownAlert, KnownAlert, KnownAlert, KnownAlert, KnownAlert, KnownAlert, KnownAlert];
    const { named, deferred } = nameAlerts(
      notificationGroup({
        fresh: [recipient(warn), recipient(crit)],
        still: [still(notified(other, false)), still(notified(one))],
        ended: [notified(unnamed, false), notified(over)],
        repeatedResolves: [notified(repeated)],
      }),
    );
    const all = [crit, warn, one, other, over, unnamed, repeated];
    expect(targets(named, all)).toEqual(["crit", "over", "warn", "named", "unnamed", "repeated", "over-unnamed"]);
    expect(deferred.size).toBe(0);
  });

  it("are so many at most, and more where a relay sorts them itself", () => {
    const fresh = many(MAX_NAMED_RELAY + 1, "t").map(recipient);
    expect(nameAlerts(notificationGroup({ fresh })).named).toHaveLength(MAX_NAMED);
    const refresh = { everyMs: 1, resolvedForMs: 1 };
    expect(nameAlerts(notificationGroup({ fresh, refresh })).named).toHaveLength(MAX_NAMED_RELAY);
  });

  it("are all that was named, where that is over", () => {
    const ended = many(MAX_NAMED_RELAY + 10, "over").map((one) => notified(one));
    const { named, deferred } = nameAlerts(notificationGroup({ ended }));
    expect([named.length, deferred.size]).toEqual([MAX_NAMED_RELAY, 10]);
    expect(nameAlerts(notificationGroup({ ended: ended.slice(0, 90) })).named).toHaveLength(90);
  });

  it("leave ends that were owed by name and do not fit for the next message, and no others", () => {
    const fresh = many(MAX_NAMED - 2, "c", "critical").map(recipient);
    const all = [...many(3, "over"), ...many(2, "rest")];
    const ended = all.map((one, i) => notified(one, i < 3));
    const { deferred } = nameAlerts(notificationGroup({ fresh, ended }));
    expect(targets(deferred, all)).toEqual(["over2"]);
  });

  it("are at least one, and all that is owed is told by and by, however long the texts are", () => {
    const size = fc.constantFrom(10, 1000, 100_000, 500_000);
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 80 }), (sizes) => {
        const all = sizes.map((length, i) => known(`t${i}`, "warning", "x".repeat(length)));
        let ended = all.map((one) => notified(one));
        for (let messages = 0; ended.length > 0; messages++) {
          expect(messages).toBeLessThan(all.length + 1);
          const { named, deferred } = nameAlerts(notificationGroup({ ended }));
          expect(named.length + deferred.size).toBe(ended.length);
          const texts = ended.filter(({ alert: one }) => named.includes(alertKey(one)));
          if (texts.length > 1) expect(JSON.stringify(texts.map((one) => one.alert)).length).toBeLessThan(400_100);
          ended = ended.filter(({ alert: one }) => deferred.has(alertKey(one)));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("a message", () => {
  const a = known("a", "critical");
  const over: KnownAlert = { ...known("b"), resolvedAt: START + 9, why: "recovered" };
  const drill: KnownAlert = { ...a, labels: { ...a.labels, drill: "d1" } };
  const keyed = (...all: KnownAlert[]) => new Map(all.map((one) => [alertKey(one), one]));
  const send = (over: Partial<Send>): Send => ({
    endpointKey: "e",
    to: { receiver: "team", index: 1, endpoint: { channel: "fake", options: {}, sendResolved: true } },
    groupKey: "g",
    groupLabels: { target: "a" },
    reason: "first notification",
    fresh: [],
    still: [],
    ended: [],
    named: [],
    opens: true,
    targets: 1,
    critical: true,
    urgent: true,
    ...over,
  });
  const compose = (given: Partial<Send>, alerts: Map<string, KnownAlert>, by?: string) =>
    composeMessage(send(given), {
      alerts,
      acknowledgements: new Map(by === undefined ? [] : [[alertKey(a), { by, at: START, comment: "" }]]),
      id: "m1",
      externalUrl: "https://watch.test",
      openedAt: START + 10,
      receiversOf: new Map(),
      now: START + 10,
    });

  it("fires while anything in it does, and counts what it does not show", () => {
    const [first, last] = [alertKey(a), alertKey(over)];
    const both = compose({ fresh: [first], ended: [last, "left out"], named: [first, last] }, keyed(a, over), "ann");
    expect(both).toMatchObject({
      id: "m1",
      receiver: "team",
      endpoint: 1,
      status: "firing",
      truncated: 1,
      at: START + 10,
      test: false,
      alerts: [
        { labels: a.labels, status: "firing", acknowledgedBy: "ann" },
        { labels: over.labels, status: "resolved", endsAt: START + 9 },
      ],
    });
    expect(both.alerts[0]).not.toHaveProperty("endsAt");
    expect(both.alerts[1]).not.toHaveProperty("acknowledgedBy");
    expect(both.alerts[0]).not.toHaveProperty("receivedAt");
    expect(compose({ ended: [last], named: [last] }, keyed(over)).status).toBe("resolved");
    expect(compose({ still: [first], named: [] }, keyed(a))).toMatchObject({ status: "firing", truncated: 1 });
  });

  it("says since when its alerts hold, and what they rest on", () => {
    const evidence = {
      steps: [{ probe: "health", step: "check", reason: "timeout" as const }],
      vantages: [],
      outOf: 1,
    };
    const long: KnownAlert = { ...a, activeSince: START - 7, evidence };
    const of = (one: KnownAlert) => compose({ fresh: [alertKey(one)], named: [alertKey(one)] }, keyed(one)).alerts[0];
    expect(of(long)).toMatchObject({ startsAt: START, activeSince: START - 7, evidence });
    expect(of(a)).not.toHaveProperty("activeSince");
    expect(of(a)).not.toHaveProperty("evidence");
  });

  it("is a drill where all of it is one, and says so when it begins", () => {
    const [first] = [alertKey(drill)];
    expect(compose({ fresh: [first] }, keyed(drill))).toMatchObject({ test: true, reason: "drill" });
    expect(
      compose({ ended: [first], reason: "all alerts resolved" }, keyed({ ...drill, resolvedAt: START })),
    ).toMatchObject({
      test: true,
      reason: "all alerts resolved",
    });
    expect(compose({ fresh: [first, alertKey(over)] }, keyed(drill, over))).toMatchObject({
      test: false,
      reason: "first notification",
    });
  });
});
