import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printRules } from "../../functions/expose/prometheus/prometheus-rules.ts";
import type { Rule } from "../../functions/model/alerting/rule.ts";
import { RULES } from "./compared-rules.ts";
import { FAMILIES, liveRules } from "./rules-history.ts";
import { keyOf, type RulesWorld, type Seen } from "./rules-world.ts";

const MINUTE = 60_000;

/** What the comparison of one history came to. */
export interface Agreement {
  seed: number;
  minutes: number;
  /** Pairs of (alert, evaluated minute) in which either side saw it pending or firing. */
  compared: number;
  /** Those in which both saw the same at the same minute. */
  equal: number;
  /** Those that differ by more only because minutes were missed or a storage lost before. */
  excused: number;
  /** Those in which the other side was not in that state at the evaluation before or after either. */
  apart: string[];
  /** How often each rule began to fire in ours. */
  fired: ReadonlyMap<string, number>;
}

/** Lives one history, lets promtool evaluate what was scraped, and compares the alerts minute by minute. */
export function checkRuleAgreement(folder: string, seed: number, minutes: number): Agreement {
  const world = liveRules(seed, RULES, minutes, seed % 3 === 0);
  const theirs = askPromtool(folder, world, minutes);
  return compare(seed, world, theirs);
}

const families = new Map(FAMILIES.map((f) => [f.name, f]));

