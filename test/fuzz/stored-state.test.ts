import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { failure } from "../../functions/model/failure.ts";
import type { Order } from "../../functions/model/order.ts";
import type { Reading } from "../../functions/model/reading.ts";
import { HOUR_MS, hourOf } from "../../functions/store/history-row.ts";
import { NOTHING_SWEPT, type RetentionState } from "../../functions/store/retention.ts";
import { HistoryKeeper } from "../../functions/watch/history-keeper.ts";
import { config, KINDS, plan, START, sampleOf, target, World } from "../watch/world.ts";
import { Cases } from "./cases.ts";
import { anyDamage, type Damage, damage } from "./damage.ts";

const cases = new Cases();
const MINUTE = 60_000;
const TABLES = ["series", "telling", "memory", "head", "backlog_block", "backlog_state"] as const;
const optionsOf = (kind: string) => KINDS.get(kind)?.options.parse({}) as Record<string, unknown>;

const CONFIG = config(
  ["a", "b", "c"].map((name) =>
    target(name, [
      plan("health"),
      plan("cas.details", { options: optionsOf("cas.details") }),
      plan("transport.upload", { options: optionsOf("transport.upload") }),
    ]),
  ),
);

type Row = Record<string, SqlStorageValue>;
type State = Record<(typeof TABLES)[number], Row[]>;

function read(storage: DurableObjectStorage): State {
  const rows = (table: string): Row[] => [...storage.sql.exec(`SELECT * FROM ${table}`)];
  return Object.fromEntries(TABLES.map((table) => [table, rows(table)])) as State;
}

function write(storage: DurableObjectStorage, state: State): void {
  for (const table of TABLES) {
    storage.sql.exec(`DELETE FROM ${table}`);
    for (const row of state[table]) {
      const marks = Object.keys(row).map(() => "?");
      storage.sql.exec(`INSERT OR REPLACE INTO ${table} VALUES (${marks.join()})`, ...Object.values(row));
    }
  }
}

/** Damage to one value, or to a row as a whole. */
type Blow =
  | { table: number; row: number; column: number; do: "bytes"; damage: Damage }
  | { table: number; row: number; column: number; do: "value"; value: string | number | Uint8Array }
  | { table: number; row: number; do: "lose" }
  | { table: number; row: number; do: "move"; by: number };

const place = { table: fc.nat(TABLES.length - 1), row: fc.nat(20) };
const column = fc.nat(3);
const value = fc.oneof(
  fc.constantFrom("", "{}", "[]", "null", "0", '"x"', "{", '{"lastSlot":9e15}', '{"closedBefore":9e15}', "undefined"),
  fc.json(),
  fc.string(),
  fc.integer(),
  // SQLite has no NaN: it would be NULL, which no column of ours takes.
  fc.double({ noNaN: true }),
  fc.constantFrom(1e9, 9e15, -1),
  fc.uint8Array({ maxLength: 100 }),
);
const blow: fc.Arbitrary<Blow> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...place, column, do: fc.constant("bytes" as const), damage: anyDamage }) },
  { weight: 3, arbitrary: fc.record({ ...place, column, do: fc.constant("value" as const), value }) },
  { weight: 1, arbitrary: fc.record({ ...place, do: fc.constant("lose" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ ...place, do: fc.constant("move" as const), by: fc.integer({ min: -3, max: 9 }) }),
  },
);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function strike(state: State, blow: Blow): void {
  const rows = state[TABLES[blow.table] as (typeof TABLES)[number]];
  const at = rows.length === 0 ? 0 : blow.row % rows.length;
  const row = rows[at];
  if (row === undefined) return;
  if (blow.do === "lose") return void rows.splice(at, 1);
  const names = Object.keys(row);
  if (blow.do === "move") {
    const [key] = names as [string];
    // The one row of head has a fixed key.
    if (typeof row[key] === "number" && key !== "id") row[key] = row[key] + blow.by;
    return;
  }
  const name = names[blow.column % names.length] as string;
  const old = row[name];
  if (blow.do === "value") {
    // Keys that storage types keep their type.
    if (typeof old !== "number") row[name] = blow.value instanceof Uint8Array ? blow.value.slice().buffer : blow.value;
  } else if (typeof old === "string") row[name] = decoder.decode(damage(encoder.encode(old), blow.damage));
  else if (old instanceof ArrayBuffer) row[name] = damage(new Uint8Array(old), blow.damage).buffer;
}

/** What a target tells of itself. */
const readingsAt = (now: number): Reading[] => [
  {
    family: "zako_v1_cas_tokens_issued_total",
    labels: { source: "scrape" },
    value: Math.floor((now - START) / 1000) + 5,
    temporality: "total",
  },
  { family: "zako_v1_cas_tokens_held", labels: { source: "scrape" }, value: 3, temporality: "now" },
];

