import { describe, expect, it } from "vitest";
import { type AppPorts, createApp } from "../../../functions/expose/app.ts";
import type { Asked } from "../../../functions/expose/metrics/read-asked.ts";
import { createRenderer } from "../../../functions/expose/metrics/render.ts";
import { MAX_ANSWER_BYTES } from "../../../functions/model/exposed-size.ts";
import { shardOf } from "../../../functions/model/probing/placement.ts";
import type { Snapshot } from "../../../functions/model/snapshot.ts";
import { portsWith, READER } from "../api/api-world.ts";
import { MemoryAlerting } from "../api/memory-alerting.ts";
import { FAMILIES, type PlainBlock, pack, SHOWN } from "./arbitrary.ts";
import { parseExposition, seriesKey } from "./parse.ts";

const SHARDS = 3;
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";
const BEARER = { authorization: `Bearer ${READER}` };
const TARGETS = Array.from({ length: 12 }, (_, i) => `cas-${i}`);

const block = (target: string, value: number): PlainBlock => ({
  target,
  series: [
    { family: FAMILIES[0], labels: { probe: "health" }, values: [1] },
    { family: FAMILIES[1], labels: { probe: "health", reason: "timeout" }, values: [value] },
  ],
  exemplars: [],
  createdAt: 0,
  createdLater: new Map(),
});

/** Three shards, whose Monitors answer as real ones do. Notes who was asked for what. */
class World {
  version = 1;
  mostBytes = 100;
  silent: number | undefined;
  readonly asked: { states: Asked[]; snapshots: Asked[] } = { states: [], snapshots: [] };
  readonly reported: unknown[] = [];
  readonly app;

  constructor(over: Partial<AppPorts> = {}) {
    this.app = createApp(
      portsWith({
        alerting: new MemoryAlerting(),
        shards: SHARDS,
        states: async (asked) => {
          this.asked.states.push(asked);
          const state = { version: `v${this.version}`, mostBytes: this.mostBytes };
          return { shards: this.#each(asked, () => state), alerter: asked.alerter ? "a1" : undefined };
        },
        snapshots: async (asked) => {
          this.asked.snapshots.push(asked);
          const alerter = asked.alerter ? pack([block("", 99)], "a1") : undefined;
          return { shards: this.#each(asked, (shard) => this.#snapshotOf(shard, asked)), alerter };
        },
        report: (error) => void this.reported.push(error),
        ...over,
      }),
    );
  }

  #each<T>({ shards }: Asked, of: (shard: number) => T): (T | undefined)[] {
    return Array.from({ length: SHARDS }, (_, shard) =>
      shards.includes(shard) && shard !== this.silent ? of(shard) : undefined,
    );
  }

  #snapshotOf(shard: number, { targets, families }: Asked): Snapshot {
    const own = TARGETS.filter((target) => shardOf(target, SHARDS) === shard);
    const blocks = targets === undefined ? ["", ...own] : own.filter((target) => targets.includes(target));
    const kept = blocks.map((target) => {
      const whole = block(target, this.version);
      return { ...whole, series: whole.series.filter(({ family }) => families?.includes(family.name) !== false) };
    });
    return pack(kept, `v${this.version}`);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.app.request(path, { headers: { ...BEARER, ...headers } });
  }

  /** Series of an answer. */
  async series(path: string, headers: Record<string, string> = {}): Promise<string[]> {
    const response = await this.get(path, headers);
    const stream = response.body as ReadableStream<Uint8Array>;
    const plain: ReadableStream<Uint8Array> =
      headers["accept-encoding"] === "gzip" ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
    const text = await new Response(plain).text();
    expect([response.status, text.slice(0, 1)]).toEqual([200, "#"]);
    const families = parseExposition(text, headers["accept"] === OPEN_METRICS ? "openmetrics" : "text");
    return families.flatMap(({ samples }) => samples.map(({ name, labels }) => seriesKey(name, labels)));
  }
}

