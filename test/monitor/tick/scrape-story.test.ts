import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, inject, it } from "vitest";
import { createRenderer } from "../../../functions/expose/metrics/render.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import type { ImportedFamily, ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";
import { runBatch } from "../../../functions/probe/batch.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { type ParsedFamily, parseExposition, seriesKey } from "../../expose/metrics/parse.ts";
import { wholeText } from "../../expose/metrics/whole-text.ts";
import { depsOf, planOf } from "../../probe/tasks.ts";
import { reset, setMetricsFault } from "../../zako-control.ts";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const control = inject("zakoControl");
const url = inject("zako");
afterEach(() => reset(control));

const MINUTE = 60_000;
const SCRAPE = planOf("scrape", {}, { timeoutMs: 5_000 });
const watched = (name: string) => ({ ...target(name, [planOf("health"), SCRAPE]), casUrl: url, transportUrl: url });

const inWorld = <R>(first: Config, run: (world: World) => Promise<R>): Promise<R> =>
  runInDurableObject(env.MONITOR.getByName("scrape"), async (_instance, state) => {
    const world = new World(state.storage, first);
    world.probe = async (tasks, _deadline, deliver) => {
      const deps = { ...depsOf(), imports: world.core.config.imports, now: () => world.now, timeoutMs: 30_000 };
      deliver((await runBatch(tasks, deps)).samples);
    };
    return run(world);
  });

const slot = async (world: World): Promise<void> => {
  world.now += MINUTE;
  await world.core.wake(world.now, "cron");
};

/** What Prometheus would read, in the strictest sense. */
function page(world: World): { families: ParsedFamily[]; numbers: Map<string, number>; text: string } {
  const families = shownFamilies(PROBE_KINDS, world.core.config.imports);
  const text = new TextDecoder().decode(
    wholeText(createRenderer(families, { openMetrics: false, created: false }), [world.core.snapshot()]),
  );
  const parsed = parseExposition(text, "text");
  const numbers = new Map(parsed.flatMap(({ samples }) => samples.map((s) => [seriesKey(s.name, s.labels), s.value])));
  return { families: parsed, numbers, text };
}

const of = (name: string, target: string, more: [string, string][] = []): string =>
  seriesKey(name, [["target", target], ["source", "scrape"], ...more]);
const TOKENS = "zako_v1_cas_tokens_issued_total";
const MEMORY = "zako_v1_process_resident_memory_bytes";

/** An answer with these lines. */
const answer = (...lines: string[]): Promise<void> =>
  setMetricsFault(control, "body", { body: lines.map((line) => `${line}\n`).join("") });