/** An hour and a half of a Monitor's life: readings, tokens, canaries, failures, confirmations owed, samples not shipped. */
async function live(world: World): Promise<void> {
  world.probe = async (orders, _deadline, deliver) =>
    deliver(
      orders.map((order) => {
        const bad = order.target.name === "b" && order.plan.kind === "health";
        const sample = sampleOf(order, world.now, bad ? "failed" : "ok", bad ? failure("timeout", false) : undefined);
        const readings = readingsAt(world.now);
        return {
          ...sample,
          readings,
          memory: { token: `token-of-${order.target.name}`, bidiWorked: true as const, tokens: 1 },
        };
      }),
    );
  for (let minute = 0; minute < 12; minute++) {
    world.now = START + minute * MINUTE;
    await world.core.wake(world.now, "cron");
  }
  world.backlog.saveShipping({ ...world.backlog.shipping(), shippedThrough: START });
  world.backlog.save("retention", NOTHING_SWEPT);
}

function keeper(world: World): HistoryKeeper {
  return new HistoryKeeper({
    backlog: world.backlog,
    shard: 0,
    retention: CONFIG.retention,
    write: async (rows) => {
      for (const row of rows) JSON.stringify(row);
      return { ok: true, rowsWritten: rows.length, statements: 1 };
    },
    sweep: async () => ({ ok: true, stripped: 0, deleted: 0, complete: true }),
    swept: () => world.backlog.read<RetentionState>("retention") ?? NOTHING_SWEPT,
    saveSwept: (state) => world.backlog.save("retention", state),
    now: () => world.now,
    timeout: () => new AbortController().signal,
    log: (event) => world.events.push(event),
  });
}

it("whatever befell what is stored, the Monitor starts, probes every target and heals what it wrote", async () => {
  await runInDurableObject(env.MONITOR.getByName("damaged"), async (_instance, { storage }) => {
    const before = new World(storage, CONFIG);
    await live(before);
    const sound = read(storage);
    await fc.assert(
      fc.asyncProperty(fc.array(blow, { minLength: 1, maxLength: 4 }), async (blows) => {
        cases.count("stored state");
        const damaged = structuredClone(sound);
        for (const one of blows) strike(damaged, one);
        write(storage, damaged);

        const world = new World(storage, CONFIG);
        const asked: Order[] = [];
        world.probe = async (orders, _deadline, deliver) => {
          asked.push(...orders);
          deliver(orders.map((order) => ({ ...sampleOf(order, world.now), readings: readingsAt(world.now) })));
        };
        world.now = START + 12 * MINUTE;
        await world.core.alarm();
        expect(world.alarmAt).toBeGreaterThan(world.now - 1);
        const probed = asked.filter(({ plan, attempt }) => plan.kind === "health" && attempt === 0);
        expect(probed.map(({ target: { name } }) => name).sort()).toEqual(["a", "b", "c"]);
        expect(world.events.filter((event) => event.event === "error" && event.place === "alarm")).toEqual([]);
        await keeper(world).keep(world.core);

        world.now += MINUTE;
        expect((await world.core.wake(world.now, "cron")).result).toBe("run");
        world.restart(CONFIG);
        expect(world.core.head().unreadable).toEqual([]);
        for (const [name, number] of world.stored())
          if (/^zako.*_(total|bucket)\{/.test(name)) expect(number, name).toBeGreaterThanOrEqual(0);
        // What history can have it gets, and nothing stays behind for ever.
        world.now += 2 * HOUR_MS;
        expect((await world.core.wake(world.now, "cron")).result).toBe("run");
        await keeper(world).keep(world.core);
        expect(world.backlog.hours()).toEqual([hourOf(world.now)]);
      }),
      { numRuns: cases.runs(400) },
    );
  });
});

it.each([
  ["names of series", "UPDATE series SET names = '{'", 1],
  ["numbers of series", "UPDATE series SET data = zeroblob(length(data))", 1],
  ["a row of series that is gone", "DELETE FROM series", 0],
  ["names of tellings", "UPDATE telling SET names = '{'", 1],
  ["numbers of tellings", "UPDATE telling SET data = zeroblob(length(data))", 1],
  ["memories", "UPDATE memory SET targets = substr(targets, 1, 40)", 1],
  ["meta", "UPDATE head SET meta = '{\"lastSlot\":9e15}'", 1],
  ["the journal", "UPDATE head SET journal = substr(journal, 1, 30)", 1],
  ["the state of shipping", "UPDATE backlog_state SET value = 'x'", 0],
  ["blocks of samples", "UPDATE backlog_block SET samples = 7", 0],
])("%s that cannot be read begin anew, and are counted", async (_, statement, unreadable) => {
  await runInDurableObject(env.MONITOR.getByName("named"), async (_instance, { storage }) => {
    await live(new World(storage, CONFIG));
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