describe("/metrics by shard", () => {
  it("asks that shard alone, and the Alerter with shard 0 only", async () => {
    const world = new World();
    await world.series("/metrics?shard=1");
    const asked = { shards: [1], alerter: false };
    expect(world.asked).toEqual({ states: [asked], snapshots: [asked] });
    await world.series("/metrics?shard=0");
    expect(world.asked.snapshots[1]).toEqual({ shards: [0], alerter: true });
  });

  it.each(["*/*", OPEN_METRICS])(
    "shows each series once over all shards, and all that there is: %s",
    async (accept) => {
      const world = new World();
      const whole = await world.series("/metrics", { accept });
      const parts: string[] = [];
      for (let shard = 0; shard < SHARDS; shard++)
        parts.push(...(await world.series(`/metrics?shard=${shard}`, { accept, "accept-encoding": "gzip" })));
      expect(new Set(parts).size).toBe(parts.length);
      expect([...parts].sort()).toEqual([...whole].sort());
    },
  );

  it("is kept by what was asked, how it is written, and the versions", async () => {
    const world = new World();
    const paths = ["/metrics?shard=0", "/metrics?shard=1", "/metrics?shard=1&family=zako_v1_probe_success", "/metrics"];
    for (let round = 0; round < 3; round++)
      for (const path of paths)
        for (const headers of [{ "accept-encoding": "gzip" }, { accept: OPEN_METRICS }, {}])
          await world.series(path, headers as Record<string, string>);
    expect(world.asked.snapshots).toHaveLength(paths.length * 3);
    world.version = 2;
    expect(await world.series("/metrics?shard=1")).toEqual(await world.series("/metrics?shard=1"));
    expect(world.asked.snapshots).toHaveLength(paths.length * 3 + 1);
  });

  it("answers HEAD with the headers of GET and writes nothing", async () => {
    const { app } = new World();
    const get = await app.request("/metrics?shard=2", { headers: BEARER });
    const head = await app.request("/metrics?shard=2", { method: "HEAD", headers: BEARER });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect([...head.headers].filter(([name]) => name !== "content-length")).toEqual([...get.headers]);
    await get.body?.cancel();
  });

  it("is 503 where that shard is silent, and what the others have where all are asked", async () => {
    const world = new World();
    world.silent = 2;
    expect((await world.get("/metrics?shard=2")).status).toBe(503);
    const targets = TARGETS.filter((target) => shardOf(target, SHARDS) !== 2);
    expect((await world.series("/metrics?family=zako_v1_probe_success")).length).toBeGreaterThanOrEqual(targets.length);
  });
});

describe("/metrics by target and family", () => {
  it("shows these targets without the prober's own series", async () => {
    const series = await new World().series("/metrics?target=cas-3&target=cas-5");
    expect(series).toHaveLength(4);
    for (const one of series) expect(one).toMatch(/"cas-[35]"/);
  });

  it("shows these families", async () => {
    const series = await new World().series("/metrics?target=cas-3&family=zako_v1_probe_success");
    expect(series).toEqual([expect.stringContaining("zako_v1_probe_success")]);
  });

  it.each([
    ["/metrics?shard=3", 'Shard "3" does not exist: there are 3, from 0 to 2.'],
    ["/metrics?family=up", /Family "up" does not exist/],
    [
      "/metrics?target=cas-3&target=nope",
      'Target "nope" is not watched. /metrics?family=zako_v1_target_state shows all targets.',
    ],
  ])("refuses %s with 400", async (path, error) => {
    const response = await new World().get(path);
    const said = typeof error === "string" ? error : expect.stringMatching(error);
    expect([response.status, await response.json()]).toEqual([400, { error: said }]);
  });

  it("does not say that a target is not watched while its Monitor is silent", async () => {
    const world = new World();
    world.silent = shardOf("nope", SHARDS);
    expect((await world.get("/metrics?target=nope")).status).toBe(503);
  });

  it("asks for the token first", async () => {
    const world = new World();
    const response = await world.app.request("/metrics?shard=99");
    expect([response.status, world.asked.states]).toEqual([401, []]);
  });
});

