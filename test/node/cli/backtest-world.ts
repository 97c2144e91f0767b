import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { memoryStorage } from "../../../functions/cli/backtest/memory-storage.ts";
import { compileText } from "../../../functions/cli/config/compile-text.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { dueRuns } from "../../../functions/model/probing/due-runs.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import type { Outcome, Sample } from "../../../functions/model/probing/sample.ts";
import { RuleManager } from "../../../functions/monitor/rules/rule-manager.ts";
import { countSample } from "../../../functions/monitor/tick/count-sample.ts";
import { judgeSlot } from "../../../functions/monitor/tick/evaluate-slot.ts";
import { allFamilies, wantedSeries } from "../../../functions/monitor/tick/wanted-series.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { Head } from "../../../functions/store/head.ts";
import { type HistoryRow, hourOf, type OwnedBlock, rowsOfHour } from "../../../functions/store/history/history-row.ts";
import { storedSample } from "../../../functions/store/history/sample-block.ts";
import { MONITOR_META } from "../../../functions/store/monitor-meta.ts";
import { packSamples } from "../../store/history/pack-samples.ts";

export const KINDS = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));
export const START = Date.UTC(2026, 10, 20);
export const MINUTE = 60_000;

/** A configuration from its text. */
export function configOf(text: string): Config {
  const compiled = compileText(text, "test.yaml", PROBE_KINDS, { local: true });
  if (!compiled.ok) throw new Error(compiled.errors.join("\n"));
  return compiled.config;
}

/** How a run goes; absent: well, in 20 ms. */
export type Fate = (
  run: Pick<Sample, "target" | "probe" | "vantage" | "slot" | "attempt">,
) => { outcome?: Outcome; durationMs?: number } | undefined;

/** What a Monitor has lived through: each change of an alert as text, and the blocks that it would ship. */
export interface Life {
  events: string[];
  /** By slot, in order. */
  blocks: { slot: number; bytes: Uint8Array }[];
}

/** Lets a Monitor live for some minutes, with due runs, confirmations, and slots that nobody ran. */
export function live(config: Config, minutes: number, fate: Fate, missed: (minute: number) => boolean): Life {
  const storage = memoryStorage();
  const families = shownFamilies(PROBE_KINDS);
  const head = new Head(storage, allFamilies(PROBE_KINDS), MONITOR_META);
  head.table.reconcile(wantedSeries(config, KINDS), START);
  const rules = config.rules ?? CATALOGUE;
  const manager = new RuleManager({ storage, config, rules, families, head, shard: 0, now: START });
  const life: Life = { events: [], blocks: [] };
  const scheduleOf = (kind: string) => KINDS.get(kind)?.schedule ?? "every";
  for (let minute = 0; minute < minutes; minute++) {
    if (missed(minute)) continue;
    const slot = START + minute * MINUTE;
    const due = dueRuns({ config, scheduleOf, memoryOf: () => EMPTY_MEMORY, slot });
    const roles = new Map(
      due.map(({ target, plan, vantage, role }) => [`${target.name} ${plan.kind} ${vantage}`, role]),
    );
    let runs = due.map(({ target, plan, vantage }) => ({ target: target.name, probe: plan.kind, vantage }));
    for (let attempt = 0; attempt < 2; attempt++) {
      const samples = runs.map((run) => sampleOf({ ...run, slot, attempt }, config, fate));
      for (const sample of samples) countSample(head.table, sample);
      const now = slot + 1_000 * (attempt + 1);
      const roleOf = (s: Pick<Sample, "target" | "probe" | "vantage">) =>
        roles.get(`${s.target} ${s.probe} ${s.vantage}`);
      const judged = judgeSlot({ config, kinds: KINDS, now: () => now }, head.table, {
        slot,
        attempt,
        samples,
        roleOf,
      });
      for (const { labels, change } of manager.evaluate(slot, now).changes)
        if (change === "firing" || change === "resolved") life.events.push(eventText(slot, change, labels));
      if (attempt === 0) head.meta = { ...head.meta, lastSlot: slot, gridMs: config.gridMs };
      head.commit((writeRow) => manager.write(writeRow));
      life.blocks.push({ slot, bytes: packSamples(samples.map(storedSample)) });
      runs = judged.pending;
      if (runs.length === 0) break;
    }
  }
  return life;
}

/** A change of an alert, as both sides of a comparison write it. */
export const eventText = (at: number, change: string, labels: Readonly<Record<string, string>>): string =>
  `${new Date(at).toISOString()} ${change} ${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;

function sampleOf(
  run: Pick<Sample, "target" | "probe" | "vantage" | "slot" | "attempt">,
  config: Config,
  fate: Fate,
): Sample {
  const { outcome = "ok", durationMs = 20 } = fate(run) ?? {};
  const plan = config.targets.find(({ name }) => name === run.target)?.probes.find(({ kind }) => kind === run.probe);
  const isSlow = outcome === "ok" && durationMs > (plan?.degradedAfterMs ?? Number.POSITIVE_INFINITY);
  const bad = isSlow ? failure("slow", true) : outcome === "ok" ? undefined : failure("timeout", false);
  return {
    ...run,
    startedAt: run.slot + 100,
    durationMs,
    outcome: isSlow ? "degraded" : outcome,
    ...(bad === undefined ? {} : { failure: bad }),
    // What history does not keep.
    steps: [{ name: "call", outcome: "ok", durationMs }],
    observations:
      run.probe === "cas.negotiate"
        ? [{ family: "zako_v1_cas_negotiate_requested_blobs_total", labels: { source: "probe" }, value: 1 }]
        : [],
    traceId: "0123456789abcdef0123456789abcdef",
  };
}

/** A copy of D1 with the migrations and the rows that the shipper makes of these blocks; `ownerOf` says who wrote. */
export function shipped(
  life: Life,
  file = ":memory:",
  ownersOf: (slot: number) => string[] = () => ["0:1"],
): DatabaseSync {
  const database = new DatabaseSync(file);
  for (const name of ["0001_history.sql", "0002_incidents.sql"])
    database.exec(readFileSync(`schemas/migrations/${name}`, "utf8"));
  for (const [hour, ofHour] of Map.groupBy(life.blocks, ({ slot }) => hourOf(slot))) {
    const blocks = ofHour.flatMap(({ slot, bytes }): OwnedBlock[] =>
      ownersOf(slot).map((owner) => ({ owner, samples: bytes })),
    );
    for (const row of rowsOfHour(blocks, hour).rows) put(database, row);
  }
  return database;
}

function put(database: DatabaseSync, { target, hour, owner, slots, total, probes, samples }: HistoryRow): void {
  const { runs, attempts, failures, degraded, skips, blocked, durationSumMs, durationMaxMs } = total;
  const numbers = [slots, runs, attempts, failures, degraded, skips, blocked, durationSumMs, durationMaxMs];
  database
    .prepare(`INSERT INTO history VALUES (${new Array(14).fill("?").join()})`)
    .run(target, hour / 1000, owner, ...numbers, JSON.stringify(probes), samples);
}

/** A copy of D1 as the SQL text that Wrangler exports. */
export function exported(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all();
  const inserts = tables.flatMap(({ name }) => {
    const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(String(name));
    const quoted = columns.map((column) => `quote("${column["name"]}")`).join(" || ',' || ");
    return database
      .prepare(`SELECT ${quoted} AS row FROM ${name}`)
      .all()
      .map(({ row }) => `INSERT INTO ${name} VALUES (${row});`);
  });
  return ["PRAGMA defer_foreign_keys=TRUE;", ...tables.map(({ sql }) => `${sql};`), ...inserts].join("\n");
}
