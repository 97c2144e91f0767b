import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KnownAlert } from "../../../functions/model/alerting/alerter-state.ts";
import type { Inhibition } from "../../../functions/model/alerting/route.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import { findInhibitors, longestLinger } from "../../../functions/notify/policy/inhibit.ts";
import { alert, MINUTE, START } from "../../alerter/world.ts";

const DEFAULT_INHIBITIONS = DEFAULT_NOTIFY.policy.inhibitions;
const NOW = START;
const HOUR = 60 * MINUTE;

type Labels = Readonly<Record<string, string>>;

/** An alert that began an hour ago; `over` is how long ago it ended. */
const known = (labels: Labels, over?: number, began = HOUR): KnownAlert => ({
  ...alert(labels, NOW - began),
  shard: 0,
  receivedAt: NOW - began,
  ...(over === undefined ? {} : { resolvedAt: NOW - over, why: "recovered" as const }),
});

const DOWN = { alertname: "ZakoTargetDown", target: "a" };
const probe = (name: string, target = "a"): Labels => ({ alertname: "ZakoProbeDown", probe: name, target });
const BURN = { alertname: "ZakoFastBurn", target: "a", severity: "critical" };
const SUSPECT = { alertname: "ZakoVantageSuspect", vantage: "weur", severity: "warning" };

const muted = (target: KnownAlert, all: readonly KnownAlert[], inhibitions = DEFAULT_INHIBITIONS) =>
  findInhibitors(inhibitions, [target, ...all], NOW)(target);

describe("the shipped inhibitions", () => {
  const rows: [source: Labels, target: Labels, mutes: boolean][] = [
    [DOWN, probe("health"), true],
    [DOWN, probe("cas.negotiate"), true],
    [DOWN, { alertname: "ZakoTargetDegraded", target: "a" }, true],
    [DOWN, { alertname: "ZakoTargetRegional", target: "a" }, true],
    [DOWN, { alertname: "ZakoTargetUnknown", target: "a" }, true],
    [DOWN, { alertname: "ZakoLatencyHigh", target: "a" }, true],
    [DOWN, BURN, true],
    [DOWN, { alertname: "ZakoProberStale", shard: "0" }, false],
    [DOWN, { alertname: "ZakoProberFault", target: "a" }, true],
    [DOWN, { alertname: "ZakoProberFault", target: "b" }, false],
    [{ alertname: "ZakoProberFault", target: "a" }, { alertname: "ZakoTargetUnknown", target: "a" }, true],
    [{ alertname: "ZakoProberFault", target: "a" }, DOWN, false],
    [DOWN, probe("health", "b"), false],
    [DOWN, { alertname: "TeamsOwnRule", target: "a" }, false],
    [DOWN, { alertname: "ZakoProbeDown", probe: "health" }, false],
    [probe("health"), probe("cas.negotiate"), true],
    [probe("health"), probe("transport.download"), true],
    [probe("cas.negotiate"), probe("transport.download"), true],
    [probe("cas.negotiate"), probe("health"), false],
    [probe("cas.negotiate"), probe("cas.details"), false],
    [probe("transport.download"), probe("cas.negotiate"), false],
    [probe("transport.download"), probe("transport.upload"), false],
    [probe("health", "b"), probe("cas.negotiate"), false],
    [{ alertname: "ZakoProbeSlow", probe: "health", target: "a" }, probe("cas.negotiate"), false],
    [probe("health"), DOWN, false],
    [SUSPECT, { ...probe("health"), vantage: "weur" }, true],
    [SUSPECT, { ...probe("health"), vantage: "apac" }, false],
    [SUSPECT, probe("health"), false],
    [{ alertname: "ZakoVantageSuspect" }, probe("health"), false],
    [SUSPECT, { ...SUSPECT, vantage: "apac" }, false],
    [SUSPECT, DOWN, false],
  ];
  it.each(rows)("%j over %j: %s", (source, target, mutes) => {
    const expected = mutes ? { alertname: source["alertname"] } : undefined;
    expect(muted(known(target), [known(source)])).toEqual(expected);
  });

  it("mute no alert by itself, nor two of a kind by each other", () => {
    for (const labels of [DOWN, probe("health"), probe("cas.negotiate"), SUSPECT, BURN])
      expect(muted(known(labels), [])).toBeUndefined();
    const [one, other] = [known(SUSPECT), known({ ...SUSPECT, severity: "critical" })];
    expect(muted(one, [other])).toBeUndefined();
  });

  it("leave at least one alert of every set that fires to be told", () => {
    const any = fc.constantFrom<Labels>(
      ...[DOWN, BURN, SUSPECT, { alertname: "ZakoTargetDegraded", target: "a" }],
      ...["health", "cas.negotiate", "cas.details", "transport.download"].flatMap((name) => [
        probe(name),
        { ...probe(name), vantage: "weur" },
      ]),
    );
    fc.assert(
      fc.property(fc.uniqueArray(any, { minLength: 1 }), (labels) => {
        const all = labels.map((one) => known(one));
        const find = findInhibitors(DEFAULT_INHIBITIONS, all, NOW);
        expect(all.some((one) => find(one) === undefined)).toBe(true);
      }),
    );
  });

  it("take no drill for a cause", () => {
    expect(muted(known(probe("health")), [known({ ...DOWN, drill: "d1" })])).toBeUndefined();
  });
});

