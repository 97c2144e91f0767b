import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { MessageAlert } from "../../../functions/model/alerting/message.ts";
import { alertmanagerAlerts } from "../../../functions/notify/channels/alertmanager.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { describeChannel } from "./describe-channel.ts";
import { SAMPLES } from "./sample-endpoints.ts";

describeChannel(SAMPLES.alertmanager);

const MINUTE = 60_000;

interface Posted {
  labels: Readonly<Record<string, string>>;
  startsAt: number;
  endsAt: number;
}

const posted = (alerts: readonly MessageAlert[]): Posted[] =>
  alertmanagerAlerts(messageOf(alerts), NOW).map(({ labels, startsAt, endsAt }) => ({
    labels: labels as Posted["labels"],
    startsAt: Date.parse(String(startsAt)),
    endsAt: Date.parse(String(endsAt)),
  }));

/** An Alertmanager as it takes one alert after the other: what overlaps is one, and what ends explicitly ends it. */
function take(kept: ReadonlyMap<string, Posted>, alerts: readonly Posted[]): Map<string, Posted> {
  const now = new Map(kept);
  for (const one of alerts) {
    const key = JSON.stringify(one.labels);
    const old = now.get(key);
    const overlaps =
      old !== undefined &&
      ((one.endsAt > old.startsAt && one.endsAt < old.endsAt) ||
        (one.startsAt > old.startsAt && one.startsAt < old.endsAt));
    if (!overlaps || old === undefined) now.set(key, one);
    else {
      const endsAt = one.endsAt <= NOW ? one.endsAt : Math.max(one.endsAt, old.endsAt);
      now.set(key, { ...one, startsAt: Math.min(one.startsAt, old.startsAt), endsAt });
    }
  }
  return now;
}

const target = fc.constantFrom("a", "b", "c");

it("leaves firing what fires, whatever else of the same labels is over, in whatever order the message has them", () => {
  const ended = fc.record({
    target,
    startsAt: fc.integer({ min: 20, max: 30 }),
    lasted: fc.integer({ min: 1, max: 9 }),
  });
  const firing = fc.uniqueArray(fc.record({ target, startsAt: fc.integer({ min: 1, max: 10 }) }), {
    selector: (one) => one.target,
  });
  const all = fc.tuple(fc.array(ended), firing).chain(([over, on]) => {
    const alerts = [
      ...over.map((one): MessageAlert => {
        const startsAt = NOW - one.startsAt * MINUTE;
        return alertOf(
          { target: one.target },
          { startsAt, status: "resolved", endsAt: startsAt + one.lasted * MINUTE },
        );
      }),
      ...on.map((one) => alertOf({ target: one.target }, { startsAt: NOW - one.startsAt * MINUTE })),
    ];
    return fc.record({
      alerts: fc.shuffledSubarray(alerts, { minLength: alerts.length }),
      on: fc.constant(new Set(on.map((one) => one.target))),
    });
  });
  fc.assert(
    fc.property(all, fc.boolean(), ({ alerts, on }, knew) => {
      const before = alerts
        .filter(({ status }) => status === "resolved")
        .map((one): Posted => {
          return { labels: one.labels, startsAt: one.startsAt, endsAt: NOW + 3 * MINUTE };
        });
      const kept = take(take(new Map(), knew ? before : []), posted(alerts));
      const fires = [...kept.values()].filter(({ endsAt }) => endsAt > NOW).map(({ labels }) => labels["target"]);
      expect(new Set(fires)).toEqual(on);
    }),
  );
});

it("says of what fires that it ends unless it is said again in time, and of what is over when it ended", () => {
  const over = alertOf({ target: "a" }, { startsAt: NOW - 9 * MINUTE, status: "resolved", endsAt: NOW - MINUTE });
  const early = alertOf({ target: "b" }, { startsAt: NOW, status: "resolved", endsAt: NOW - MINUTE });
  const ends = posted([over, early, alertOf({ target: "c" })]).map(({ endsAt }) => endsAt - NOW);
  // An end before the beginning would be refused.
  expect(ends).toEqual([-MINUTE, 0, 4 * MINUTE]);
});
