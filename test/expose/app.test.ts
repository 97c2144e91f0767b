import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../functions/config/rules/catalogue.ts";
import { type AppPorts, createApp } from "../../functions/expose/app.ts";
import type { MonitorHealth } from "../../functions/expose/judge-health.ts";
import type { Snapshot } from "../../functions/model/snapshot.ts";
import { DEFAULT_NOTIFY } from "../../functions/notify/policy/default-notify.ts";
import { MemoryAlerting } from "./api/memory-alerting.ts";
import { NO_CHARTS, NO_STATUS } from "./api/no-pages.ts";
import { FAMILIES, pack, SHOWN } from "./metrics/arbitrary.ts";
import { parseExposition } from "./metrics/parse.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 30);
const SECRET = "s3cret-of-metrics";
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

/** A world in which everything works, whose parts a test may change. It counts what is asked of it. */
class World implements AppPorts {
  families = SHOWN;
  metricsPublic = true;
  local = false;
  refusedTokens = async (): Promise<void> => {};
  alerting = new MemoryAlerting();
  notify = DEFAULT_NOTIFY;
  planned = { windows: [], targets: [] };
  status = NO_STATUS;
  charts = NO_CHARTS;
  created = false;
  gridMs = 60_000;
  push = {
    targets: [],
    imports: [],
    secret: () => undefined,
    secrets: () => [],
    deliver: () => Promise.reject(new Error("Nobody pushes here.")),
    report: () => {},
  };
  rules: AppPorts["rules"] = async () => ({
    rules: CATALOGUE,
    families: new Map(),
    targets: [],
    externalUrl: undefined,
  });
  secret: string | undefined = SECRET;
  monitors: (MonitorHealth | undefined)[] = [{ lastSlot: NOW - 30_000, since: 0 }];
  numbers: (number | undefined)[] = [1];
  reported: unknown[] = [];
  alerter: Snapshot | undefined;
  asked = { states: 0, snapshots: 0 };
  broken: Error | undefined;
  readonly app = createApp(this);

  now = (): number => NOW;
  metricsToken = (): string | undefined => this.secret;
  probeToken = (): string | undefined => undefined;
  probe = { targets: [], ask: async () => undefined };
  adminToken = (): string | undefined => undefined;
  report = (error: unknown): void => void this.reported.push(error);
  health = async (): Promise<(MonitorHealth | undefined)[]> => this.monitors;
  get shards(): number {
    return this.numbers.length;
  }
  states: AppPorts["states"] = async () => {
    this.asked.states++;
    return {
      shards: this.numbers.map((n) => (n === undefined ? undefined : { version: `v${n}`, mostBytes: 0 })),
      alerter: this.alerter?.version,
    };
  };
  ofTarget = async () => undefined;
  watchedSince = async () => new Map();
  externalUrl: string | undefined;
  snapshots: AppPorts["snapshots"] = async () => {
    this.asked.snapshots++;
    if (this.broken !== undefined) throw this.broken;
    return { shards: this.numbers.map((n) => (n === undefined ? undefined : snapshotOf(n))), alerter: this.alerter };
  };

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return Promise.resolve(this.app.request(path, { headers }));
  }
}

function snapshotOf(n: number): Snapshot {
  const series = [{ family: FAMILIES[1], labels: { probe: "health", reason: "timeout" }, values: [n] }];
  return pack([{ target: "cas-eu", series, exemplars: [], createdAt: NOW, createdLater: new Map() }], `v${n}`);
}

// Not text(): it warns of every content type that does not start with text/.
const textOf = async (response: Response): Promise<string> => new TextDecoder().decode(await response.arrayBuffer());
const gunzip = (response: Response): Promise<string> =>
  new Response(response.body?.pipeThrough(new DecompressionStream("gzip"))).text();

