import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { silenceLink, targetLink } from "../../../functions/notify/message/links.ts";
import { ADMIN, ORIGIN, READER } from "../api/api-world.ts";
import { BEARER, DOWN, down, MINUTE, NOW, page, places, snapshot, TYPED, world } from "./pages-world.ts";

describe("/alerts and /targets", () => {
  it("shows a silence that the Alerter ended itself, with its reason, to who may see names", async () => {
    const { alerting, ask } = world();
    const one = { author: "ada", reason: "It is moved.", maintenance: false, startsAt: NOW - MINUTE };
    const matchers = [{ name: "a", op: "=~", value: "(?=<b>)" }] as const;
    const ended = { ...one, endsAt: NOW + MINUTE, expiredAt: NOW - MINUTE };
    alerting.stored.set("ended", { id: "ended", ...ended, matchers, expiredReason: "Cannot use <b> as a pattern." });
    alerting.stored.set("by hand", { id: "by hand", ...ended, matchers });
    const { text } = await page(await ask("/alerts", { headers: { authorization: `Bearer ${ADMIN}` } }));
    expect(text).toContain("expired at 2026-11-22 02:59:00 UTC. Cannot use <b> as a pattern.");
    expect(text).not.toContain("by hand");
  });

  it("say which targets are in maintenance, and until when", async () => {
    const name = "disks <b>";
    const spans = [{ times: [{ from: 0, to: 240 }], location: "UTC" }];
    const window = { name, matchers: [{ name: "team", op: "=", value: "build" } as const], interval: { name, spans } };
    const targets = [
      { name: "cas-eu", labels: { team: "build" } },
      { name: "cas-us", labels: {} },
    ];
    const { alerting, ask } = world({ planned: { windows: [window], targets } });
    down(alerting);
    const text = async (path: string) => (await page(await ask(path, { headers: BEARER }))).text;
    expect(await text("/alerts")).toContain("In maintenancedisks <b>, until 2026-11-22 04:00:00 UTC: cas-eu");
    expect(await text("/targets/cas-eu")).toContain(
      "In maintenance: disks <b>, until 2026-11-22 04:00:00 UTC. Nobody is notified",
    );
    expect(await text("/targets/cas-us")).not.toContain("In maintenance");
  });

  const paths = ["/alerts", "/targets/cas-eu"];

  it.each(paths)("%s shows nothing to who has no token, and asks for it", async (path) => {
    const { alerting, ask, post } = world();
    down(alerting);
    const asks = [
      [await ask(path), ""],
      [await ask(path, { headers: { authorization: "Bearer nope" } }), "not the value of METRICS_TOKEN or"],
      [await post(path, { token: "nope" }), "not the value of METRICS_TOKEN or"],
      [await post(path, {}), ""],
    ] as const;
    for (const [response, words] of asks) {
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="zako-watch"']);
      const { text, values, tags } = await page(response);
      expect(text).toContain(words);
      expect(text).not.toMatch(/Down|down|nope/);
      expect(values).toContainEqual(["action", path]);
      expect(tags).toContain("input id name type required autocomplete");
    }
    expect(alerting.calls).toBe(0);
  });

  it.each(paths)("%s is closed where no secret is set, and says how to open it", async (path) => {
    const { ask, post } = world({ metricsToken: () => " ", adminToken: () => undefined });
    for (const response of [await ask(path), await post(path, { token: "undefined" })]) {
      expect(response.status).toBe(401);
      expect((await page(response)).text).toContain('Set it with "wrangler secret put METRICS_TOKEN".');
    }
  });

  it.each(paths)("%s is shown to who has either token, typed or sent", async (path) => {
    const { alerting, ask, post } = world();
    down(alerting);
    const responses = [
      await ask(path, { headers: BEARER }),
      await ask(path, { headers: { authorization: `Bearer ${ADMIN}` } }),
      await post(path, { token: ` ${READER} ` }),
      await post(path, { token: ADMIN }),
    ];
    for (const response of responses) {
      expect(response.status).toBe(200);
      const { text, values } = await page(response);
      for (const words of [
        "ZakoTargetDown (critical)",
        "A Zako target is down. A critical probe of cas-eu fails.",
        "Reason: no complete answer within the deadline (timeout).",
        "Since 2026-11-22 02:55:00 UTC (5 min).",
        "Acknowledged by ada: I look at it.",
        "Notified: team.",
        "Not notified: boss: acknowledged by ada; chat: muted by interval night of its route, until 2026-11-22 03:01:00 UTC.",
      ])
        expect(text).toContain(words);
      const links = values.filter(([name]) => name === "href").map(([, value]) => value);
      expect(links).toContain("/runbooks/target-down");
      expect(links.map((link) => `${ORIGIN}${link}`)).toContain(silenceLink(ORIGIN, DOWN));
    }
  });

  it.each(paths)(
    "%s shows what failed and what to do to all, and the server's own words to who has a token",
    async (path) => {
      const { alerting, ask, post } = world({ metricsPublic: true });
      alerting.fire(DOWN, {
        startsAt: NOW - 5 * MINUTE,
        annotations: { summary: "A Zako target is down.", reason: "rpc_internal" },
        evidence: {
          cause: "transport.upload",
          steps: [
            {
              probe: "transport.upload",
              step: "upload",
              reason: "rpc_internal",
              said: "write /var/cache/zako: <b>No space left</b> on device",
              hint: "free some space",
            },
          ],
          vantages: ["weur"],
          outOf: 1,
          traceId: "ab".repeat(16),
        },
      });
      const open = await page(await ask(path));
      expect(open.text).toContain("Failing step: upload: the server answered internal, grpc-status 13 (rpc_internal).");
      expect(open.text).toContain("Hint: free some space.");
      expect(open.text).not.toMatch(/No space left|\/var\/cache|abab/);
      const shown = await page(await post(path, { token: READER }));
      expect(shown.text).toContain("Server said: write /var/cache/zako: <b>No space left</b> on device.");
      expect(shown.text).toContain(`Trace: ${"ab".repeat(16)}.`);
    },
  );

  it.each(paths)("%s names nobody to everybody where metrics are public", async (path) => {
    const { alerting, ask, post } = world({ metricsPublic: true });
    down(alerting);
    alerting.stored.set("one", {
      id: "one",
      matchers: [{ name: "target", op: "=", value: "cas-us" }],
      startsAt: NOW - 1,
      endsAt: NOW + MINUTE,
      author: "bob",
      reason: "a secret move",
      maintenance: true,
    });
    alerting.opened.push({
      id: "x",
      target: "cas-eu",
      state: "down" as const,
      openedAt: NOW - MINUTE,
      causes: [],
      acknowledgedBy: "ada",
    });
    const { text } = await page(await ask(path));
    expect(text).toContain("Acknowledged.");
    expect(text).not.toMatch(/ada|I look|bob|secret move/);
    expect((await page(await post(path, { token: READER }))).text).toContain("ada");
    expect((await post(path, { token: "nope" })).status).toBe(401);
  });

  it("are open with all there is on somebody's own machine", async () => {
    const { alerting, ask } = world({ metricsPublic: true, local: true });
    down(alerting);
    expect((await page(await ask("/alerts"))).text).toContain("ada");
  });

  it("is where a message's link leads", async () => {
    const { alerting, ask } = world({ metricsPublic: true });
    const target = "cas eu/1?";
    alerting.fire({ ...DOWN, target });
    const link = targetLink(ORIGIN, { target }) as string;
    const { text } = await page(await ask(link.slice(ORIGIN.length)));
    expect(text).toMatch(/^cas eu\/1\? - zako-watch/);
    expect(text).toContain("ZakoTargetDown");
  });

  it("say what is unknown when the Alerter does not answer", async () => {
    const { alerting, ask, reported } = world({
      metricsPublic: true,
      ofTarget: async () => snapshot("cas-eu", "up"),
    });
    alerting.broken = new Error("https://user:pass@internal.example");
    const alerts = await ask("/alerts");
    expect([alerts.status, (await page(alerts)).text]).toEqual([503, expect.stringContaining("did not answer")]);
    const target = await ask("/targets/cas-eu");
    const { text } = await page(target);
    expect([target.status, text]).toEqual([200, expect.stringContaining("so firing alerts are unknown")]);
    expect(text).toContain("cas-eu is up.");
    expect(reported).toEqual([alerting.broken, alerting.broken]);
  });
});

