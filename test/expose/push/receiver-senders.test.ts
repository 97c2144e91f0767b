import { describe, expect, it } from "vitest";
import { config, target } from "../../monitor/world.ts";
import { BEGAN, counter, exportOf, inPushWorld, jsonOf, type PushWorld, pushPlan, TOKEN } from "./push-world.ts";

const GC_RUNS = "zako.v1.worker.gc_runs";
const gcRuns = (value = 7) => exportOf([counter(GC_RUNS, value, BEGAN, { pool: "v8" })]);
const stored = ["zako_v1_worker_gc_runs_total", { source: "push", pool: "v8" }] as const;

it("a label's value that holds a secret of ours or control characters is cleaned before it is stored", () =>
  inPushWorld(async (world) => {
    const pool = `v8 ${TOKEN}\u0007 push-token-of-cas-us\u202e`;
    await world.post("metrics", jsonOf(exportOf([counter(GC_RUNS, 3, BEGAN, { pool })])));
    expect(world.stored("zako_v1_worker_gc_runs_total", { source: "push", pool: "v8 [secret] [secret]" })).toBe(3);
    const all = [...world.monitor.stored().keys()].join("\n");
    expect(all).not.toContain("token-of");
    // Two values that become one are summed.
    await world.post("metrics", jsonOf(exportOf([counter(GC_RUNS, 4, BEGAN, { pool: `v8 ${TOKEN} ${TOKEN}` })])));
    expect(world.stored("zako_v1_worker_gc_runs_total", { source: "push", pool: "v8 [secret] [secret]" })).toBe(7);
  }));

describe("a page in a browser", () => {
  const PAGE = "https://app.example";
  const withPage = {
    initial: config([target("cas-eu", [pushPlan("EU", { origins: [PAGE] })]), target("cas-us", [pushPlan("US")])]),
  };
  const ask = (world: PushWorld, origin: string): Promise<Response> =>
    Promise.resolve(
      world.app.request("/v1/metrics", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
      }),
    );

  it("of a configured origin may push, and read the answer", () =>
    inPushWorld(async (world) => {
      const preflight = await ask(world, PAGE);
      expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, PAGE]);
      expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
      expect([preflight.headers.get("access-control-allow-methods"), preflight.headers.get("vary")]).toEqual([
        "POST",
        "Origin",
      ]);
      const response = await world.post("metrics", jsonOf(gcRuns()), { origin: PAGE });
      expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, PAGE]);
      const refused = await world.post("metrics", "{", { origin: PAGE });
      expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, PAGE]);
    }, withPage));

  it.each(["https://evil.example", "https://app.example.evil.example", "null", "http://app.example"])(
    "of %s may not",
    (origin) =>
      inPushWorld(async (world) => {
        const preflight = await ask(world, origin);
        expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([405, null]);
        const response = await world.post("metrics", jsonOf(gcRuns()), { origin });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }, withPage),
  );

  it("of any origin may not where none is configured", () =>
    inPushWorld(async (world) => {
      expect((await ask(world, PAGE)).status).toBe(405);
    }));
});

describe("one token for several targets", () => {
  const shared = { initial: config([target("cas-eu", [pushPlan()]), target("cas-us", [pushPlan()])]) };

  it("asks which one is meant", () =>
    inPushWorld(async (world) => {
      expect((await world.metrics(gcRuns())).status).toBe(400);
    }, shared));

  it.each([
    ["?target=cas-us", {}],
    ["", { "x-zako-target": "cas-us" }],
  ])("takes it from %j or %j", (query, headers) =>
    inPushWorld(async (world) => {
      const all = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers };
      const init = { method: "POST", headers: all as Record<string, string>, body: jsonOf(gcRuns()) };
      expect((await world.app.request(`/v1/metrics${query}`, init)).status).toBe(200);
      expect([world.stored(...stored), world.stored(...stored, "cas-us")]).toEqual([0, 7]);
    }, shared),
  );
});

it("more pushes than are allowed are asked to come again, and other targets are not touched by them", () =>
  inPushWorld(
    async (world) => {
      for (let i = 0; i < 3; i++) expect((await world.metrics(gcRuns(i))).status).toBe(200);
      const response = await world.metrics(gcRuns(9));
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "20"]);
      expect(world.stored(...stored)).toBe(2);
      const other = { authorization: "Bearer push-token-of-cas-us" };
      expect((await world.post("metrics", jsonOf(gcRuns(5)), other)).status).toBe(200);
      world.monitor.now += 20_000;
      expect((await world.metrics(gcRuns(9))).status).toBe(200);
      expect(world.stored(...stored)).toBe(9);
      expect(world.stored("zako_watch_push_rejected_total", { reason: "limited" })).toBe(1);
    },
    {
      initial: config([target("cas-eu", [pushPlan("EU", { max_per_minute: 3 })]), target("cas-us", [pushPlan("US")])]),
    },
  ));

it("a target that is not pushed for under the configuration in force is not found", () =>
  inPushWorld(async (world) => {
    world.restart(config([target("cas-eu")]));
    expect((await world.metrics(gcRuns())).status).toBe(404);
  }));