describe("routes", () => {
  it.each([
    ["GET", "/", 200, undefined],
    ["GET", "/healthz", 200, undefined],
    ["GET", "/metrics", 200, undefined],
    ["HEAD", "/", 200, undefined],
    ["HEAD", "/healthz", 200, undefined],
    ["HEAD", "/metrics", 200, undefined],
    ["PUT", "/", 405, "GET, HEAD, POST"],
    ["GET", "/grafana/fleet.json", 200, undefined],
    ["HEAD", "/grafana/prober.json", 200, undefined],
    ["GET", "/grafana/fleet", 404, undefined],
    ["GET", "/grafana/nothing.json", 404, undefined],
    ["GET", "/grafana/constructor.json", 404, undefined],
    ["POST", "/grafana/fleet.json", 405, "GET, HEAD"],
    ["POST", "/metrics", 405, "GET, HEAD"],
    ["PUT", "/healthz", 405, "GET, HEAD"],
    ["DELETE", "/metrics", 405, "GET, HEAD"],
    ["OPTIONS", "/metrics", 405, "GET, HEAD"],
    ["PROPFIND", "/metrics", 405, "GET, HEAD"],
    ["GET", "/metrics/", 404, undefined],
    ["GET", "/Metrics", 404, undefined],
    ["GET", "/metrics%00", 404, undefined],
    ["GET", "/../etc/passwd", 404, undefined],
    ["GET", "/%", 404, undefined],
    ["POST", "/nothing", 404, undefined],
    ["HEAD", "/nothing", 404, undefined],
    ["GET", `/${"a/".repeat(4000)}`, 404, undefined],
  ])("%s %s answers %d", async (method, path, status, allow) => {
    const world = new World();
    const response = await world.app.request(path, { method });
    expect([response.status, response.headers.get("allow") ?? undefined]).toEqual([status, allow]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    if (method === "HEAD") expect(await response.text()).toBe("");
    else if (status >= 400) {
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(await response.json()).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
    }
    expect(world.reported).toEqual([]);
  });

  it("serves dashboards to whoever may read metrics, with links to where they were asked for", async () => {
    const world = new World();
    world.metricsPublic = false;
    expect((await world.get("/grafana/target.json")).status).toBe(401);
    const response = await world.get("/grafana/target.json", { authorization: `Bearer ${SECRET}` });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ uid: "zako-target", title: "Zako / Target detail" });
    world.externalUrl = "https://watch.example";
    world.rules = async () => ({ rules: [], families: new Map(), targets: [], externalUrl: "https://watch.example" });
    const text = await textOf(await world.get("/grafana/cas.json", { authorization: `Bearer ${SECRET}` }));
    expect(text).toContain("https://watch.example/runbooks/cas-missing-ratio");
    expect(text).toContain("ZakoCasMissingRatioHigh is off in watch.yaml");
  });

  it("says nothing of a bug to the caller, and all of it to the log", async () => {
    const world = new World();
    world.broken = new Error("D1_ERROR: https://user:pass@internal.example");
    const response = await world.get("/metrics");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).not.toMatch(/D1|internal|pass/);
    expect(world.reported).toEqual([world.broken]);
  });
});

