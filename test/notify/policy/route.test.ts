import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matcher } from "../../../functions/model/alerting/matcher.ts";
import { printMatchers } from "../../../functions/model/alerting/parse-matchers.ts";
import type { NotifyPolicy, Route } from "../../../functions/model/alerting/route.ts";
import { groupOf } from "../../../functions/notify/policy/group.ts";
import { takeRoutes } from "../../../functions/notify/policy/route.ts";
import { routeTest } from "../../../functions/notify/policy/route-test.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const is = (name: string, value: string): Matcher => ({ name, op: "=", value });

/** A route by its receiver's name. */
const to = (name: string, matchers: readonly Matcher[], over: Partial<Route> = {}): Route =>
  route({ receiver: name, matchers, key: `{}/${printMatchers(matchers)}`, ...over });

const TREE = route({
  receiver: "root",
  routes: [
    to("audit", [is("severity", "critical")], { continue: true }),
    to("build", [is("team", "build")], {
      routes: [
        to("build-night", [is("shift", "night")], { continue: true }),
        to("build-cas", [{ name: "probe", op: "=~", value: "cas[.].*" }]),
        to("build-rest", [{ name: "probe", op: "!=", value: "" }], { continue: true }),
      ],
    }),
    to("late", [is("team", "build")]),
    to("web", [is("team", "web")], {
      continue: true,
      routes: [to("web-none", [is("never", "so")], { continue: true })],
    }),
  ],
});

describe("an alert takes", () => {
  const rows: [labels: Readonly<Record<string, string>>, receivers: string[]][] = [
    [{}, ["root"]],
    [{ team: "data" }, ["root"]],
    [{ severity: "critical" }, ["audit"]],
    // `continue` goes on to siblings only, and the first of them that matches ends it.
    [{ severity: "critical", team: "build" }, ["audit", "build"]],
    [{ team: "build" }, ["build"]],
    [{ team: "build", shift: "night" }, ["build-night"]],
    [{ team: "build", shift: "night", probe: "cas.details" }, ["build-night", "build-cas"]],
    [{ team: "build", shift: "night", probe: "health" }, ["build-night", "build-rest"]],
    [{ team: "build", probe: "cas.details" }, ["build-cas"]],
    [{ team: "build", probe: "health" }, ["build-rest"]],
    // A node whose children all decline takes it itself; a child's `continue` does not lead out of its parent.
    [{ team: "web" }, ["web"]],
    [{ team: "web", severity: "critical", never: "so" }, ["audit", "web-none"]],
  ];
  it.each(rows)("%j: %j", (labels, receivers) => {
    expect(takeRoutes(TREE, labels).map((one) => one.receiver)).toEqual(receivers);
  });

  it("one route at least, and none twice, in whatever tree", () => {
    const labels = fc.record({ a: fc.constantFrom("1", "2"), b: fc.constantFrom("1", "2") }, { requiredKeys: [] });
    const matchers = labels.map((all) => Object.entries(all).map(([name, value]) => is(name, value)));
    const { tree } = fc.letrec<{ tree: Route }>((tie) => ({
      tree: fc
        .record({
          matchers,
          continue: fc.boolean(),
          routes: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
        })
        .map((over) => route(over)),
    }));
    fc.assert(
      fc.property(tree, labels, (root, all) => {
        const taken = takeRoutes(root, all as Record<string, string>);
        expect(taken.length).toBeGreaterThan(0);
        expect(new Set(taken).size).toBe(taken.length);
        for (const one of taken) {
          const matching = one.routes.filter((child) =>
            child.matchers.every(({ name, value }) => all[name as "a" | "b"] === value),
          );
          expect(matching).toEqual([]);
        }
      }),
    );
  });
});

