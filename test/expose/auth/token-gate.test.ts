import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkOf } from "../../../functions/expose/auth/network-of.ts";
import { type Attempt, TokenGate } from "../../../functions/expose/auth/token-gate.ts";
import type { RefusedTokens } from "../../../functions/model/refused-tokens.ts";
import { pushTargets } from "../../../functions/probe/kinds/push.ts";
import { target } from "../../monitor/world.ts";
import { ADMIN, asking, portsWith, READER } from "../api/api-world.ts";
import { MemoryAlerting } from "../api/memory-alerting.ts";
import { pushPlan } from "../push/push-world.ts";

const RIGHT = "the-right-one";
const MINUTE = 60_000;

class World {
  now = 0;
  readonly reports: (readonly RefusedTokens[])[] = [];
  readonly gate = new TokenGate({
    now: () => this.now,
    report: async (refused) => void this.reports.push(refused),
  });
  examined = 0;

  async try(address: string | undefined, token: string | undefined): Promise<string> {
    const attempt: Attempt = { route: "api", address, token };
    const { said } = await this.gate.judge(attempt, async () => {
      this.examined++;
      return { said: token === undefined ? "absent" : token === RIGHT ? "passes" : "wrong" };
    });
    return said;
  }

  async many(times: number, address: string | undefined, token = "nope"): Promise<string[]> {
    const all: string[] = [];
    for (let i = 0; i < times; i++) all.push(await this.try(address, token));
    return all;
  }
}

describe("the token gate", () => {
  it("slows an address with many wrong tokens, and nobody else", async () => {
    const world = new World();
    expect(await world.many(20, "192.0.2.1")).toEqual(Array(20).fill("wrong"));
    const examined = world.examined;
    expect(await world.many(5, "192.0.2.1")).toEqual(Array(5).fill("slowed"));
    // Not even the right one is looked at: a guesser learns nothing.
    expect(await world.try("192.0.2.1", RIGHT)).toBe("slowed");
    expect(world.examined).toBe(examined);
    expect(await world.try("192.0.2.2", RIGHT)).toBe("passes");
    expect(await world.try("192.0.2.2", "nope")).toBe("wrong");
    expect(await world.try("192.0.2.1", undefined)).toBe("absent");
    world.now += 3_000;
    expect(await world.try("192.0.2.1", RIGHT)).toBe("passes");
  });

  it("lets whoever shares an address with a wrong client come in as before", async () => {
    const world = new World();
    expect(await world.try("192.0.2.1", RIGHT)).toBe("passes");
    expect(new Set(await world.many(200, "192.0.2.1"))).toEqual(new Set(["wrong"]));
    expect(await world.try("192.0.2.1", RIGHT)).toBe("passes");
    world.now += 25 * 60 * MINUTE;
    expect(await world.many(21, "192.0.2.1")).toContain("slowed");
  });

  it("is not reached by somebody who mistypes, nor by a client that comes twice a minute", async () => {
    const world = new World();
    expect(await world.many(6, "192.0.2.1")).not.toContain("slowed");
    for (let i = 0; i < 200; i++) {
      world.now += MINUTE / 4;
      expect(await world.try("192.0.2.9", "nope")).toBe("wrong");
    }
  });

  it("takes an IPv6 network for one address", async () => {
    const world = new World();
    for (let i = 0; i < 20; i++) await world.try(`2001:db8:1:2::${i.toString(16)}`, "nope");
    expect(await world.try("2001:0db8:0001:0002:ffff::1", "nope")).toBe("slowed");
    expect(await world.try("2001:db8:1:3::1", "nope")).toBe("wrong");
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["2001:db8::", "2001:db8:0:0"],
  ])("knows the network of %s", (address, network) => expect(networkOf(address)).toBe(network));

  it("cannot slow anybody where nobody says the address", async () => {
    const world = new World();
    expect(await world.many(100, undefined)).not.toContain("slowed");
    expect(await world.try(undefined, RIGHT)).toBe("passes");
  });

  it("reports every refusal once, at most every 10 s", async () => {
    const world = new World();
    await world.many(30, "192.0.2.1");
    expect(world.reports).toEqual([[{ route: "api", reason: "wrong", count: 1 }]]);
    world.now += 10_000;
    await world.try("192.0.2.3", "nope");
    expect(world.reports[1]).toEqual([
      { route: "api", reason: "wrong", count: 20 },
      { route: "api", reason: "slowed", count: 10 },
    ]);
  });

  it("keeps a bounded memory, whatever addresses there are, and the right token passes from any other", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.ipV4(), fc.boolean()), { maxLength: 50 }), fc.ipV6(), async (all, own) => {
        const world = new World();
        for (const [address, right] of all) await world.try(address, right ? RIGHT : "nope");
        expect(await world.try(own, RIGHT)).toBe("passes");
      }),
      { numRuns: 50 },
    ));

  it("forgets the address of long ago first", async () => {
    const world = new World();
    await world.many(20, "192.0.2.1");
    for (let i = 0; i < 1_000; i++) await world.try(`198.51.${i >> 8}.${i & 255}`, "nope");
    expect(await world.try("192.0.2.1", "nope")).toBe("wrong");
  });
});

const FROM = { "cf-connecting-ip": "192.0.2.7" };
const plans = [pushPlan("PUSH")];

