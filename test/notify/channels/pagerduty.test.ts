import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { MessageAlert } from "../../../functions/model/alerting/message.ts";
import { pagerdutyEvents } from "../../../functions/notify/channels/pagerduty.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { describeChannel, READS_ANSWER } from "./describe-channel.ts";
import { SAMPLES } from "./sample-endpoints.ts";

describeChannel(SAMPLES.pagerduty, READS_ANSWER);

const dedupKey = ({ fingerprint, startsAt }: MessageAlert): string => `zako:${fingerprint}:${startsAt}`;
const actions = (alerts: readonly MessageAlert[], change = {}) =>
  pagerdutyEvents(messageOf(alerts, change)).map(({ event_action, dedup_key }) => `${event_action} ${dedup_key}`);

it("triggers, acknowledges and resolves each alert by its own key", () => {
  const [a, b] = [alertOf({ target: "a" }), alertOf({ target: "b" }, { acknowledgedBy: "Ada" })];
  expect(actions([a, b])).toEqual([`trigger ${dedupKey(a)}`, `trigger ${dedupKey(b)}`].sort());
  expect(actions([a, b], { reason: "acknowledged" }).sort()).toEqual(
    [`acknowledge ${dedupKey(b)}`, `trigger ${dedupKey(a)}`].sort(),
  );
  const over = { ...a, status: "resolved", endsAt: NOW } as const;
  expect(actions([over, b])).toContain(`resolve ${dedupKey(a)}`);
});

it("acknowledges what somebody has taken on, whatever else a message is about, but for what it begins with", () => {
  const acked = alertOf({ target: "a" }, { acknowledgedBy: "Ada" });
  const over = alertOf({ target: "b" }, { status: "resolved", endsAt: NOW });
  for (const [reason, action] of [
    ["first notification", "trigger"],
    ["escalation", "trigger"],
    ["new alerts added", "acknowledge"],
    ["some alerts resolved", "acknowledge"],
    ["acknowledged", "acknowledge"],
    ["repeat interval elapsed", "acknowledge"],
  ] as const)
    expect(actions([acked, over], { reason }), reason).toContain(`${action} ${dedupKey(acked)}`);
});

it("has another key for the next firing of the same labels, so that a late resolve ends only the first", () => {
  const first = alertOf({ target: "a" });
  expect(dedupKey({ ...first, startsAt: NOW })).not.toBe(dedupKey(first));
});

/** PagerDuty, as far as keys and states go: what is closed stays closed until a trigger. */
function open(
  events: readonly { event_action: string; dedup_key: string }[],
  before: ReadonlySet<string>,
): Set<string> {
  const now = new Set(before);
  for (const { event_action, dedup_key } of events)
    if (event_action === "trigger") now.add(dedup_key);
    else if (event_action === "resolve") now.delete(dedup_key);
  return now;
}

it("resolves everybody it has paged for, however many alerts come and go, with at most 41 calls a message", () => {
  const step = fc.record({ come: fc.nat(60), go: fc.nat(60), truncated: fc.constantFrom(0, 0, 0, 7) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      let firing: MessageAlert[] = [];
      let paged: Set<string> = new Set();
      let count = 0;
      const say = (alerts: readonly MessageAlert[], truncated: number): void => {
        if (alerts.length === 0) return;
        const events = pagerdutyEvents(messageOf(alerts, { truncated }));
        expect(events.length).toBeLessThanOrEqual(41);
        paged = open(events, paged);
        const fires = alerts.some(({ status }) => status === "firing");
        if (fires) expect(paged.size).toBeGreaterThan(0);
      };
      const end = (alerts: readonly MessageAlert[]): MessageAlert[] =>
        alerts.map((alert) => ({ ...alert, status: "resolved", endsAt: NOW }));
      for (const [at, { come, go, truncated }] of steps.entries()) {
        const gone = firing.filter((_, i) => (i * 7 + at) % 60 < go);
        const stay = firing.filter((alert) => !gone.includes(alert));
        const fresh = Array.from({ length: come }, () => alertOf({ target: `t-${count++}` }, { startsAt: NOW + at }));
        say([...end(gone), ...stay, ...fresh], stay.length + fresh.length > 0 ? truncated : 0);
        firing = [...stay, ...fresh];
      }
      say(end(firing), 0);
      if (firing.length > 0) expect([...paged]).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