describe("what a source leaves behind", () => {
  const down = (over: number) => known(DOWN, over);
  const rows: [what: string, target: KnownAlert, ended: number, until: number | undefined][] = [
    ["is muted for 5 minutes", known({ ...probe("health"), severity: "warning" }), 1, 5 * MINUTE],
    ["until the last moment of them", known({ ...probe("health"), severity: "warning" }), 5 * MINUTE - 1, 5 * MINUTE],
    ["and no longer", known({ ...probe("health"), severity: "warning" }), 5 * MINUTE, undefined],
    ["is told at once where it is critical", known({ ...probe("health"), severity: "critical" }), 1, undefined],
    ["is a burn, told 45 minutes later, even a critical one", known(BURN), 45 * MINUTE - 1, 45 * MINUTE],
    ["and no later", known(BURN), 45 * MINUTE, undefined],
    ["began before the end", known({ ...probe("health"), severity: "warning" }, undefined, 1001), 1000, 5 * MINUTE],
    [
      "is news where it began with the end",
      known({ ...probe("health"), severity: "warning" }, undefined, 1000),
      1000,
      undefined,
    ],
    ["is news where it began after it", known(BURN, undefined, 999), 1000, undefined],
  ];
  it.each(rows)("%s", (_what, target, ended, until) => {
    const found = muted(target, [down(ended)]);
    expect(found).toEqual(
      until === undefined ? undefined : { alertname: "ZakoTargetDown", until: NOW - ended + until },
    );
  });

  it("is muted without an end in sight where the source fires again", () => {
    const again = known(DOWN, undefined, MINUTE);
    const target = known({ ...probe("health"), severity: "warning" });
    expect(muted(target, [again])).toEqual({ alertname: "ZakoTargetDown" });
    expect(muted(target, [down(MINUTE), again])?.alertname).toBe("ZakoTargetDown");
  });

  it("is remembered for as long as the longest of all inhibitions asks", () => {
    expect(longestLinger([])).toBe(5 * MINUTE);
    expect(longestLinger(DEFAULT_INHIBITIONS)).toBe(45 * MINUTE);
  });
});

describe("an inhibition", () => {
  const own = (over: Partial<Inhibition>): Inhibition => ({
    source: [{ name: "role", op: "=", value: "cause" }],
    target: [{ name: "role", op: "=", value: "effect" }],
    equal: [],
    ...over,
  });
  const cause = (labels: Labels = {}) => known({ role: "cause", ...labels });
  const effect = (labels: Labels = {}) => known({ role: "effect", ...labels });

  it("compares the labels of `equal` only, where absent is the same as empty", () => {
    const rows: [equal: string[], source: Labels, target: Labels, mutes: boolean][] = [
      [[], { zone: "x" }, { zone: "y" }, true],
      [["zone"], { zone: "x" }, { zone: "x" }, true],
      [["zone"], { zone: "x" }, { zone: "y" }, false],
      [["zone"], { zone: "x" }, {}, false],
      [["zone"], {}, {}, true],
      [["zone"], { zone: "" }, {}, true],
      [["zone", "rack"], { zone: "x", rack: "1" }, { zone: "x", rack: "1" }, true],
      [["zone", "rack"], { zone: "x", rack: "1" }, { zone: "x", rack: "2" }, false],
      // Values that look like the joint between two others.
      [["zone", "rack"], { zone: 'x","y', rack: "" }, { zone: "x", rack: 'y"' }, false],
      [["zone", "rack"], { zone: "x,", rack: "y" }, { zone: "x", rack: ",y" }, false],
    ];
    const found = rows.map(([equal, source, target]) => muted(effect(target), [cause(source)], [own({ equal })]));
    expect(found.map((one) => one !== undefined)).toEqual(rows.map(([, , , mutes]) => mutes));
  });

  it("mutes nothing that is on both sides by a source that is, too", () => {
    const both = [own({ source: [], target: [] })];
    expect(muted(cause(), [effect()], both)).toBeUndefined();
    const half = [own({ target: [{ name: "role", op: "=~", value: "cause|effect" }] })];
    expect(muted(cause({ n: "1" }), [cause({ n: "2" })], half)).toBeUndefined();
    expect(muted(effect(), [cause()], half)).toBeDefined();
  });

  it("mutes what is on both sides by a source that is not", () => {
    const half = [
      own({
        source: [{ name: "role", op: "=~", value: "cause|both" }],
        target: [{ name: "role", op: "=~", value: "effect|both" }],
      }),
    ];
    const both = known({ role: "both" });
    expect(muted(both, [cause()], half)).toBeDefined();
    expect(muted(both, [known({ role: "both", n: "2" })], half)).toBeUndefined();
    expect(muted(effect(), [both], half)).toBeDefined();
  });

  it("holds for what its own linger says, of no length at all too", () => {
    const over = known({ role: "cause" }, MINUTE);
    expect(muted(effect(), [over], [own({ lingerMs: 0 })])).toBeUndefined();
    expect(muted(effect(), [over], [own({ lingerMs: 2 * MINUTE })])?.until).toBe(NOW + MINUTE);
  });

  it("that does not mute leaves it to the next", () => {
    const all = [own({ equal: ["zone"] }), own({})];
    expect(muted(effect({ zone: "x" }), [cause({ zone: "y" })], all)).toBeDefined();
  });
});