describe("a target that is scraped", () => {
  it("exposes its metrics, counted from the first scrape on, and never goes down when it restarts", () =>
    inWorld(config([watched("a")]), async (world) => {
      await answer(`${TOKENS} 100`, `${MEMORY} 5000`);
      await slot(world);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(0);
      expect(page(world).numbers.get(of(MEMORY, "a"))).toBe(5000);
      await answer(`${TOKENS} 107`, `${MEMORY} 6000`);
      await slot(world);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(7);
      await answer(`${TOKENS} 2`);
      await slot(world);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(9);
      world.restart(world.core.config);
      await answer(`${TOKENS} 3`);
      await slot(world);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(10);
    }));

  it("that falls silent loses its gauges after two and a half intervals, and keeps its counters", () =>
    inWorld(config([watched("a")]), async (world) => {
      await answer(`${TOKENS} 100`, `${MEMORY} 5000`);
      await slot(world);
      await setMetricsFault(control, "status");
      await slot(world);
      await slot(world);
      expect(page(world).numbers.get(of(MEMORY, "a"))).toBe(5000);
      await slot(world);
      expect(page(world).numbers.has(of(MEMORY, "a"))).toBe(false);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(0);
      await answer(`${TOKENS} 104`, `${MEMORY} 7000`);
      await slot(world);
      expect(page(world).numbers.get(of(MEMORY, "a"))).toBe(7000);
      expect(page(world).numbers.get(of(TOKENS, "a"))).toBe(4);
    }));

  it("leaves the numbers of its neighbour and of its own probes as they are, whatever it answers", () =>
    inWorld(config([watched("a"), target("b")]), async (world) => {
      const scrapes = world.probe;
      world.probe = async (tasks, deadline, deliver, sizes) => {
        deliver(tasks.filter((o) => o.target.name === "b").map((o) => sampleOf(o, world.now)));
        await scrapes(
          tasks.filter((o) => o.target.name === "a"),
          deadline,
          deliver,
          sizes,
        );
      };
      for (const fault of ["hostile", "garbage", "endless", "mistyped", "bomb", "hostile"]) {
        await setMetricsFault(control, fault);
        await slot(world);
        const { numbers, text } = page(world);
        expect(numbers.get("zako_watch_unexposed_series") ?? 0).toBe(0);
        for (const name of ["a", "b"]) {
          const labels: [string, string][] = [
            ["target", name],
            ["probe", "health"],
            ["vantage", "local"],
          ];
          expect(numbers.get(seriesKey("zako_v1_probe_success", labels))).toBe(1);
        }
        expect(text).not.toContain('{target="b",source="scrape"');
      }
      const dropped = seriesKey("zako_watch_scrape_dropped_series_total", [
        ["target", "a"],
        ["reason", "series"],
      ]);
      expect(page(world).numbers.get(dropped)).toBeGreaterThan(1_000);
    }));

  it("may tell families of others, where the configuration names them", () => {
    const imports: ImportedFamily[] = [
      {
        from: "acme_wait_seconds",
        family: {
          name: "wait_seconds",
          type: "histogram",
          help: "Waits.",
          labels: ["target", "source", "queue"],
          buckets: [1, 10],
        },
      },
    ];
    return inWorld(config([watched("a")], { imports }), async (world) => {
      const exposed = (fast: number, slow: number) =>
        answer(
          `acme_wait_seconds_bucket{queue="x",le="2"} ${fast}`,
          `acme_wait_seconds_bucket{queue="x",le="+Inf"} ${fast + slow}`,
          `acme_wait_seconds_sum{queue="x"} ${fast + 20 * slow}`,
        );
      await exposed(10, 1);
      await slot(world);
      await exposed(13, 2);
      await slot(world);
      const { numbers } = page(world);
      const bucket = (le: string) =>
        numbers.get(
          of("wait_seconds_bucket", "a", [
            ["queue", "x"],
            ["le", le],
          ]),
        );
      // Up to 2 s is only known to be below 10.
      expect([bucket("1.0"), bucket("10.0"), bucket("+Inf")]).toEqual([0, 3, 4]);
      expect(numbers.get(of("wait_seconds_sum", "a", [["queue", "x"]]))).toBe(23);
    });
  });
});

it("a thousand targets with fifty series each commit in no more than eight rows a tick", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `t${i}`);
  const first = { ...config(names.map((name) => target(name, [plan("scrape")]))), hash: "many" };
  return runInDurableObject(env.MONITOR.getByName("many"), async (_instance, state) => {
    let rows: number[] = [];
    const storage = {
      sql: {
        exec: (query: string, ...bindings: unknown[]) => {
          const done = state.storage.sql.exec(query, ...bindings);
          if (/^(INSERT|UPDATE|DELETE)/.test(query)) rows.push(done.rowsWritten);
          return done;
        },
      },
      transactionSync: <T>(work: () => T): T => state.storage.transactionSync(work),
    } as unknown as DurableObjectStorage;
    const world = new World(storage, first);
    let round = 0;
    world.probe = async (tasks, _deadline, deliver) =>
      deliver(tasks.map((task) => ({ ...sampleOf(task, world.now), metrics: metricsOf(++round) })));
    for (let i = 0; i < 3; i++) {
      rows = [];
      await slot(world);
    }
    expect(rows.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(8);
  });
});

function metricsOf(round: number): ReportedMetric[] {
  const labels = { source: "scrape" };
  const exceptions = Array.from(
    { length: 30 },
    (_, i): ReportedMetric => ({
      family: "zako_v1_engine_exceptions_total",
      labels: { ...labels, kind: `kind-${i}` },
      value: round * (i + 1),
      temporality: "total",
      since: START - MINUTE,
    }),
  );
  const gauges = Array.from(
    { length: 18 },
    (_, i): ReportedMetric => ({
      family: "zako_v1_worker_queue_length",
      labels: { ...labels, pool: `pool-${i}` },
      value: i + 0.5,
      temporality: "now",
    }),
  );
  const histograms = ["io", "cpu"].map(
    (pool): ReportedMetric => ({
      family: "zako_v1_worker_task_duration_seconds",
      labels: { ...labels, pool },
      value: { bounds: [0.1, 1], counts: [round, round * 2, round], sum: round * 1.5 },
      temporality: "total",
    }),
  );
  return [...exceptions, ...gauges, ...histograms];
}
