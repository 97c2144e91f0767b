import { expect, it } from "vitest";
import { alertKey, type KnownAlert } from "../../../functions/model/alerting/alerter-state.ts";
import type { EscalationStep } from "../../../functions/model/alerting/route.ts";
import { contextOf } from "../../../functions/notify/policy/decide-context.ts";
import type { Draft, DueDraft } from "../../../functions/notify/policy/group-case.ts";
import type { Notice, Staged } from "../../../functions/notify/policy/stage.ts";
import { escalate } from "../../../functions/notify/policy/stages/escalate.ts";
import { failover } from "../../../functions/notify/policy/stages/failover.ts";
import { group } from "../../../functions/notify/policy/stages/group.ts";
import { inhibit } from "../../../functions/notify/policy/stages/inhibit.ts";
import { mute } from "../../../functions/notify/policy/stages/mute.ts";
import { route as routeStage } from "../../../functions/notify/policy/stages/route.ts";
import { silence } from "../../../functions/notify/policy/stages/silence.ts";
import { wait } from "../../../functions/notify/policy/stages/wait.ts";
import { alert, MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const step = (unless: EscalationStep["unless"] = ["acknowledged", "silenced"]): EscalationStep => ({
  afterMs: 7 * MINUTE,
  receiver: "boss",
  unless,
});

const known = (over: Partial<KnownAlert> = {}, labels: Record<string, string> = {}): KnownAlert => ({
  ...alert({ target: "a", ...labels }, START),
  shard: 0,
  receivedAt: START,
  ...over,
});

const ROUTE = route();
const notice = (one: KnownAlert, over: Partial<Notice> = {}): Notice => ({
  key: alertKey(one),
  alert: one,
  receiver: "team",
  route: ROUTE,
  via: "route",
  routes: [ROUTE],
  ...over,
});
const ofStep = (one: KnownAlert, unless?: EscalationStep["unless"]): Notice =>
  notice(one, { receiver: "boss", via: "step", step: step(unless) });

/** Two receivers; the boss after 7 minutes. */
const world = () =>
  new DecideWorld(
    { severities: { critical: severity({ escalation: [step()] }), warning: severity(), info: severity() } },
    [receiver("team", "fake", "fake"), receiver("boss")],
  );

/** Who goes on, and why the others do not. */
const spell = ({ passed, suppressed }: Staged<Notice>): string[] => [
  ...passed.map(({ receiver: name, via }) => `${name} by ${via}`),
  ...suppressed.map(({ receiver: name, why }) => `not ${name}: ${why}`),
];

it("route: names whom the tree and the steps name, and holds nobody", () => {
  const context = contextOf(world().input());
  expect(spell(routeStage([known()], context))).toEqual(["team by route", "boss by step"]);
  expect(spell(routeStage([known({}, { severity: "warning" })], context))).toEqual(["team by route"]);
});

it.each<[string, EscalationStep["unless"] | undefined, boolean, string[]]>([
  ["a route", undefined, true, ["not team: silenced by s0"]],
  ["a route without a silence", undefined, false, ["team by route"]],
  ["a step that minds silences", ["silenced"], true, ["not boss: silenced by s0"]],
  ["a step that does not", ["acknowledged"], true, ["boss by step"]],
])("silence: %s", (_name, unless, isSilenced, expected) => {
  const of = world();
  if (isSilenced) of.silence("a", MINUTE);
  const one = unless === undefined ? notice(known()) : ofStep(known(), unless);
  expect(spell(silence([one], contextOf(of.input())))).toEqual(expected);
});

it("inhibit: holds what follows from an alert that fires, with its name", () => {
  const of = world();
  of.begin("a", { severity: "critical", alertname: "Down" });
  of.policy = {
    ...of.policy,
    inhibitions: [
      {
        source: [{ name: "alertname", op: "=", value: "Down" }],
        target: [{ name: "alertname", op: "=", value: "Slow" }],
        equal: ["target"],
      },
    ],
  };
  const context = contextOf(of.input());
  expect(spell(inhibit([notice(known({}, { alertname: "Slow" }))], context))).toEqual(["not team: inhibited by Down"]);
  expect(spell(inhibit([notice(known({}, { alertname: "Slow", target: "b" }))], context))).toEqual(["team by route"]);
});

it("mute: holds a step only where all routes of its alert are muted", () => {
  const of = world();
  of.policy = { ...of.policy, intervals: [{ name: "always", spans: [{ location: "UTC" }] }] };
  const muting = route({ muteIntervals: ["always"] });
  const muted = "muted by interval always of its route";
  const results = [[muting], [muting, ROUTE], [muting, muting]].map((routes) =>
    spell(mute([{ ...ofStep(known()), routes }], contextOf(of.input()))),
  );
  expect(results).toEqual([[`not boss: ${muted}`], ["boss by step"], [`not boss: ${muted}`]]);
});

const run = (at: number, failed: boolean) => ({ at, failed, recheckMs: 15_000, timeoutMs: 10_000, recoveries: 3 });
const DUE = 7 * MINUTE;
const WAITS = "not boss: its escalation waits for the next run";
it.each<[string, Partial<KnownAlert>, number, string]>([
  ["nobody was told", {}, DUE, "not boss: escalation starts after the first notification"],
  ["it is too early", { notifiedAt: START }, DUE - 1, "not boss: escalates if still firing"],
  ["it is due", { notifiedAt: START }, DUE, "boss by step"],
  ["the last run began before", { newestRun: run(START + DUE - 1, true) }, DUE, WAITS],
  ["a run has failed since", { newestRun: run(START + DUE, true) }, DUE, "boss by step"],
  // A recheck of 15 s and a deadline of 10 s, of a Monitor whose alarms come late; the next cron brings it for certain.
  ["a recheck is late", { newestRun: run(START, true) }, DUE + 84_999, WAITS],
  ["no run comes any more", { newestRun: run(START, true) }, DUE + 85_000, "boss by step"],
  ["the newest run is good", { newestRun: run(START + DUE, false) }, DUE + 29_999, WAITS],
  ["the recheck after a good one is late", { newestRun: run(START + DUE, false) }, DUE + 45_000, WAITS],
  ["a late recheck is good too", { newestRun: run(START + DUE + 69_000, false) }, DUE + 112_000, WAITS],
  ["no run comes after a good one", { newestRun: run(START + DUE, false) }, DUE + 90_000, "boss by step"],
  ["good runs do not end it", { newestRun: run(START + DUE + 125_000, false) }, DUE + 130_000, "boss by step"],
])("escalate: %s", (_name, over, after, expected) => {
  const one = known({ ...(over.newestRun === undefined ? {} : { notifiedAt: START }), ...over });
  expect(spell(escalate([ofStep(one)], contextOf(world().input(START + after))))).toEqual([expected]);
});

it.each<[string, Partial<KnownAlert>, number, string]>([
  ["it has just begun", { newestRun: run(START, false) }, 14_999, "team by route"],
  ["the Alerter was away", { newestRun: run(START + DUE, false), receivedAt: START + DUE }, DUE, "team by route"],
  ["the newest run failed", { newestRun: run(START + DUE, true) }, DUE, "team by route"],
  ["no run decides when it ends", {}, DUE, "team by route"],
  ["it was notified before", { notifiedAt: START, newestRun: run(START + DUE, false) }, DUE, "team by route"],
  [
    "a silence has ended while it recovers",
    { newestRun: run(START + DUE, false) },
    DUE,
    "not team: held back until now, and it may be about to end",
  ],
  ["it was good two rechecks ago", { newestRun: run(START + DUE, false) }, DUE + 30_000, "team by route"],
  ["all holds are spent", { newestRun: run(START + DUE, false), waitedMs: 60_000 }, DUE, "team by route"],
])("a first notification: %s", (_name, over, after, expected) => {
  expect(spell(escalate([notice(known(over))], contextOf(world().input(START + after))))).toEqual([expected]);
});

it("escalate: drops a step whose receiver is notified anyway, and a second route to it", () => {
  const one = known({ notifiedAt: START });
  const both = [notice(one), notice(one), { ...ofStep(one), receiver: "team" }];
  expect(spell(escalate(both, contextOf(world().input(START + DUE))))).toEqual(["team by route"]);
});

it.each<[string, Record<string, string>, boolean, string[]]>([
  ["it can be reached", {}, false, ["team by route"]],
  ["it cannot", {}, true, ["team by route", "boss by failover"]],
  ["it cannot, and the alert is not critical", { severity: "warning" }, true, ["team by route"]],
])("failover: %s", (_name, labels, isBroken, expected) => {
  const context = { ...contextOf(world().input()), getsThrough: () => !isBroken };
  expect(spell(failover([notice(known({}, labels))], context))).toEqual(expected);
});

it("group: once for each endpoint, by route and class", () => {
  const { passed } = group([notice(known()), notice(known({}, { severity: "info" }))], contextOf(world().input()));
  expect(passed.map(({ to, group: { key } }) => `${to.index} ${key}`)).toEqual([
    '0 {}:{target="a"}',
    '1 {}:{target="a"}',
    '0 {}:{target="a"}:warning',
    '1 {}:{target="a"}:warning',
  ]);
});

it.each<[string, Partial<DueDraft>, string[], number]>([
  ["nothing is due", { due: undefined }, [], Number.POSITIVE_INFINITY],
  ["it is due", { due: { at: START, reason: "first notification" } }, ["sent"], Number.POSITIVE_INFINITY],
  ["it is not", { due: { at: START + 9, reason: "first notification" } }, ["its group waits"], START + 9],
  [
    "another is on its way",
    { due: { at: START, reason: "first notification" }, isBusy: true },
    ["an earlier message of its group is still being delivered"],
    Number.POSITIVE_INFINITY,
  ],
])("wait: %s", (_name, over, expected, nextAt) => {
  const context = contextOf(world().input());
  const [to] = context.endpointsOf.get("team") ?? [];
  const one = known();
  const draft = {
    to,
    group: { key: "g", labels: {} },
    fresh: [{ key: alertKey(one), alert: one, route: ROUTE, via: "route", group: { key: "g", labels: {} } }],
    isBusy: false,
  } as unknown as Draft;
  const result = wait([{ ...draft, due: undefined, ...over }], context);
  expect([...result.passed.map(() => "sent"), ...result.suppressed.map(({ why }) => why)]).toEqual(expected);
  expect(result.nextAt).toBe(nextAt);
});
