import type { Rule } from "../../functions/model/alerting/rule.ts";
import type { Config } from "../../functions/model/config.ts";
import { COARSE_FAMILIES } from "../../functions/model/families/coarse-families.ts";
import { PROBE_FAMILIES, RULE_FAMILIES } from "../../functions/model/families/probe-families.ts";
import { SELF_FAMILIES } from "../../functions/model/families/self-families.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../functions/model/families/zako-families.ts";
import type { Family, Labels } from "../../functions/model/metric.ts";
import type { Target } from "../../functions/model/probing/target.ts";
import { STATES, VOTE_OUTCOMES } from "../../functions/model/probing/verdict.ts";
import { RulesWorld } from "./rules-world.ts";

export const FAMILIES: readonly Family[] = [...PROBE_FAMILIES, ...Object.values(F), ...RULE_FAMILIES, ...SELF_FAMILIES];

const PUSHED = { source: "push" };
const PROBES = ["health", "cas.details", "transport.download", "transport.upload"];
const VANTAGES = ["enam", "weur"];

/** A small generator of even numbers from 0 to 1, so that a history can be told again from its seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const targetOf = (name: string, labels: Labels): Target => ({
  name,
  casUrl: "https://x.example",
  transportUrl: "https://x.example",
  protocol: "connect",
  labels,
  budgets: { writeBytesPerDay: 1, tokensPerDay: 1 },
  probes: [],
});

/** What a target begins with: plain counters at 0, gauges without a value; counters by reason come later. */
const initialOf = (): { family: string; labels: Labels }[] => [
  { family: "zako_v1_target_state", labels: {} },
  { family: "zako_v1_target_incident_open", labels: {} },
  { family: "zako_v1_target_created_timestamp_seconds", labels: {} },
  { family: "zako_watch_budget_written_bytes", labels: {} },
  { family: F.requestedBlobs.name, labels: PROBE_SOURCE },
  { family: F.missingBlobs.name, labels: PROBE_SOURCE },
  { family: F.detailsFailures.name, labels: PROBE_SOURCE },
  { family: F.integrityFailures.name, labels: { ...PROBE_SOURCE, probe: "transport.download" } },
  ...VOTE_OUTCOMES.flatMap((outcome) =>
    ["false", "true"].map((incident) => ({ family: "zako_v1_target_votes_total", labels: { outcome, incident } })),
  ),
  { family: F.stall.name, labels: PROBE_SOURCE },
  { family: F.downloadDuration.name, labels: PROBE_SOURCE },
  ...PROBES.flatMap((probe) => [
    { family: "zako_v1_probe_state", labels: { probe } },
    { family: "zako_v1_probe_incident_open", labels: { probe } },
    { family: "zako_v1_probe_failing", labels: { probe } },
    ...VOTE_OUTCOMES.map((outcome) => ({ family: "zako_v1_probe_votes_total", labels: { probe, outcome } })),
    ...VANTAGES.flatMap((vantage) => [
      { family: "zako_v1_probe_attempts_total", labels: { probe, vantage } },
      { family: "zako_v1_probe_failures_total", labels: { probe, vantage } },
    ]),
  ]),
];

/**
 * Hours of a prober's life from a seed: three targets, of which one comes late and one goes, that have good and bad
 * times; missed slots, restarts, and, where `loses`, a storage that is lost in the middle.
 */
export function liveRules(seed: number, rules: readonly Rule[], minutes: number, loses: boolean): RulesWorld {
  const random = randomOf(seed);
  const chance = (p: number): boolean => random() < p;
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const world = new RulesWorld(FAMILIES, rules);
  const lateAt = between(20, 60);
  const goesAt = between(Math.floor(minutes * 0.6), Math.floor(minutes * 0.9));
  const lostAt = loses ? between(Math.floor(minutes * 0.3), Math.floor(minutes * 0.5)) : -1;
  const all = [targetOf("steady", { team: "build" }), targetOf("late", {}), targetOf("goes", { team: "x" })];
  let targets: readonly Target[] = [];
  const configure = (names: readonly string[]): void => {
    targets = all.filter((t) => names.includes(t.name));
    const wanted = targets.map((t) => ({ target: t.name, initial: initialOf(), keep: () => true }));
    world.configure(targets as Config["targets"], [{ target: "", initial: [], keep: () => true }, ...wanted]);
  };
  configure(["steady", "goes"]);
  const moods = new Map(all.map((t) => [t.name, { bad: 0, until: 0, queue: 10, level: 32 }]));
  let gap = 0;

  for (let i = 0; i < minutes; i++) {
    if (i === lateAt) configure(["steady", "late", "goes"]);
    if (i === goesAt) configure(["steady", "late"]);
    if (i === lostAt) world.lose();
    if (chance(0.02)) world.restart();
    if (gap === 0 && chance(0.012)) gap = between(1, 12);
    if (gap > 0 && i > 5 && i !== lateAt && i !== goesAt && i !== lostAt) {
      gap--;
      world.miss();
      continue;
    }
    for (const { name } of targets) {
      const mood = moods.get(name) as { bad: number; until: number; queue: number; level: number };
      if (i >= mood.until) {
        mood.bad = chance(0.45) ? 0 : random() ** 2;
        mood.until = i + between(5, 60);
      }
      if (chance(0.02)) mood.level = between(1, 64);
      count(world, name, mood, { random, chance, between });
    }
    world.tick();
  }
  return world;
}