describe("a group", () => {
  const alertOf = (labels: Readonly<Record<string, string>>) => ({ fingerprint: "f", labels });
  const rows: [groupBy: string[], labels: Readonly<Record<string, string>>, key: string][] = [
    [["target"], { target: "a", probe: "p" }, '{}:{target="a"}'],
    [["probe", "target"], { target: "a", probe: "p" }, '{}:{probe="p",target="a"}'],
    [["target", "target"], { target: "a" }, '{}:{target="a"}'],
    [["target"], { probe: "p" }, "{}:{}"],
    [[], { target: "a" }, "{}:{}"],
    [["..."], { target: "a", probe: "p" }, '{}:{probe="p",target="a"}'],
    [["target"], { target: 'a"b\\c\nd' }, '{}:{target="a\\"b\\\\c\\nd"}'],
    // What every object has is no label.
    [["constructor", "toString"], { target: "a" }, "{}:{}"],
    // A drill is never told together with what is real.
    [["target"], { target: "a", drill: "d1" }, '{}:{drill="d1",target="a"}'],
  ];
  it.each(rows)("by %j of %j is %s", (groupBy, labels, key) => {
    expect(groupOf(route({ groupBy }), alertOf(labels)).key).toBe(key);
  });

  it("is another one on another route", () => {
    const key = (on: Route) => groupOf(on, alertOf({ target: "a" })).key;
    expect(key(to("x", [is("team", "x")]))).toBe('{}/{team="x"}:{target="a"}');
  });
});

describe("what a route test says", () => {
  const SEVERITIES = ["critical", "warning", "info"] as const;
  const receivers = ["root", "audit", "build", "build-night", "build-cas", "build-rest", "late", "web", "boss"].map(
    (name) => receiver(name),
  );
  const policy: Partial<NotifyPolicy> = {
    route: {
      ...TREE,
      routes: TREE.routes.map((one) => ({ ...one, muteIntervals: one.receiver === "audit" ? ["hour"] : [] })),
    },
    severities: {
      critical: severity({
        escalation: [{ afterMs: 7 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] }],
      }),
      warning: severity(),
      info: severity({ muteIntervals: ["hour"] }),
    },
    intervals: [{ name: "hour", spans: [{ times: [{ from: 0, to: 60 }], location: "UTC" }] }],
  };
  const labels = fc.record(
    {
      team: fc.constantFrom("build", "web", "data"),
      shift: fc.constantFrom("night", "day"),
      probe: fc.constantFrom("cas.details", "health"),
    },
    { requiredKeys: [] },
  );

  it("is what happens then", () => {
    let recipients = 0;
    fc.assert(
      fc.property(labels, fc.constantFrom(...SEVERITIES), fc.boolean(), fc.boolean(), (some, how, silenced, later) => {
        const world = new DecideWorld(policy, receivers);
        if (later) world.now += 3 * 60 * MINUTE;
        if (silenced) world.silence("a", MINUTE);
        const key = world.begin("a", { ...(some as Record<string, string>), severity: how });
        const { labels: all = {} } = world.head.alerts.get(key) ?? {};
        const test = routeTest(world, [...world.head.silences.all.values()], all, world.now);
        const spell = (name: string, at: number): string => `${(at - START) / 1000} ${name}`;
        const sends: string[] = [];
        world.onSend = ({ to: { receiver: name } }) => sends.push(spell(name, world.now));
        world.wait(30_000);
        recipients += sends.length;
        expect(sends.sort()).toEqual(test.recipients.map(({ receiver: name, at }) => spell(name, at)).sort());
        if (test.recipients.length === 0) expect(test.suppressed.length).toBeGreaterThan(0);
        const boss = test.suppressed.find(({ receiver: name }) => name === "boss");
        expect(boss !== undefined).toBe(how === "critical");
        if (test.recipients.length > 0 && boss !== undefined) expect(boss.until).toBe(world.now - 30_000 + 7 * MINUTE);
      }),
      { numRuns: 200 },
    );
    expect(recipients).toBeGreaterThan(50);
  });

  it("minds what else fires", () => {
    const { policy: of } = new DecideWorld({
      inhibitions: [{ source: [is("alertname", "Down")], target: [is("alertname", "Slow")], equal: ["target"] }],
    });
    const slow = { alertname: "Slow", target: "a", severity: "warning" };
    const test = (...firing: Record<string, string>[]) =>
      routeTest({ policy: of, receivers: [receiver("team")] }, [], slow, START, firing);
    expect(test().recipients).toEqual([
      { receiver: "team", route: "{}", groupKey: '{}:{target="a"}:warning', at: START + 30_000 },
    ]);
    expect(test({ alertname: "Down", target: "b" }).recipients).toHaveLength(1);
    expect(test({ alertname: "Down", target: "a" })).toEqual({
      recipients: [],
      suppressed: [{ receiver: "team", why: "inhibited by Down", mute: "inhibition" }],
    });
  });
});
