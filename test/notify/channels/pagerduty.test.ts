import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Message, MessageAlert } from "../../../functions/model/alerting/message.ts";
import { dedupKey, pagerdutyEvent } from "../../../functions/notify/channels/pagerduty.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { describeChannel, READS_ANSWER } from "./describe-channel.ts";
import { SAMPLES } from "./sample-endpoints.ts";

describeChannel(SAMPLES.pagerduty, READS_ANSWER);

const actionOf = (alerts: readonly MessageAlert[], change: Partial<Message> = {}) =>
  pagerdutyEvent(messageOf(alerts, change)).event_action;

const over = (alert: MessageAlert): MessageAlert => ({ ...alert, status: "resolved", endsAt: NOW });

it("opens one incident for a group, and closes it when all of it is over", () => {
  const [a, b] = [alertOf({ target: "a" }), alertOf({ target: "a", probe: "health" })];
  expect(actionOf([a, b])).toBe("trigger");
  expect(actionOf([over(a), b], { reason: "some alerts resolved" })).toBe("trigger");
  expect(actionOf([over(a), over(b)])).toBe("resolve");
  expect(dedupKey(messageOf([a, b]))).toBe(dedupKey(messageOf([over(a), over(b)])));
});

it("acknowledges once somebody has taken all of it on, but not with the message that opens it", () => {
  const [acked, other] = [alertOf({ target: "a" }, { acknowledgedBy: "Ada" }), alertOf({ target: "b" })];
  for (const [reason, action] of [
    ["first notification", "trigger"],
    ["escalation", "trigger"],
    ["new alerts added", "acknowledge"],
    ["some alerts resolved", "acknowledge"],
    ["acknowledged", "acknowledge"],
    ["repeat interval elapsed", "acknowledge"],
  ] as const) {
    expect(actionOf([acked, over(other)], { reason }), reason).toBe(action);
    expect(actionOf([acked, other], { reason }), reason).toBe("trigger");
  }
});

it("has a key for each target, class and outage", () => {
  const alerts = [alertOf({ target: "a" })];
  const keys = [
    messageOf(alerts),
    messageOf(alerts, { groupKey: '{}:{target="b"}' }),
    messageOf(alerts, { groupKey: '{}:{target="cas-eu"}:warning' }),
    messageOf(alerts, { openedAt: NOW }),
  ].map(dedupKey);
  expect(new Set(keys).size).toBe(4);
});

it("says in its summary what is down and why, and names the alerts in its details", () => {
  const reason = { summary: "Target is down", reason: "connect" };
  const alerts = ["a", "b", "c"].map((target) => alertOf({ target }, { annotations: reason }));
  const one = pagerdutyEvent(messageOf(alerts.slice(0, 1)));
  expect(one.payload).toMatchObject({
    summary: "a: Target is down: no connection, or the connection was lost before an answer (connect)",
    source: "a",
    group: "a",
    severity: "critical",
  });
  const shared = { cause: "unreachable", by: "front" } as const;
  const all = pagerdutyEvent(messageOf(alerts, { shared }));
  expect(all.payload).toMatchObject({
    summary: "3 targets unreachable: a, b, c",
    source: "zako-watch",
    custom_details: {
      note: "All of these targets are behind the same host.",
      alerts: [expect.stringMatching(/^.: /), expect.stringMatching(/^.: /), expect.stringMatching(/^.: /)],
    },
  });
});

it("names every failing step in its details", () => {
  const steps = (["connect", "timeout"] as const).map((reason, i) => ({ probe: "health", step: `s${i}`, reason }));
  const evidence = { cause: "health", steps, vantages: ["weur"], outOf: 1 };
  const { payload } = pagerdutyEvent(messageOf([alertOf({ target: "a" }, { evidence } as never)]));
  expect(payload).toMatchObject({ custom_details: { failing_step: expect.stringMatching(/^s0: .*; s1: /) } });
});

it("never closes what it has not opened, and leaves nothing open, however many alerts come and go", () => {
  const step = fc.record({ come: fc.nat(60), go: fc.nat(60), truncated: fc.constantFrom(0, 0, 0, 7) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      let firing: MessageAlert[] = [];
      let count = 0;
      let openedAt = 0;
      const open = new Set<string>();
      const say = (alerts: readonly MessageAlert[], truncated = 0): void => {
        if (alerts.length === 0) return;
        const { event_action, dedup_key } = pagerdutyEvent(messageOf(alerts, { truncated, openedAt }));
        if (event_action === "trigger") open.add(dedup_key);
        else expect(open.delete(dedup_key)).toBe(true);
        expect(open.size).toBe(alerts.some(({ status }) => status === "firing") ? 1 : 0);
      };
      for (const [at, { come, go, truncated }] of steps.entries()) {
        const gone = firing.filter((_, i) => (i * 7 + at) % 60 < go);
        const stay = firing.filter((alert) => !gone.includes(alert));
        const fresh = Array.from({ length: come }, () => alertOf({ target: `t-${count++}` }, { startsAt: NOW + at }));
        if (firing.length === 0) openedAt = NOW + at;
        say([...gone.map(over), ...stay, ...fresh], stay.length + fresh.length > 0 ? truncated : 0);
        firing = [...stay, ...fresh];
      }
      say(firing.map(over));
      expect(open.size).toBe(0);
    }),
    { numRuns: 200 },
  );
});