interface Dice {
  random: () => number;
  chance: (p: number) => boolean;
  between: (low: number, high: number) => number;
}

/** What one minute brings to one target. */
function count(
  world: RulesWorld,
  target: string,
  mood: { bad: number; queue: number; level: number },
  { random, chance, between }: Dice,
): void {
  const see = (family: string, labels: Labels, value: number): void => world.observe(target, family, labels, value);
  for (const probe of PROBES)
    for (const vantage of VANTAGES) {
      if (probe === "transport.upload" && world.minute % 10 !== 0) continue;
      if (probe === "cas.details" && world.minute % 5 !== 0) continue;
      // In the worst of times the ladder blocks what stands above its root, so that nothing is counted.
      if (mood.bad > 0.6 && probe !== "health") continue;
      see("zako_v1_probe_attempts_total", { probe, vantage }, 1);
      const isBad = chance(mood.bad);
      // What an incident is made of does not enter; here it is open at random.
      const incident = chance(mood.bad * 0.5);
      const outcome = isBad ? "failed" : "ok";
      see("zako_v1_probe_failing", { probe }, isBad ? 1 : 0);
      see("zako_v1_target_votes_total", { outcome, incident: String(incident) }, 1);
      if (!incident) see("zako_v1_probe_votes_total", { probe, outcome }, 1);
      const why = chance(0.5) ? "truncated" : "timeout";
      if (isBad && !incident) see("zako_v1_probe_failed_votes_total", { probe, reason: why }, 1);
      if (!isBad) continue;
      see("zako_v1_probe_failures_total", { probe, vantage }, 1);
      if (chance(0.3)) see(F.chunkErrors.name, { ...PROBE_SOURCE, reason: chance(0.5) ? "truncated" : "timeout" }, 1);
      const reason = "rpc_already_exists";
      if (chance(0.05)) see("zako_v1_probe_step_failures_total", { probe, step: "upload", reason }, 1);
    }
  see(F.requestedBlobs.name, PROBE_SOURCE, between(1, 3));
  if (chance(mood.bad)) see(F.missingBlobs.name, PROBE_SOURCE, 1);
  if (chance(mood.bad * 0.3)) see(F.detailsFailures.name, PROBE_SOURCE, 1);
  if (chance(mood.bad * 0.05)) see(F.integrityFailures.name, { ...PROBE_SOURCE, probe: "transport.download" }, 1);
  see(F.stall.name, PROBE_SOURCE, random() * mood.bad * 3);
  if (chance(0.8)) see(F.downloadDuration.name, PROBE_SOURCE, random() ** 3 * 12 * (0.1 + mood.bad));
  // Numbers of their own, so that the rest of a seed's history stays what it is.
  const own = randomOf(world.minute * 7 + target.length);
  if (own() < 0.8) see(F.uploadDuration.name, PUSHED, own() ** 3 * 12 * (0.1 + mood.bad));
  if (own() < 0.05) {
    // A sender whose buckets are coarse begins to push, or another one.
    const coarse = { ...PUSHED, family: F.uploadDuration.name, bucket: "2.5" };
    see(COARSE_FAMILIES.lower.name, coarse, own() < 0.5 ? 0.1 : 1);
    see(COARSE_FAMILIES.upper.name, coarse, 2.5);
  }
  mood.queue = Math.max(0, mood.queue + between(-3, 3) + Math.round(mood.bad * 3));
  see("zako_watch_budget_written_bytes", {}, mood.queue);
  if (world.minute > 3) see(F.recommendedConcurrency.name, PROBE_SOURCE, mood.level + (chance(0.3) ? 1 : 0));
  if (chance(0.2 * (1 - mood.bad))) see(F.lastCommit.name, PROBE_SOURCE, world.seconds() - between(0, 30));
  if (chance(0.25)) {
    const state = STATES[chance(1 - mood.bad) ? 1 : between(0, 4)] as (typeof STATES)[number];
    see("zako_v1_target_state", {}, STATES.indexOf(state));
    // An incident stays open while nothing is known.
    if (state !== "unknown") see("zako_v1_target_incident_open", {}, state === "down" ? 1 : 0);
    see("zako_v1_probe_state", { probe: "health" }, STATES.indexOf(state));
    if (state !== "unknown") see("zako_v1_probe_incident_open", { probe: "health" }, state === "down" ? 1 : 0);
  }
}