/** The whole app, in which some tokens are set. */
function app(tokens: { metrics?: string; admin?: string; push?: string } = {}) {
  const refused: RefusedTokens[] = [];
  const { metrics = READER, admin = ADMIN, push = "push-token-of-cas-eu" } = tokens;
  let now = Date.UTC(2026, 10, 22);
  const ask = asking(
    portsWith({
      alerting: new MemoryAlerting(),
      metricsToken: () => metrics,
      adminToken: () => admin,
      now: () => (now += 10_000 / 2 ** 10),
      refusedTokens: async (some) => void refused.push(...some),
      push: {
        targets: pushTargets([target("cas-eu", plans)]),
        imports: [],
        secret: () => push,
        secrets: () => [push],
        deliver: async () => ({ kind: "stored", rejected: {}, names: {} }),
        report: () => {},
      },
    }),
  );
  const bearer = (token: string, from: object = FROM) => ({ authorization: `Bearer ${token}`, ...from });
  const form = (token: string) => ({ method: "POST", headers: FROM, body: new URLSearchParams({ token }) });
  const call = (token: string) => ({
    method: "POST",
    headers: { ...bearer(token), "content-type": "application/json" },
    body: "{}",
  });
  const routes = {
    api: (token: string) => ask("/watch.v1.AlertingService/ListAlerts", call(token)),
    metrics: (token: string) => ask("/metrics", { headers: bearer(token) }),
    rules: (token: string) => ask("/prometheus/rules.yml", { headers: bearer(token) }),
    pages: (token: string) => ask("/alerts", { headers: bearer(token) }),
    typed: (token: string) => ask("/alerts", form(token)),
    silence: (token: string) => ask("/silences/new", form(token)),
    push: (token: string) => ask("/v1/metrics", call(token)),
  };
  return { ask, refused, routes, bearer };
}

describe("every door", () => {
  it.each(["api", "metrics", "rules", "pages", "typed", "silence", "push"] as const)(
    "%s counts wrong tokens, slows down who tries many, and lets the right one in from elsewhere",
    async (name) => {
      const { routes, refused, ask, bearer } = app();
      const statuses = [];
      for (let i = 0; i < 22; i++) {
        const response = await routes[name](`nope-${i}`);
        statuses.push(response.status);
        const words = await response.text();
        if (i === 21) expect(words).toContain("Too many wrong tokens came from this address.");
        if (response.status === 429) expect(response.headers.get("retry-after")).toBe("3");
      }
      const isPage = ["pages", "typed", "silence"].includes(name);
      expect(statuses).toEqual([...Array(20).fill(401), ...Array(2).fill(isPage ? 401 : 429)]);
      expect(refused[0]).toEqual({
        route: isPage ? "pages" : name === "rules" ? "metrics" : name,
        reason: "wrong",
        count: 1,
      });
      const right = await ask("/metrics", { headers: bearer(READER, { "cf-connecting-ip": "192.0.2.8" }) });
      expect(right.status).toBe(200);
    },
  );

  it.each([
    ["a short admin token", { admin: "short" }, "api", "short", /ADMIN_TOKEN has 5 characters, fewer than 16/],
    [
      "a short metrics token",
      { metrics: "x".repeat(15) },
      "metrics",
      "x".repeat(15),
      /METRICS_TOKEN has 15 characters/,
    ],
    ["one character over and over", { metrics: "x".repeat(64) }, "metrics", "x".repeat(64), /repeats a few characters/],
    [
      "the admin token that readers have",
      { admin: READER },
      "api",
      READER,
      /ADMIN_TOKEN has the same value as METRICS_TOKEN/,
    ],
    [
      "the metrics token that senders have",
      { push: READER },
      "metrics",
      READER,
      /METRICS_TOKEN has the same value as PUSH/,
    ],
    ["a short push token", { push: "short" }, "push", "short", /not a push token.*at least 16 characters/],
  ] as const)("refuses %s, and says so", async (_, tokens, route, token, words) => {
    const response = await app(tokens).routes[route](token);
    expect(response.status).toBe(401);
    expect(await response.text()).toMatch(words);
  });

  it("leaves the lower of two equal tokens open", async () => {
    expect((await app({ admin: READER }).routes.metrics(READER)).status).toBe(200);
    expect((await app({ push: READER }).routes.push(READER)).status).toBe(200);
  });
});

describe("headers and hosts", () => {
  it("https answers carry HSTS, and every answer says that the page needs no device", async () => {
    const { ask } = app();
    for (const path of [
      "/",
      "/metrics",
      "/nothing",
      "/alerts",
      "/v1/metrics",
      "/watch.v1.AlertingService/ListAlerts",
    ]) {
      const { headers } = await ask(path);
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
      expect(headers.get("permissions-policy")).toMatch(/camera=\(\).*geolocation=\(\)/);
    }
  });

  it.each([
    ["127.0.0.1:8787", 200],
    ["localhost:8787", 200],
    ["LOCALHOST", 200],
    ["[::1]:8787", 200],
    ["watch.example", 200],
    ["evil.example", 421],
    ["127.0.0.1.evil.example:8787", 421],
    ["localhost.evil.example", 421],
    ["watch.example.evil.example", 421],
    ["192.168.1.5:8787", 421],
    ["", 421],
  ])("a local run asked as %j answers %d", async (host, status) => {
    const ports = {
      alerting: new MemoryAlerting(),
      metricsPublic: true,
      local: true,
      externalUrl: "https://watch.example",
    };
    for (const path of [
      "/metrics",
      "/alerts",
      "/watch.v1.AlertingService/ListAlerts?connect=v1&encoding=json&message={}",
    ]) {
      const response = await asking(portsWith(ports))(path, { headers: { host } });
      expect(response.status === 421).toBe(status === 421);
      if (status === 421) expect(await response.json()).toEqual({ error: expect.stringContaining("external_url") });
    }
  });

  it("a deployment answers to every host that the platform routes to it", async () => {
    const response = await asking(portsWith({ alerting: new MemoryAlerting() }))("/runbooks", {
      headers: { host: "x.example" },
    });
    expect(response.status).toBe(200);
  });
});
