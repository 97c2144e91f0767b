import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { printOverride } from "../../functions/config/override.ts";
import { BUDGET_RULES } from "../../functions/evaluate/catalogue/budget-rules.ts";
import { VERDICT_RULES } from "../../functions/evaluate/catalogue/verdict-rules.ts";
import { HOUR_MS } from "../../functions/lib/time-units.ts";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { ReportedMetric } from "../../functions/model/probing/reported-metric.ts";
import type { AlerterPort } from "../../functions/monitor/alerts/alert-sender.ts";
import { HistoryWriter } from "../../functions/monitor/history/history-writer.ts";
import { OverrideManager } from "../../functions/monitor/override-manager.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { decodeWithChecksum, encodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { hourOf } from "../../functions/store/history/history-row.ts";
import { isRetentionState, NOTHING_SWEPT } from "../../functions/store/history/retention.ts";
import { OverrideStore } from "../../functions/store/override-store.ts";
import { ProberStore } from "../../functions/store/prober-store.ts";
import { Deadlines } from "../monitor/deadlines.ts";
import { config, KINDS, plan, START, sampleOf, target, World } from "../monitor/world.ts";
import { Cases } from "./cases.ts";
import { anyRowDamage, damaged, type RowDamage, readState, writeState } from "./stored-damage.ts";

const cases = new Cases();
const MINUTE = 60_000;
const optionsOf = (kind: string) => KINDS.get(kind)?.options.parse({}) as Record<string, unknown>;

/** Those that are shipped, but that what is over ends within a few ticks. */
const rules = [...VERDICT_RULES, ...BUDGET_RULES].map((rule) => ({
  ...rule,
  keepFiringForMs: Math.min(rule.keepFiringForMs, MINUTE),
}));

const CONFIG = config(
  ["a", "b", "c"].map((name) =>
    target(name, [
      plan("health"),
      plan("cas.details", { options: optionsOf("cas.details") }),
      plan("transport.upload", { options: optionsOf("transport.upload") }),
    ]),
  ),
  { rules },
);

/** What the Alerter would know: the alerts that fire by what it was told. */
class Book {
  readonly firing = new Map<string, Alert>();
  hears = true;
  sequence = 0;

  readonly port: AlerterPort = {
    join: async () => ({ ok: true, generation: 1, sequence: this.sequence, alerts: [...this.firing.values()] }),
    intake: async ({ sequence, firing, resolved }) => {
      if (!this.hears) throw new Error("The wire was cut.");
      expect(sequence).toBeGreaterThan(this.sequence);
      this.sequence = sequence;
      for (const alert of firing) if (!this.firing.has(alert.fingerprint)) this.firing.set(alert.fingerprint, alert);
      for (const { fingerprint, startsAt } of resolved)
        if ((this.firing.get(fingerprint)?.startsAt ?? 0) <= startsAt) this.firing.delete(fingerprint);
      return { ok: true, acknowledged: resolved };
    },
  };

  /** What it knew at a moment, for another life. */
  copy(): Book {
    const copy = new Book();
    for (const [name, alert] of this.firing) copy.firing.set(name, alert);
    copy.sequence = this.sequence;
    return copy;
  }
}

/** What a target tells of itself. */
const metricsAt = (now: number): ReportedMetric[] => [
  {
    family: "zako_v1_cas_tokens_issued_total",
    labels: { source: "scrape" },
    value: Math.floor((now - START) / 1000) + 5,
    temporality: "total",
  },
  { family: "zako_v1_cas_tokens_held", labels: { source: "scrape" }, value: 3, temporality: "now" },
];

/**
 * A quarter of an hour of a Monitor's life: readings, tokens, canaries, failures, alerts that fire, one whose end the
 * Alerter has not heard of, confirmations owed, samples not shipped, pushed spans, an override.
 */
