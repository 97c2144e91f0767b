import { Agent, get } from "node:http";
import type { MonitorAsked } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { FIVE_PROBES, fleetConfig, NOWHERE, THREE_VANTAGES } from "../fleet.ts";
import { median, medians } from "../rounds.ts";
import { type Quantity, type Row, ratio, show } from "../row.ts";

const TARGETS = 100;
const MINUTE_MS = 60_000;
const START = Date.UTC(2030, 0, 1);
const REQUESTS = 30;
const FRESH = 8;
/** A week at one tick every ten minutes: as much history as a week has hours, at a cost that a bench can bear. */
const WEEK = { count: 1_008, stepMs: 600_000 };
const WEEK_QUICK = { count: 10, stepMs: 600_000 };

type Encoding = "identity" | "gzip";

/** How long `/metrics` takes, against static bytes from the same Worker. */
export const metricsSection: Section = {
  name: "metrics",
  title: `\`/metrics\` of ${TARGETS} targets x 5 probes x 3 vantages, wall time of a request, against a static answer of the same bytes`,
  async run(bench) {
    const fleet = new Scraped(bench);
    await fleet.setUp();
    await fleet.tick(2);
    const young = await fleet.measure();
    await fleet.tick((bench.quick ? WEEK_QUICK : WEEK).count, WEEK.stepMs);
    const old = await fleet.measure();
    const versus = (name: string, goal: number | null, mine: keyof Times, other: keyof Times, times = old): Row =>
      ratio(name, goal, quantity(mine, times), quantity(other, times));
    return [
      versus("/metrics kept / static", 1.3, "kept", "still"),
      versus("/metrics first after a tick / static", 2.2, "fresh", "still"),
      versus("/metrics gzip, kept / static gzip", null, "keptGzip", "stillGzip"),
      versus("/metrics gzip, kept / static, not compressed", 1.3, "keptGzip", "still"),
      versus("/metrics gzip, first after a tick / static, not compressed", null, "freshGzip", "still"),
      aged("kept", young, old),
      aged("fresh", young, old),
    ];
  },
};

/** Medians in ms, and bodies in bytes. */
interface Times {
  still: number;
  kept: number;
  fresh: number;
  stillGzip: number;
  keptGzip: number;
  freshGzip: number;
  bytes: number;
}

const WORDS: Readonly<Record<string, string>> = {
  still: "static",
  kept: "kept",
  fresh: "first",
  stillGzip: "static gzip",
  keptGzip: "kept gzip",
  freshGzip: "first gzip",
};

const quantity = (of: keyof Times, times: Times): Quantity => ({ what: WORDS[of] ?? of, value: times[of], unit: "ms" });

/** After a week against before it, per byte: counters get longer digits with time. */
function aged(of: "kept" | "fresh", young: Times, old: Times): Row {
  const perMb = (times: Times): number => (times[of] / times.bytes) * 1e6;
  return ratio(
    `/metrics ${WORDS[of]}${of === "fresh" ? " after a tick" : ""}: after a simulated week / before, per byte`,
    null,
    { what: `after (${show(old.bytes / 1e6)} MB)`, value: perMb(old), unit: "ms/MB" },
    { what: `before (${show(young.bytes / 1e6)} MB)`, value: perMb(young), unit: "ms/MB" },
  );
}

class Scraped {
  readonly #bench: Bench;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #next = START;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async setUp(): Promise<void> {
    const config = fleetConfig({
      targets: TARGETS,
      url: NOWHERE,
      probes: FIVE_PROBES,
      vantages: THREE_VANTAGES,
      allAtFirst: true,
    });
    await this.#bench.worker.ask("/monitor", { name: "metrics", config, probing: "instant" } satisfies MonitorAsked);
  }

  async tick(count: number, stepMs = MINUTE_MS): Promise<void> {
    await this.#bench.worker.ask("/ticks", { name: "metrics", from: this.#next, count, stepMs, ship: true });
    this.#next += count * stepMs;
  }

  async measure(): Promise<Times> {
    const { bytes } = await this.#keep("identity");
    await this.#keep("gzip");
    const many = (path: string, encoding: Encoding) => async () => {
      const times: number[] = [];
      for (let i = 0; i < this.#bench.some(REQUESTS); i++) times.push(await this.#time(path, encoding));
      return median(times);
    };
    const fresh = (encoding: Encoding) => async () => {
      const times: number[] = [];
      for (let i = 0; i < this.#bench.some(FRESH); i++) {
        await this.tick(1);
        times.push(await this.#time("/metrics", encoding));
      }
      return median(times);
    };
    const times = await medians(this.#bench.rounds, {
      still: many("/still", "identity"),
      kept: many("/metrics", "identity"),
      fresh: fresh("identity"),
      stillGzip: many("/still", "gzip"),
      keptGzip: many("/metrics", "gzip"),
      freshGzip: fresh("gzip"),
    });
    return { ...times, bytes };
  }

  async #keep(encoding: Encoding): Promise<{ bytes: number }> {
    const headers = { "accept-encoding": encoding };
    const response = await fetch(`${this.#bench.worker.url}/keep`, { headers });
    return (await response.json()) as { bytes: number };
  }

  /** From the request to the last byte, ms. */
  #time(path: string, encoding: Encoding): Promise<number> {
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const request = get(
        `${this.#bench.worker.url}${path}`,
        { agent: this.#agent, headers: { "accept-encoding": encoding } },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}.`));
          response.on("data", () => {});
          response.on("end", () => resolve(performance.now() - startedAt));
          response.on("error", reject);
        },
      );
      request.on("error", reject);
    });
  }
}
