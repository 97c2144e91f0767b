import type { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Backtest, backtest } from "../../../functions/cli/backtest/backtest.ts";
import { judgeable } from "../../../functions/cli/backtest/judgeable.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import type { Config } from "../../../functions/model/config.ts";
import { configOfShard } from "../../../functions/monitor/schedule/shard.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { configOf, eventText, type Fate, live, MINUTE, START, shipped } from "./backtest-world.ts";

const TARGETS = `targets:
  - { name: cas-eu, cas: https://cas.eu.example, labels: { team: build } }
  - { name: cas-us, cas: https://cas.us.example }
  - { name: cas-ap, cas: https://cas.ap.example }
`;
const ONE = configOf(TARGETS);
const REGIONS = configOf(`vantages: [weur, enam, apac]\n${TARGETS}`);
const HOURS = 60 * MINUTE;

function replay(database: DatabaseSync, next: Config, present: Config, minutes: number, from = START): Backtest {
  const to = START + minutes * MINUTE;
  const ask = (statements: readonly string[]) => statements.map((sql) => database.prepare(sql).all());
  return backtest({ ask, next, present, kinds: PROBE_KINDS, from, to, target: undefined, onProgress: () => {} });
}

/** The changes of a replay's alerts, in the words of the live run. */
const eventsOf = ({ next }: Backtest): string[] =>
  next
    .flatMap(({ alert: { labels, firedAt, resolvedAt } }) => [
      eventText(firedAt, "firing", labels),
      ...(resolvedAt === undefined ? [] : [eventText(resolvedAt, "resolved", labels)]),
    ])
    .sort();

const JUDGED = new Set(judgeable(CATALOGUE, {}).judged.map(({ name }) => name));
const judgedOf = (events: readonly string[]): string[] =>
  events.filter((text) => JUDGED.has(/"alertname","(\w+)"/.exec(text)?.[1] ?? "")).sort();

const between =
  (from: number, to: number, target = "cas-eu"): Fate =>
  (run) => {
    const minute = (run.slot - START) / MINUTE;
    return run.target === target && minute >= from && minute < to
      ? { outcome: "failed", durationMs: 5_000 }
      : undefined;
  };

const never = (): boolean => false;

describe("a replay of what was measured", () => {
  it("raises exactly the alerts that the Monitor raised", () => {
    const bad = fc.record({
      at: fc.nat(400),
      minutes: fc.integer({ min: 1, max: 90 }),
      target: fc.constantFrom("cas-eu", "cas-us", "cas-ap"),
      vantages: fc.subarray(["local", "weur", "enam", "apac"], { minLength: 1 }),
      share: fc.constantFrom(1, 2, 3),
      outcome: fc.constantFrom("failed", "blocked", "skipped", "slow"),
    });
    const gap = fc.record({ at: fc.integer({ min: 1, max: 400 }), minutes: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(ONE, REGIONS),
        fc.array(bad, { minLength: 1, maxLength: 4 }),
        fc.array(gap, { maxLength: 3 }),
        (config, times, gaps) => {
          const fate: Fate = ({ target, vantage, slot, probe }) => {
            const minute = (slot - START) / MINUTE;
            const time = times.find((t) => t.target === target && minute >= t.at && minute < t.at + t.minutes);
            if (time === undefined || !time.vantages.includes(vantage)) return undefined;
            if ((minute + probe.length) % time.share !== 0) return undefined;
            return time.outcome === "slow" ? { durationMs: 9_000 } : { outcome: time.outcome as "failed" };
          };
          const isMissed = (m: number): boolean => gaps.some(({ at, minutes }) => m >= at && m < at + minutes);
          const life = live(config, 480, fate, isMissed);
          const done = replay(shipped(life), config, config, 480);
          expect(eventsOf(done)).toEqual(judgedOf(life.events));
          expect(done.missed).toEqual([]);
          expect(done.next.every(({ counterparts }) => counterparts.length === 1)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("finds a real outage, so that the law above is about something", () => {
    const life = live(ONE, 240, between(60, 90), never);
    const done = replay(shipped(life), ONE, ONE, 240);
    expect(judgedOf(life.events).length).toBeGreaterThan(4);
    expect(done.next[0]?.alert).toMatchObject({
      labels: { alertname: "ZakoTargetDown", target: "cas-eu", team: "build", severity: "critical", pager: "edge" },
      about: ["cas-eu"],
      pendingAt: START + 60 * MINUTE,
      firedAt: START + 60 * MINUTE,
      value: 1,
    });
    expect(done.next[0]?.alert.resolvedAt).toBeGreaterThan(START + 90 * MINUTE);
  });

  it("counts what two owners wrote of the same slots once", () => {
    const life = live(ONE, 240, between(60, 90), never);
    const alone = replay(shipped(life), ONE, ONE, 240);
    const minute = (slot: number): number => (slot - START) / MINUTE;
    const twice = shipped(life, ":memory:", (slot) =>
      minute(slot) < 80 ? ["0:1"] : minute(slot) < 85 ? ["0:1", "0:2"] : ["0:2"],
    );
    const both = replay(twice, ONE, ONE, 240);
    expect([both.replayed.samples, eventsOf(both)]).toEqual([alone.replayed.samples, eventsOf(alone)]);
  });

  it("begins early enough for the windows to be full, and leaves out what was over by then", () => {
    const first = between(30, 50);
    const second = between(310, 340, "cas-us");
    const life = live(ONE, 600, (run) => first(run) ?? second(run), never);
    const from = START + 5 * HOURS;
    const whole = replay(shipped(life), ONE, ONE, 600);
    const late = replay(shipped(life), ONE, ONE, 600, from);
    const meant = whole.next.filter(({ alert }) => (alert.resolvedAt ?? from) >= from);
    expect(eventsOf(late)).toEqual(eventsOf({ ...whole, next: meant }));
    expect(late.next.length).toBeGreaterThan(0);
    expect(late.next.length).toBeLessThan(whole.next.length);
  });

  it("lives as each shard did", () => {
    const config = configOf(`shards: 2\n${TARGETS}`);
    const fate = between(60, 90, "cas-us");
    const lives = [0, 1].map((shard) => live(configOfShard(config, shard), 240, fate, never));
    const blocks = lives.flatMap((life) => life.blocks);
    const done = replay(shipped({ events: [], blocks }), config, config, 240);
    expect(eventsOf(done)).toEqual(judgedOf(lives.flatMap((life) => life.events)));
    expect(done.next.length).toBeGreaterThan(0);
  });
});