async function live(world: World, storage: DurableObjectStorage, book: Book): Promise<void> {
  const bad = new Set(["b", "c"]);
  world.probe = async (tasks, _deadline, deliver) =>
    deliver(
      tasks.map((task) => {
        const isBad = bad.has(task.target.name) && task.plan.kind === "health";
        const sample = sampleOf(
          task,
          world.now,
          isBad ? "failed" : "ok",
          isBad ? failure("timeout", false) : undefined,
        );
        const metrics = metricsAt(world.now);
        return {
          ...sample,
          metrics,
          memory: { token: `token-of-${task.target.name}`, bidiWorked: true as const, tokens: 1 },
        };
      }),
    );
  for (let minute = 0; minute < 12; minute++) {
    world.now = START + minute * MINUTE;
    if (minute === 4) bad.delete("c");
    // From here on the Alerter hears nothing of what ends.
    if (minute === 5) book.hears = false;
    await world.core.wake(world.now, "cron");
    await world.core.alertsSent();
  }
  world.core.record((head) => head.recentIds.add("a", "0123456789abcdef"));
  new OverrideStore(storage).write(printOverride({ version: 1, base: CONFIG.hash, at: START, document: null }));
  world.backlog.saveShipping({ ...world.backlog.shipping(), shippedThrough: START });
  world.backlog.save("retention", NOTHING_SWEPT);
  new ProberStore(storage).save("weur", 0, { generation: 2, place: { colo: "FRA", country: "DE" }, askedAt: START });
}

function manager(world: World): HistoryWriter {
  return new HistoryWriter({
    backlog: world.backlog,
    shard: 0,
    retention: CONFIG.retention,
    write: async (rows) => {
      for (const row of rows) JSON.stringify(row);
      return { ok: true, rowsWritten: rows.length, statements: 1 };
    },
    sweep: async () => ({ ok: true, stripped: 0, deleted: 0, complete: true }),
    swept: () => world.backlog.read("retention", isRetentionState) ?? NOTHING_SWEPT,
    saveSwept: (state) => world.backlog.save("retention", state),
    now: () => world.now,
    startDeadline: new Deadlines().start,
    log: (event) => world.events.push(event),
  });
}

const isCounter = (name: string): boolean => /^zako.*_(total|bucket|count|sum)\{/.test(name);

it("with any damage to storage, the Monitor starts, probes every target and repairs its rows", async () => {
  await runInDurableObject(env.MONITOR.getByName("damaged"), async (_instance, { storage }) => {
    const bookBefore = new Book();
    const before = new World(storage, CONFIG, bookBefore.port);
    await live(before, storage, bookBefore);
    expect(bookBefore.firing.size).toBeGreaterThan(1);
    const intact = readState(storage);
    const numbers = before.stored();
    // A table that nothing is in is one that nothing is tried on.
    expect(Object.entries(intact).flatMap(([table, rows]) => (rows.length === 0 ? [table] : []))).toEqual([]);
    const damages = fc.array(anyRowDamage(Object.keys(intact).length), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damages, async (all) => {
        cases.count("stored state");
        const { state, hit } = damaged(intact, all);
        writeState(storage, state);
        const kept = !hit.has("series");

        const book = bookBefore.copy();
        const world = new World(storage, CONFIG, book.port);
        world.now = START + 12 * MINUTE;
        const { now, events } = world;
        new OverrideManager({
          table: new OverrideStore(storage),
          deployed: CONFIG,
          kinds: PROBE_KINDS,
          isBound: () => false,
          now: () => now,
          log: (event) => events.push(event),
        });
        // Whatever was stored of it, a prober is known or new.
        expect(new ProberStore(storage).get("weur", 0)?.generation ?? 1).toBeGreaterThan(0);
        const asked: ProbeTask[] = [];
        world.probe = async (tasks, _deadline, deliver) => {
          asked.push(...tasks);
          deliver(tasks.map((task) => ({ ...sampleOf(task, world.now), metrics: metricsAt(world.now) })));
        };
        await world.core.alarm();
        expect(world.alarmAt).toBeGreaterThan(world.now - 1);
        const probed = asked.filter(({ plan, attempt }) => plan.kind === "health" && attempt === 0);
        expect(probed.map(({ target: { name } }) => name).sort()).toEqual(["a", "b", "c"]);
        expect(world.events.filter((event) => event.event === "error" && event.place === "alarm")).toEqual([]);
        await manager(world).keep(world.core);

        world.now += MINUTE;
        expect((await world.core.wake(world.now, "cron")).result).toBe("run");
        world.events.splice(0);
        world.restart(CONFIG);
        world.core.head();
        expect(world.events).toEqual([]);
        // What history can have it gets, nothing stays behind for ever, and what has ended is told as ended.
        world.now += 4 * 24 * HOUR_MS;
        for (let minute = 0; minute < 2; minute++) {
          expect((await world.core.wake(world.now, "cron")).result).toBe("run");
          await world.core.alertsSent();
          world.now += MINUTE;
        }
        expect([...book.firing.values()].map(({ labels }) => labels)).toEqual([]);
        await manager(world).keep(world.core);
        // A damaged row may have become one of the next hour, which is shipped then.
        const backlogHours = world.backlog.hours().filter((hour) => hour !== hourOf(world.now) + HOUR_MS);
        expect(backlogHours).toEqual([hourOf(world.now)]);
        const after = world.stored();
        // One expectation for all numbers: thousands of them cost more than the Monitor.
        const wrong = [...after].filter(([name, number]) => {
          if (isCounter(name)) return !(number >= (kept ? (numbers.get(name) ?? 0) : 0) && number < 1e300);
          return name.startsWith("zako") && Math.abs(number) === Number.POSITIVE_INFINITY;
        });
        if (kept) for (const name of numbers.keys()) if (!after.has(name)) wrong.push([name, Number.NaN]);
        expect(wrong).toEqual([]);
      }),
      {
        numRuns: cases.runs(400),
        // A row of the next hour, and one of a time that never comes.
        examples: [1893805200000, 9e15].map((value): [RowDamage[]] => [
          [{ table: 0, row: 0, do: "value", column: 0, value }],
        ]),
      },
    );
  });
});