describe("/metrics asks for a token", () => {
  const refused = async (world: World, headers: Record<string, string>): Promise<[number, string | null, string]> => {
    const response = await world.get("/metrics", headers);
    const { error } = (await response.json()) as { error: string };
    return [response.status, response.headers.get("www-authenticate"), error];
  };
  const closed = (secret: string | undefined): World => Object.assign(new World(), { metricsPublic: false, secret });

  it.each([
    ["none", {}, /^Send "Authorization: Bearer" with the value of METRICS_TOKEN\.$/],
    ["an empty one", { authorization: "Bearer " }, /^Send/],
    ["another scheme", { authorization: `Basic ${SECRET}` }, /^Send/],
    ["two tokens", { authorization: `Bearer ${SECRET} ${SECRET}` }, /^Send/],
    ["no scheme", { authorization: SECRET }, /^Send/],
    ["a wrong one", { authorization: "Bearer nope" }, /not the value of METRICS_TOKEN/],
    ["one of the same length", { authorization: `Bearer ${SECRET.slice(0, -1)}x` }, /not the value/],
    ["a longer one", { authorization: `Bearer ${SECRET}x` }, /not the value/],
    ["a shorter one", { authorization: `Bearer ${SECRET.slice(0, -1)}` }, /not the value/],
    ["one in the query", { authorization: `Bearer x?token=${SECRET}` }, /not the value/],
  ])("and refuses %s", async (_, headers, message) => {
    const world = closed(SECRET);
    const [status, challenge, error] = await refused(world, headers as Record<string, string>);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="zako-watch"/);
    expect(challenge?.includes("invalid_token")).toBe(error.includes("not the value"));
    expect(error).toMatch(message);
    expect(error).not.toContain(SECRET);
    expect(world.asked).toEqual({ states: 0, snapshots: 0 });
  });

  it.each([undefined, "", "  \n"])("and is closed to everyone when the secret is %j", async (secret) => {
    for (const authorization of ["Bearer", "Bearer ", "Bearer undefined", "Bearer x"]) {
      const [status, , error] = await refused(closed(secret), { authorization });
      expect(status).toBe(401);
      expect(error).toContain('METRICS_TOKEN is not set. Set it with "wrangler secret put METRICS_TOKEN"');
    }
  });

  it.each([
    [SECRET, `Bearer ${SECRET}`],
    [SECRET, `bearer  ${SECRET}`],
    [`${SECRET}\n`, `Bearer ${SECRET}`],
  ])("and takes the right one: %j, %j", async (secret, authorization) => {
    expect((await closed(secret).get("/metrics", { authorization })).status).toBe(200);
  });

  it("unless it is public, where even a wrong one is no matter", async () => {
    expect((await new World().get("/metrics", { authorization: "Bearer nope" })).status).toBe(200);
  });

  it("and none of the others does", async () => {
    const world = closed(SECRET);
    expect((await world.get("/healthz")).status).toBe(200);
    expect((await world.get("/runbooks")).status).toBe(200);
  });
});