describe("an answer that would be too large", () => {
  it("is refused before numbers are read, naming the shards and /sd/prometheus", async () => {
    const world = new World();
    world.mostBytes = 6_000_000;
    const response = await world.get("/metrics");
    const error =
      "The answer would have about 18.0 MB, and /metrics sends at most 8.0 MB. Scrape each shard by itself: use /sd/prometheus as http_sd_configs, or ask for /metrics?shard=0 to /metrics?shard=2.";
    expect([response.status, await response.json()]).toEqual([413, { error }]);
    expect(world.asked.snapshots).toEqual([]);
    expect((await world.get("/metrics?shard=1")).status).toBe(200);
  });

  it("of one shard says how many shards are enough", async () => {
    const world = new World();
    world.mostBytes = 20_000_000;
    const error =
      "The answer would have about 20.0 MB, and /metrics sends at most 8.0 MB. The shard has too many series: set `shards: 10` in watch.yaml, or narrow the answer with target or family.";
    expect(await (await world.get("/metrics?shard=1")).json()).toEqual({ error });
  });

  it("is refused where the numbers turn out to be larger than was said", async () => {
    const long = {
      ...block("t", 1),
      series: [{ family: FAMILIES[0], labels: { probe: "x".repeat(8_000_000) }, values: [1] }],
    };
    const world = new World({
      snapshots: async () => ({ shards: [pack([long], "v1"), undefined, undefined], alerter: undefined }),
    });
    expect((await world.get("/metrics?shard=0")).status).toBe(413);
  });

  it("is what it is, and not what it could be: short numbers leave room", async () => {
    const series = Array.from({ length: 70_000 }, (_, i) => ({
      family: FAMILIES[0],
      labels: { probe: `${i}`.padStart(60, "x") },
      values: [1],
    }));
    const snapshot = pack([{ ...block("t", 1), series }], "v1");
    const world = new World({
      snapshots: async () => ({ shards: [snapshot, undefined, undefined], alerter: undefined }),
    });
    const renderer = createRenderer(SHOWN, { openMetrics: false, created: false });
    expect(renderer.render({ shards: [snapshot], hasCount: true }).mostBytes).toBeGreaterThan(MAX_ANSWER_BYTES);
    const bytes = await (await world.get("/metrics?shard=0")).arrayBuffer();
    expect(bytes.byteLength).toBeLessThan(MAX_ANSWER_BYTES);
    expect(bytes.byteLength).toBeGreaterThan(0.8 * MAX_ANSWER_BYTES);
  });
});

describe("/sd/prometheus", () => {
  const labels = (shard: number, host: string, scheme = "https") => ({
    targets: [host],
    labels: {
      __scheme__: scheme,
      __metrics_path__: "/metrics",
      __param_shard: `${shard}`,
      instance: `${host}/${shard}`,
    },
  });

  it("names one scrape per shard, at the origin of the request", async () => {
    const here = new World({ externalUrl: undefined });
    const response = await here.app.request("http://watch.example:8787/sd/prometheus", { headers: BEARER });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual([0, 1, 2].map((shard) => labels(shard, "watch.example:8787", "http")));
  });

  it("or at the external URL, where there is one", async () => {
    const world = new World({ externalUrl: "https://watch.example" });
    const response = await world.app.request("http://internal:8787/sd/prometheus", { headers: BEARER });
    expect(await response.json()).toEqual([0, 1, 2].map((shard) => labels(shard, "watch.example")));
  });

  it("asks for the same token as /metrics, and no Monitor", async () => {
    const world = new World();
    const response = await world.app.request("/sd/prometheus");
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: 'Send "Authorization: Bearer" with the value of METRICS_TOKEN.' },
    ]);
    await world.get("/sd/prometheus");
    expect(world.asked.states).toEqual([]);
    expect((await new World({ metricsPublic: true }).app.request("/sd/prometheus")).status).toBe(200);
    const post = await world.app.request("/sd/prometheus", { method: "POST", headers: BEARER });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});