it.each([
  ["names of series", "UPDATE series SET names = '{'", 1],
  ["numbers of series", "UPDATE series SET data = zeroblob(length(data))", 1],
  ["a row of series that is gone", "DELETE FROM series", 0],
  ["names of reported totals", "UPDATE reported_totals SET names = '{'", 1],
  ["numbers of reported totals", "UPDATE reported_totals SET data = zeroblob(length(data))", 1],
  ["memories", "UPDATE memory SET targets = substr(targets, 1, 40)", 1],
  // The windows of rules cannot be read without it.
  ["meta", "UPDATE head SET meta = '{\"lastSlot\":9e15}'", 2],
  ["the journal", "UPDATE head SET journal = substr(journal, 1, 30)", 1],
  ["windows of rules", "UPDATE rule_window SET data = zeroblob(length(data))", 1],
  ["alerts", "UPDATE rule_alert SET entries = '{'", 1],
  ["pending resolves", "UPDATE rule_resolve SET entries = '[]'", 1],
  ["recent ids", "UPDATE recent_id SET ids = 'x'", 1],
  ["the state of shipping", "UPDATE backlog_state SET value = 'x'", 0],
  ["blocks of samples", "UPDATE backlog_block SET samples = 7", 0],
])("%s that cannot be read begin anew, and are counted", async (_, statement, unreadable) => {
  await runInDurableObject(env.MONITOR.getByName("named"), async (_instance, { storage }) => {
    const book = new Book();
    await live(new World(storage, CONFIG, book.port), storage, book);
    storage.sql.exec(statement);
    const world = new World(storage, CONFIG);
    world.now = START + 12 * MINUTE;
    expect((await world.core.wake(world.now, "cron")).result).toBe("run");
    expect(world.count("zako_watch_internal_errors_total", "", 'place="load"')).toBe(unreadable);
    expect(world.events.filter((event) => event.event === "error" && event.place === "load")).toHaveLength(unreadable);
    world.restart(CONFIG);
    expect(world.core.head().unreadable).toEqual([]);
  });
});

it.each(["pending", "intake", "windows", "lastSlot", "gridMs", "configHash", "commits"])(
  "%s in the form of a version to come does not keep the Monitor from its ticks",
  async (name) => {
    await runInDurableObject(env.MONITOR.getByName("to come"), async (_instance, { storage }) => {
      for (const odd of [null, [], {}, "x", -1, { slot: 1, runs: [null] }]) {
        const book = new Book();
        const world = new World(storage, CONFIG, book.port);
        await live(world, storage, book);
        const [row] = [...storage.sql.exec<{ meta: string }>("SELECT meta FROM head")];
        const meta = { ...(decodeWithChecksum(row?.meta) as object), [name]: odd };
        storage.sql.exec("UPDATE head SET meta = ?", encodeWithChecksum(JSON.stringify(meta)));
        world.restart(CONFIG);
        // What the wire said before is of no interest.
        world.events.splice(0);
        book.hears = true;
        world.now += MINUTE;
        await world.core.alarm();
        await world.core.alertsSent();
        expect(world.events.filter((event) => event.event === "error" && event.place !== "load")).toEqual([]);
        expect(world.core.head().meta.lastSlot).toBe(world.now);
        storage.sql.exec("DELETE FROM head");
      }
    });
  },
);