describe("/metrics answers", () => {
  it.each([
    ["text/plain; version=0.0.4; charset=utf-8", "*/*", "text"],
    ["text/plain; version=1.0.0; escaping=allow-utf-8", "text/plain;version=1.0.0;escaping=allow-utf-8", "text"],
    [`${OPEN_METRICS}; charset=utf-8`, OPEN_METRICS, "openmetrics"],
  ] as const)("with %s", async (type, accept, format) => {
    for (const encoding of ["identity", "gzip"]) {
      const response = await new World().get("/metrics", { accept, "accept-encoding": encoding });
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("vary")).toBe("Accept, Accept-Encoding");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("content-encoding")).toBe(encoding === "gzip" ? "gzip" : null);
      const text = encoding === "gzip" ? await gunzip(response) : await textOf(response);
      expect(parseExposition(text, format)[0]?.samples[0]?.value).toBe(1);
    }
  });

  it("with gzip by what the client itself accepts, not by what the edge made of it", async () => {
    const { app } = new World();
    const ask = (header: string, own: string): Response | Promise<Response> => {
      const request = new Request("http://x/metrics", { headers: { "accept-encoding": header } });
      Object.defineProperty(request, "cf", { value: { clientAcceptEncoding: own } });
      return app.fetch(request);
    };
    expect((await ask("gzip", "identity")).headers.get("content-encoding")).toBeNull();
    expect((await ask("br", "gzip")).headers.get("content-encoding")).toBe("gzip");
  });

  it("with _created only where that was asked for", async () => {
    for (const created of [false, true]) {
      class Created extends World {
        override created = created;
      }
      const world = new Created();
      const text = await textOf(await createApp(world).request("/metrics", { headers: { accept: OPEN_METRICS } }));
      expect(text.includes("_created")).toBe(created);
    }
  });

  it("from what it kept while the versions stay, and anew when one changes", async () => {
    const world = new World();
    const variants = [
      { accept: "*/*" },
      { accept: OPEN_METRICS },
      { accept: "*/*", "accept-encoding": "gzip" },
      { accept: OPEN_METRICS, "accept-encoding": "gzip" },
    ];
    for (const n of [1, 2, 3]) {
      world.numbers = [n];
      for (let round = 0; round < 3; round++)
        for (const headers of variants) {
          const response = await world.get("/metrics", headers);
          const text = "accept-encoding" in headers ? await gunzip(response) : await textOf(response);
          expect(text).toContain(`zako_v1_attempts_total{target="cas-eu",probe="health",reason="timeout"} ${n}\n`);
        }
      expect(world.asked.snapshots).toBe(n * variants.length);
    }
  });

  it("with the numbers it got, though they are newer than the version it asked for", async () => {
    const world = new World();
    world.states = async () => {
      world.numbers = [7];
      return { shards: [{ version: "v6", mostBytes: 0 }], alerter: undefined };
    };
    expect(await (await world.get("/metrics")).text()).toContain("} 7\n");
    world.states = async () => ({ shards: [{ version: "v7", mostBytes: 0 }], alerter: undefined });
    expect(await (await world.get("/metrics")).text()).toContain("} 7\n");
    expect(world.asked.snapshots).toBe(1);
  });

  it("with the Alerter's own series beside those of several shards, and anew when they change", async () => {
    const world = new World();
    world.numbers = [1, 2];
    const own = (n: number): Snapshot => {
      const series = [{ family: FAMILIES[1], labels: { probe: "", reason: "alerter" }, values: [n] }];
      return pack([{ target: "", series, exemplars: [], createdAt: NOW, createdLater: new Map() }], `a${n}`);
    };
    for (const n of [3, 4]) {
      world.alerter = own(n);
      expect(await (await world.get("/metrics")).text()).toContain(`{probe="",reason="alerter"} ${n}\n`);
    }
  });

  it("with the shards that answer, and 503 when none does", async () => {
    const world = new World();
    world.numbers = [undefined, 5];
    expect(await (await world.get("/metrics")).text()).toContain("} 5\n");
    world.numbers = [4, 5];
    expect(await (await world.get("/metrics")).text()).toContain("} 4\n");
    world.numbers = [undefined, undefined];
    const response = await world.get("/metrics");
    expect([response.status, await response.json()]).toEqual([503, { error: expect.stringContaining("No Monitor") }]);
  });

  it("two at once with what each asked for", async () => {
    const world = new World();
    const [a, b] = await Promise.all([
      world.get("/metrics", { "accept-encoding": "gzip" }),
      world.get("/metrics", { "accept-encoding": "gzip", accept: OPEN_METRICS }),
    ]);
    parseExposition(await gunzip(a), "text");
    parseExposition(await gunzip(b), "openmetrics");
  });
});

describe("/healthz", () => {
  it("says when the last tick was, in 200 or 503", async () => {
    const world = new World();
    const answer = async (): Promise<unknown> => {
      const response = await world.get("/healthz");
      expect(response.headers.get("cache-control")).toBe("no-store");
      return [response.status, await response.json()];
    };
    const why = expect.stringMatching(/\.$/);
    const lastSlot = "2026-11-22T12:00:00.000Z";
    expect(await answer()).toEqual([200, { status: "ok", lastSlot, ageSeconds: 30, why }]);
    world.monitors = [{ lastSlot: NOW - 600_000, since: 0 }];
    const stale = { status: "stale", lastSlot: "2026-11-22T11:50:30.000Z", ageSeconds: 600, why };
    expect(await answer()).toEqual([503, stale]);
    world.monitors = [{ since: NOW }];
    expect(await answer()).toEqual([200, { status: "starting", lastSlot: null, ageSeconds: null, why }]);
    world.monitors = [undefined];
    expect(await answer()).toEqual([503, { status: "silent", lastSlot: null, ageSeconds: null, why }]);
  });
});
