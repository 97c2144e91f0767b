import { describe, expect, it } from "vitest";
import { alertKey, type KnownAlert } from "../../../functions/model/alerting/alerter-state.ts";
import type { Matcher } from "../../../functions/model/alerting/matcher.ts";
import type { NotifyPolicy, Route } from "../../../functions/model/alerting/route.ts";
import type { Silence } from "../../../functions/model/alerting/silence.ts";
import { contextOf } from "../../../functions/notify/policy/decide-context.ts";
import { Flow } from "../../../functions/notify/policy/flow.ts";
import { inhibit } from "../../../functions/notify/policy/stages/inhibit.ts";
import { mute } from "../../../functions/notify/policy/stages/mute.ts";
import { silence as silenceStage } from "../../../functions/notify/policy/stages/silence.ts";
import { silenceEnd, silenceState } from "../../../functions/notify/policy/windows/silence-state.ts";
import { alert, alerterConfig, MINUTE, route, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

/** A Sunday, half a minute past noon in UTC. */
const NOW = Date.UTC(2026, 10, 22, 12, 0, 30);

const firing = (labels: Readonly<Record<string, string>>): KnownAlert => ({
  ...alert(labels, NOW - MINUTE),
  shard: 0,
  receivedAt: NOW - MINUTE,
});

const silence = (matchers: readonly Matcher[], over: Partial<Silence> = {}): Silence => ({
  id: "s1",
  matchers,
  startsAt: NOW - MINUTE,
  endsAt: NOW + MINUTE,
  author: "ann",
  reason: "work",
  maintenance: false,
  ...over,
});

/** What the three stages that mute say of an alert on a route: by what, its name, and until when. */
function findMutes(policy: NotifyPolicy, silences: readonly Silence[], alerts: readonly KnownAlert[], now: number) {
  const world = new DecideWorld(policy);
  const known = new Map(alerts.map((one) => [alertKey(one), one]));
  const context = contextOf({ ...world.input(now), policy, silences, alerts: known });
  return (one: KnownAlert, on: Route = route()) => {
    const notice = {
      key: alertKey(one),
      alert: one,
      receiver: on.receiver,
      route: on,
      via: "route",
      routes: [on],
    } as const;
    const { items, results } = new Flow([notice], context).through(silenceStage).through(inhibit).through(mute);
    const [suppressed] = results.flatMap((result) => result.suppressed);
    expect(items.length).toBe(suppressed === undefined ? 1 : 0);
    if (suppressed === undefined) return undefined;
    const { mute: by, until, why } = suppressed;
    const name = /(?:silenced by|inhibited by|muted by interval) (\S+)/.exec(why)?.[1];
    return { by, name, ...(until === undefined ? {} : { until }) };
  };
}

const ALL: readonly Matcher[] = [{ name: "alertname", op: "=~", value: ".+" }];

/** `always` holds now, `nights` does not; both by the clock of the zone. */
const INTERVALS: NotifyPolicy["intervals"] = [
  { name: "always", spans: [{ location: "UTC" }] },
  { name: "nights", spans: [{ times: [{ from: 0, to: 360 }], location: "UTC" }] },
  { name: "nights-down-under", spans: [{ times: [{ from: 0, to: 360 }], location: "Australia/Lord_Howe" }] },
];

const policyOf = (over: Partial<NotifyPolicy> = {}): NotifyPolicy => ({
  ...alerterConfig().policy,
  inhibitions: [],
  intervals: INTERVALS,
  ...over,
});

describe("a silence", () => {
  const labels = { target: "cas-eu", probe: "cas.negotiate", team: "" };
  const rows: [what: string, matchers: Matcher[], mutes: boolean][] = [
    ["equal", [{ name: "target", op: "=", value: "cas-eu" }], true],
    ["equal to a part of it", [{ name: "target", op: "=", value: "cas" }], false],
    ["in another case", [{ name: "target", op: "=", value: "CAS-EU" }], false],
    ["equal to nothing, and absent", [{ name: "vantage", op: "=", value: "" }], true],
    ["equal to nothing, and empty", [{ name: "team", op: "=", value: "" }], true],
    ["unequal", [{ name: "target", op: "!=", value: "cas-us" }], true],
    ["unequal to what it is", [{ name: "target", op: "!=", value: "cas-eu" }], false],
    ["unequal to nothing, and absent", [{ name: "vantage", op: "!=", value: "" }], false],
    ["unequal to something, and absent", [{ name: "vantage", op: "!=", value: "weur" }], true],
    ["a pattern", [{ name: "target", op: "=~", value: "cas-(eu|us)" }], true],
    ["a pattern of its beginning", [{ name: "target", op: "=~", value: "cas" }], false],
    ["a pattern of its end", [{ name: "target", op: "=~", value: "eu" }], false],
    ["one side of an alternative, anchored", [{ name: "target", op: "=~", value: "cas|eu" }], false],
    ["a pattern of anything, and absent", [{ name: "vantage", op: "=~", value: ".*" }], true],
    ["a pattern of something, and absent", [{ name: "vantage", op: "=~", value: ".+" }], false],
    ["not a pattern", [{ name: "target", op: "!~", value: "cas-us|cas" }], true],
    ["not a pattern that it is", [{ name: "target", op: "!~", value: "cas-.*" }], false],
    ["not a pattern of something, and absent", [{ name: "vantage", op: "!~", value: ".+" }], true],
    [
      "both of two",
      [
        { name: "target", op: "=", value: "cas-eu" },
        { name: "probe", op: "=~", value: "cas[.].*" },
      ],
      true,
    ],
    [
      "one of two",
      [
        { name: "target", op: "=", value: "cas-eu" },
        { name: "probe", op: "=", value: "health" },
      ],
      false,
    ],
  ];
  it.each(rows)("mutes what is %s: %j %s", (_what, matchers, mutes) => {
    const find = findMutes(policyOf(), [silence(matchers)], [], NOW);
    const expected = mutes ? { by: "silence", name: "s1", until: NOW + MINUTE } : undefined;
    expect(find(firing(labels))).toEqual(expected);
  });

  const times: [what: string, over: Partial<Silence>, state: string, until?: number][] = [
    ["begins now", { startsAt: NOW }, "active", NOW + MINUTE],
    ["begins in a moment", { startsAt: NOW + 1 }, "pending"],
    ["ends in a moment", { endsAt: NOW + 1 }, "active", NOW + 1],
    ["ends now", { endsAt: NOW }, "expired"],
    ["was ended", { expiredAt: NOW }, "expired"],
    ["is ended in a moment", { expiredAt: NOW + 1 }, "active", NOW + 1],
    ["was ended after its end", { endsAt: NOW + 1, expiredAt: NOW + MINUTE }, "active", NOW + 1],
    ["was ended before it began", { startsAt: NOW + 5, expiredAt: NOW - 5 }, "expired"],
  ];
  it.each(times)("that %s is %3$s", (_what, over, state, until) => {
    const one = silence(ALL, over);
    expect(silenceState(one, NOW)).toBe(state);
    expect(findMutes(policyOf(), [one], [], NOW)(firing({}))?.until).toBe(until);
    if (until !== undefined) expect(silenceEnd(one)).toBe(until);
  });

  it("that is over leaves the matter to the next", () => {
    const all = [silence(ALL, { id: "over", endsAt: NOW }), silence(ALL, { id: "next", endsAt: NOW + 7 })];
    expect(findMutes(policyOf(), all, [], NOW)(firing({}))).toEqual({ by: "silence", name: "next", until: NOW + 7 });
  });
});

describe("windows", () => {
  const muting = (severities: Partial<NotifyPolicy["severities"]>): NotifyPolicy =>
    policyOf({ severities: { critical: severity(), warning: severity(), info: severity(), ...severities } });
  const of = (name: string): Route => route({ muteIntervals: [name] });

  it("of a severity mute that one on every route, for ever where the window never ends", () => {
    const policy = muting({ info: severity({ muteIntervals: ["nights", "always"] }) });
    const find = findMutes(policy, [], [], NOW);
    const expected = { by: "severity window", name: "always" };
    expect(find(firing({ severity: "info" }), route())).toEqual(expected);
    expect(find(firing({ severity: "info" }))).toEqual(expected);
    expect(find(firing({ severity: "warning" }), route())).toBeUndefined();
    expect(find(firing({ severity: "critical" }), route())).toBeUndefined();
  });

  it("of a route mute what takes that route, and nothing elsewhere", () => {
    const find = findMutes(policyOf(), [], [], NOW);
    expect(find(firing({}), of("always"))).toEqual({ by: "route window", name: "always" });
    expect(find(firing({}), of("nights"))).toBeUndefined();
    expect(find(firing({}), route())).toBeUndefined();
    expect(find(firing({}))).toBeUndefined();
  });

  it("go by the clock of their zone, and say when they end", () => {
    // 00:00 on Lord Howe is 13:00 UTC in its summer.
    const night = Date.UTC(2026, 10, 22, 13);
    const suppressed = [night - 1, night, night + 6 * 60 * MINUTE - 1, night + 6 * 60 * MINUTE].map(
      (at) => findMutes(policyOf(), [], [], at)(firing({}), of("nights-down-under"))?.until,
    );
    expect(suppressed).toEqual([undefined, night + 6 * 60 * MINUTE, night + 6 * 60 * MINUTE, undefined]);
  });

  it("that nobody has defined mute nothing", () => {
    expect(findMutes(policyOf(), [], [], NOW)(firing({}), of("unheard of"))).toBeUndefined();
  });

  it("come after silences and other alerts, the severity's before the route's", () => {
    const source = firing({ alertname: "ZakoTargetDown", target: "a" });
    const target = firing({ alertname: "ZakoProbeDown", target: "a", severity: "info" });
    const policy = muting({ info: severity({ muteIntervals: ["always"] }) });
    const inhibitions: NotifyPolicy["inhibitions"] = alerterConfig().policy.inhibitions;
    const by = (given: NotifyPolicy, silences: Silence[], on: Route) =>
      findMutes(given, silences, [source, target], NOW)(target, on)?.by;
    expect([
      by({ ...policy, inhibitions }, [silence(ALL)], of("always")),
      by({ ...policy, inhibitions }, [], of("always")),
      by(policy, [], of("always")),
      by(policyOf(), [], of("always")),
      by(policyOf(), [], route()),
    ]).toEqual(["silence", "inhibition", "severity window", "route window", undefined]);
  });

  it("mutes an alert of no known severity only while critical alerts are muted", () => {
    const always = severity({ muteIntervals: ["always"] });
    const by = (policy: NotifyPolicy, labels: Record<string, string>) =>
      findMutes(policy, [], [], NOW)(firing(labels), route())?.by;
    for (const labels of [{}, { severity: "" }, { severity: "page" }]) {
      expect(by(muting({ warning: always, info: always }), labels)).toBeUndefined();
      expect(by(muting({ critical: always }), labels)).toBe("severity window");
    }
    expect(alertKey(firing({}))).toMatch(/^[0-9a-f]{16}@\d+$/);
  });
});