/** What a real Prometheus makes of the same scrapes: per minute the alerts that are pending or firing. */
function askPromtool(folder: string, world: RulesWorld, minutes: number): Map<string, Seen>[] {
  mkdirSync(folder, { recursive: true });
  const targets = [
    { name: "steady", labels: { team: "build" } },
    { name: "late", labels: {} },
    { name: "goes", labels: { team: "x" } },
  ];
  writeFileSync(join(folder, "rules.yml"), printRules({ rules: RULES, families, targets, externalUrl: undefined }));
  const names = new Set(world.scrapes.flatMap((scrape) => [...scrape.keys()]));
  const input = [...names].map((series) => ({ series, values: valuesOf(series, world.scrapes) }));
  const ask = Array.from({ length: minutes }, (_, i) => ({ expr: "ALERTS", eval_time: `${i}m`, exp_samples: [] }));
  const file = {
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: [{ interval: "1m", input_series: input, promql_expr_test: ask }],
  };
  writeFileSync(join(folder, "test.json"), JSON.stringify(file));
  const done = spawnSync("promtool", ["test", "rules", "test.json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const said = `${done.stdout}${done.stderr}`;
  const seen = Array.from({ length: minutes }, () => new Map<string, Seen>());
  // Nothing is expected on purpose: what promtool complains of is what it got.
  for (const [, time, text] of said.matchAll(/time: ([0-9dhms]+),\s+exp: nil\s+got: (.*)/g)) {
    const at = seen[minutesOf(time as string)];
    for (const [, inside] of (text as string).matchAll(/\{((?:[^}"]|"(?:[^"\\]|\\.)*")*)\}/g)) {
      const labels = Object.fromEntries(
        [...(inside as string).matchAll(/([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"/g)].map(
          ([, n, v]) => [n, v] as [string, string],
        ),
      );
      if (!OF_THE_PROBER.test(labels["alertname"] ?? "")) at?.set(keyOf(labels), labels["alertstate"] as Seen);
    }
  }
  if (seen.every((at) => at.size === 0)) throw new Error(`promtool saw no alert:\n${said.slice(0, 2_000)}`);
  return seen;
}

/** No Monitor evaluates these. */
const OF_THE_PROBER = /^(Watchdog|ZakoProber.*)$/;

const UNITS: Readonly<Record<string, number>> = { d: 1440, h: 60, m: 1, s: 0 };
const minutesOf = (duration: string): number =>
  [...duration.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (UNITS[unit as string] as number),
    0,
  );

/** A series as promtool takes it: `_` where it is not there yet, `stale` where it has gone. */
function valuesOf(series: string, scrapes: readonly ReadonlyMap<string, number>[]): string {
  let was = false;
  return scrapes
    .map((scrape) => {
      const value = scrape.get(series);
      const text = value === undefined ? (was ? "stale" : "_") : `${value}`;
      was = value !== undefined;
      return text;
    })
    .join(" ");
}

/**
 * After missed minutes our clocks of `for` and `keep_firing_for` run late by as many, since a Monitor that nobody woke has
 * seen nothing; a state may be the one that Prometheus was in so many minutes before.
 */
function allowance(world: RulesWorld, rule: Rule, at: number): number {
  const patience = Math.round((rule.forMs + rule.keepFiringForMs) / MINUTE) + 1;
  const missedIn = (minutes: number): number =>
    world.seen.slice(Math.max(0, at - minutes), at).filter((seen) => seen === undefined).length;
  // Missed minutes stretch the time in which others count.
  return missedIn(patience + missedIn(2 * patience + 12));
}

/**
 * Prometheus may end an alert by what slid out of a window while nobody probed. For us silence is no recovery: it goes
 * on until enough is seen again.
 */
function heldSinceGap(world: RulesWorld, key: string, at: number): boolean {
  for (let i = at; i >= 0; i--) {
    const seen = world.seen[i];
    if (seen === undefined)
      return (
        world.seen
          .slice(0, i)
          .findLast((s) => s !== undefined)
          ?.get(key) === "firing"
      );
    if (seen.get(key) !== "firing") return false;
  }
  return false;
}

/**
 * A scrape goes on seeing the last values while nobody probes, and so Prometheus can begin to fire by them. We do not page
 * for what nobody has seen.
 */
function beganInGap(world: RulesWorld, theirs: readonly ReadonlyMap<string, Seen>[], key: string, at: number): boolean {
  let from = at;
  while (from > 0 && theirs[from - 1]?.get(key) === "firing") from--;
  return theirs[from]?.get(key) === "firing" && world.seen[from] === undefined;
}

/**
 * What began to be pending there in a gap is pending here as many minutes later. Where it ends before it fires here, it
 * has fired there, and goes on as long as its rule says.
 */
function firedBeforeUs(
  world: RulesWorld,
  theirs: readonly ReadonlyMap<string, Seen>[],
  key: string,
  rule: Rule,
  at: number,
): boolean {
  let from = at;
  while (from > 0 && theirs[from - 1]?.get(key) !== undefined) from--;
  const missed = world.seen.slice(from, at).filter((seen) => seen === undefined).length;
  return world.seen[from] === undefined && at - from <= (rule.forMs + rule.keepFiringForMs) / MINUTE + missed + 1;
}

/**
 * What held before a gap and holds after it has lasted for us; Prometheus can see it end meanwhile, by what slides out of
 * a window.
 */
function heldAcrossGap(
  world: RulesWorld,
  theirs: readonly ReadonlyMap<string, Seen>[],
  key: string,
  at: number,
): boolean {
  for (let i = at; i >= 0; i--) {
    const seen = world.seen[i];
    if (seen === undefined && theirs[i]?.get(key) === undefined) return true;
    if (seen !== undefined && seen.get(key) === undefined) return false;
  }
  return false;
}

/** A Monitor that has lost all knows what fires from the Alerter, but not what was pending. */
function hasForgotten(world: RulesWorld, rule: Rule, at: number): boolean {
  if (world.lostAt === undefined || at < world.lostAt) return false;
  const { condition } = rule;
  // Prometheus still has the gauge that was a window ago.
  const windowMs = condition.kind === "growth" ? (condition.windowMs ?? 0) : 0;
  const missed = world.seen.slice(world.lostAt, at).filter((seen) => seen === undefined).length;
  return at <= world.lostAt + Math.round((rule.forMs + rule.keepFiringForMs + windowMs) / MINUTE) + missed + 1;
}

/** What is taken out of the config ends at once with us, while Prometheus keeps it firing as long as the rule says. */
const isGone = (world: RulesWorld, key: string, at: number): boolean =>
  world.gone !== undefined && key.includes(`target="${world.gone.target}"`) && at >= world.gone.at;

function compare(seed: number, world: RulesWorld, theirs: readonly ReadonlyMap<string, Seen>[]): Agreement {
  const rules = new Map(RULES.map((rule) => [rule.name, rule]));
  const evaluated = world.seen.flatMap((seen, i) => (seen === undefined ? [] : [i]));
  const keys = new Set([...world.seen.flatMap((s) => [...(s?.keys() ?? [])]), ...theirs.flatMap((s) => [...s.keys()])]);
  const apart: string[] = [];
  const fired = new Map<string, number>();
  let [compared, equal, excused] = [0, 0, 0];
  for (const key of keys) {
    const rule = rules.get(key.slice(0, key.indexOf("{"))) as Rule;
    for (const [n, i] of evaluated.entries()) {
      const ours = world.seen[i]?.get(key);
      const their = theirs[i]?.get(key);
      const before = evaluated[n - 1] ?? i;
      const after = evaluated[n + 1] ?? i;
      if (ours === "firing" && world.seen[before]?.get(key) !== "firing")
        fired.set(rule.name, (fired.get(rule.name) ?? 0) + 1);
      if (ours === undefined && (their === undefined || isGone(world, key, i))) continue;
      compared++;
      const isNear = (from: number): boolean => theirs.slice(from, after + 1).some((at) => at.get(key) === ours);
      if (ours === their) equal++;
      else if (isNear(before)) continue;
      else if (isNear(Math.max(0, before - allowance(world, rule, i)))) excused++;
      else if (hasForgotten(world, rule, i) || heldSinceGap(world, key, i)) excused++;
      else if (ours !== "firing" && beganInGap(world, theirs, key, i)) excused++;
      else if (ours !== "firing" && firedBeforeUs(world, theirs, key, rule, i)) excused++;
      else if (ours !== undefined && heldAcrossGap(world, theirs, key, i)) excused++;
      else apart.push(`minute ${i}: ${key} is ${ours ?? "inactive"}, there ${their ?? "inactive"}`);
    }
  }
  return { seed, minutes: world.seen.length, compared, equal, excused, apart, fired };
}