describe("/targets/NAME", () => {
  it("says the state of each probe, and why it failed", async () => {
    const { alerting, ask } = world({
      ofTarget: async () => snapshot("cas-eu", "down"),
    });
    alerting.opened.push(
      { id: "2", target: "cas-eu", state: "down" as const, openedAt: NOW - 5 * MINUTE, causes: [] },
      {
        id: "1",
        target: "cas-eu",
        state: "down" as const,
        openedAt: NOW - 90 * MINUTE,
        closedAt: NOW - 80 * MINUTE,
        why: "recovered",
        causes: [],
      },
      { id: "0", target: "other", state: "down" as const, openedAt: 0, causes: [] },
    );
    const response = await ask("/targets/cas-eu", { headers: BEARER });
    const { text } = await page(response);
    expect(response.status).toBe(200);
    for (const words of [
      "cas-eu is down.",
      "ProbeNowweurenamhealthdownfailed 1 min agono run yet",
      "Failures since 2026-11-22 02:00:00 UTC",
      "health: no complete answer within the deadline, 3 times",
      "No alerts firing for this target.",
      "2026-11-22 02:55:00 UTC: ongoing for 5 min",
      "2026-11-22 01:30:00 UTC: lasted 10 min",
    ])
      expect(text).toContain(words);
    expect(text).not.toContain("1970");
  });

  it("says where the vantages run, and which of them elsewhere than asked", async () => {
    const { blocks } = snapshot("cas-eu", "up");
    const own = places(["weur", "FRA", "DE"], ["apac", "LAX", "US"], ["weur", "FRA", "DE"]);
    const { ask } = world({ ofTarget: async () => ({ ...own, blocks: [...blocks, ...own.blocks] }) });
    const { text } = await page(await ask("/targets/cas-eu", { headers: BEARER }));
    expect(text).toContain(
      "Where the vantages runapac: in LAX (US), not near apac as askedweur: in FRA (DE)Cloudflare has placed",
    );
    expect(text.split("in FRA")).toHaveLength(2);
  });

  it("says nothing of places that no prober has named", async () => {
    const { ask } = world({ ofTarget: async () => snapshot("cas-eu", "up") });
    const { text } = await page(await ask("/targets/cas-eu", { headers: BEARER }));
    expect(text).not.toContain("Where the vantages run");
  });

  it("says when a target is stale through the prober's own fault", async () => {
    const stale = snapshot("cas-eu", "down", "health", "weur", 1);
    const { ask } = world({ ofTarget: async () => stale });
    const { text } = await page(await ask("/targets/cas-eu", { headers: BEARER }));
    expect(text).toContain("cas-eu is down. Stale: the prober has produced no results for three intervals");
  });

  it("says where a target has not recovered for long enough", async () => {
    const { ask } = world({ ofTarget: async () => snapshot("cas-eu", "up") });
    const { text } = await page(await ask("/targets/cas-eu", { headers: BEARER }));
    expect(text).toContain(
      "cas-eu is up. The incident is still open: it closes after enough successful runs in a row.",
    );
  });

  it("warns of numbers that may be old", async () => {
    const { ask } = world({
      health: async () => [{ lastSlot: NOW - 60 * MINUTE }],
      ofTarget: async () => snapshot("a", "up"),
    });
    const { text } = await page(await ask("/targets/a", { headers: BEARER }));
    expect(text).toContain("The data below may be stale: The last tick was 3600 s ago");
  });

  it.each(["nope", "", "%00", "%", "a%2fb", "x".repeat(2_000)])(
    "of what nobody watches is not found: %j",
    async (name) => {
      const { ask } = world();
      const response = await ask(`/targets/${name}`, { headers: BEARER });
      expect(response.status).toBe(404);
      if (name !== "") expect((await page(response)).text).toContain("No data: the target is not in the configuration");
    },
  );

  it("of what a Monitor may watch that gave no answer is not known", async () => {
    const { ask } = world({ ofTarget: async () => undefined });
    expect((await ask("/targets/nope", { headers: BEARER })).status).toBe(503);
  });

  it("of a removed target still shows its incidents", async () => {
    const { alerting, ask } = world();
    alerting.opened.push({
      id: "0",
      target: "gone",
      state: "down" as const,
      openedAt: NOW - MINUTE,
      closedAt: NOW,
      why: "removed",
      causes: [],
    });
    const response = await ask("/targets/gone", { headers: BEARER });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([200, expect.stringContaining("until the target was removed")]);
  });
});

it("the Worker serves them over the real Alerter", async () => {
  const call = (path: string, init?: RequestInit): Promise<Response> =>
    exports.default.fetch(new Request(`${ORIGIN}${path}`, init));
  const admin = { authorization: "Bearer admin-token-of-the-tests", "content-type": "application/json" };
  const body = JSON.stringify({ labels: { target: "cas-eu" }, author: "ada" });
  const drill = await call("/watch.v1.AlertingService/StartDrill", { method: "POST", headers: admin, body });
  expect([drill.status, await drill.json()]).toMatchObject([200, { alert: { labels: { alertname: "ZakoDrill" } } }]);
  const form = new URLSearchParams({ ...TYPED, token: "admin-token-of-the-tests" });
  const made = await call("/silences/new", { method: "POST", body: form });
  expect((await page(made)).text).toContain("It matches 1 firing alert.");
  const { text } = await page(await call("/alerts", { headers: admin }));
  expect(text).toContain("ZakoDrill (info)");
  expect(text).toContain("It is moved.");
  const target = await call("/targets/cas-eu", { headers: admin });
  expect((await page(target)).text).toContain("ZakoDrill (info)");
});
