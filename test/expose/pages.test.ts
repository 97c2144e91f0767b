import { exports } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StandingAlert } from "../../functions/expose/alerting/alerting-port.ts";
import type { AppPorts } from "../../functions/expose/app.ts";
import { PROBE_FAMILIES } from "../../functions/model/core-families.ts";
import type { Family } from "../../functions/model/metric.ts";
import type { Snapshot } from "../../functions/model/snapshot.ts";
import { STATES } from "../../functions/model/verdict.ts";
import { silenceLink, targetLink } from "../../functions/notify/links.ts";
import { ADMIN, asking, ORIGIN, portsWith, READER } from "./api-world.ts";
import { hostileText, type PlainSeries, pack } from "./arbitrary.ts";
import { readHtml } from "./html.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);
const MINUTE = 60_000;
const BEARER = { authorization: `Bearer ${READER}` };

function world(over: Partial<AppPorts> = {}) {
  const alerting = new MemoryAlerting();
  alerting.now = () => NOW;
  const reported: unknown[] = [];
  const ask = asking(
    portsWith({
      alerting,
      now: () => NOW,
      health: async () => [{ lastSlot: NOW - MINUTE, since: 0 }],
      report: (error) => void reported.push(error),
      ...over,
    }),
  );
  const post = (path: string, fields: Record<string, string>): Promise<Response> =>
    ask(path, { method: "POST", body: new URLSearchParams(fields) });
  return { alerting, ask, post, reported };
}

const DOWN = { alertname: "ZakoTargetDown", severity: "critical", target: "cas-eu", pager: "edge" };

const down = (alerting: MemoryAlerting): StandingAlert =>
  alerting.fire(DOWN, {
    startsAt: NOW - 5 * MINUTE,
    annotations: {
      summary: "A Zako target is down.",
      description: "A critical probe of cas-eu fails.",
      reason: "timeout",
    },
    told: ["team"],
    held: [
      { receiver: "boss", why: "acknowledged by ada" },
      { receiver: "chat", why: "in the mute window night of its route", until: NOW + MINUTE, mute: "route window" },
    ],
    acknowledgement: { by: "ada", at: NOW - MINUTE, comment: "I look at it" },
  });

const page = async (response: Response): Promise<ReturnType<typeof readHtml>> => {
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'; base-uri 'none'; form-action '(self|none)'$/,
  );
  return readHtml(await response.text());
};

describe("/alerts and /targets", () => {
  const paths = ["/alerts", "/targets/cas-eu"];

  it.each(paths)("%s shows nothing to who has no token, and asks for it", async (path) => {
    const { alerting, ask, post } = world();
    down(alerting);
    const asks = [
      [await ask(path), ""],
      [await ask(path, { headers: { authorization: "Bearer nope" } }), "neither the value of METRICS_TOKEN nor"],
      [await post(path, { token: "nope" }), "neither the value of METRICS_TOKEN nor"],
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
        "For 5 min, since 2026-11-22 02:55:00 UTC.",
        "Acknowledged by ada: I look at it.",
        "Told: team.",
        "Not told now: boss: acknowledged by ada; chat: in the mute window night of its route, until 2026-11-22 03:01:00 UTC.",
      ])
        expect(text).toContain(words);
      const links = values.filter(([name]) => name === "href").map(([, value]) => value);
      expect(links).toContain("/runbooks/target-down");
      expect(links.map((link) => `${ORIGIN}${link}`)).toContain(silenceLink(ORIGIN, DOWN));
    }
  });

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
    alerting.opened.push({ id: "x", target: "cas-eu", openedAt: NOW - MINUTE, causes: [], acknowledgedBy: "ada" });
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

  it("say what is not known when the Alerter gives no answer", async () => {
    const { alerting, ask, reported } = world({
      metricsPublic: true,
      snapshots: async () => ({ shards: [snapshot("cas-eu", "up")], alerter: undefined }),
    });
    alerting.broken = new Error("https://user:pass@internal.example");
    const alerts = await ask("/alerts");
    expect([alerts.status, (await page(alerts)).text]).toEqual([503, expect.stringContaining("gave no answer")]);
    const target = await ask("/targets/cas-eu");
    const { text } = await page(target);
    expect([target.status, text]).toEqual([200, expect.stringContaining("so what fires is not known")]);
    expect(text).toContain("The target works.");
    expect(reported).toEqual([alerting.broken, alerting.broken]);
  });
});

function snapshot(target: string, state: (typeof STATES)[number], probe = "health", vantage = "weur"): Snapshot {
  const of = (name: string): Family => PROBE_FAMILIES.find((family) => family.name === name) as Family;
  const series: PlainSeries[] = [
    { family: of("zako_v1_target_state"), labels: {}, values: [STATES.indexOf(state)] },
    { family: of("zako_v1_target_incident_open"), labels: {}, values: [1] },
    { family: of("zako_v1_probe_state"), labels: { probe }, values: [STATES.indexOf(state)] },
    { family: of("zako_v1_probe_incident_open"), labels: { probe }, values: [1] },
    { family: of("zako_v1_probe_success"), labels: { probe, vantage }, values: [0] },
    { family: of("zako_v1_probe_success"), labels: { probe, vantage: "enam" }, values: [Number.NaN] },
    {
      family: of("zako_v1_probe_last_run_timestamp_seconds"),
      labels: { probe, vantage },
      values: [(NOW - MINUTE) / 1000],
    },
    {
      family: of("zako_v1_probe_failures_by_reason_total"),
      labels: { probe, vantage, reason: "timeout" },
      values: [2],
    },
    {
      family: of("zako_v1_probe_failures_by_reason_total"),
      labels: { probe, vantage: "enam", reason: "timeout" },
      values: [1],
    },
  ];
  return pack([{ target, series, exemplars: [], createdAt: NOW - 60 * MINUTE, createdLater: new Map() }], "v1");
}

describe("/targets/NAME", () => {
  it("says in words how each probe is, and why it failed", async () => {
    const { alerting, ask } = world({
      snapshots: async () => ({ shards: [undefined, snapshot("cas-eu", "down")], alerter: undefined }),
    });
    alerting.opened.push(
      { id: "2", target: "cas-eu", openedAt: NOW - 5 * MINUTE, causes: [] },
      {
        id: "1",
        target: "cas-eu",
        openedAt: NOW - 90 * MINUTE,
        closedAt: NOW - 80 * MINUTE,
        why: "recovered",
        causes: [],
      },
      { id: "0", target: "other", openedAt: 0, causes: [] },
    );
    const response = await ask("/targets/cas-eu", { headers: BEARER });
    const { text } = await page(response);
    expect(response.status).toBe(200);
    for (const words of [
      "The target is down.",
      "healthis downweur: failed 1 min agoenam: none yet",
      "Failures since 2026-11-22 02:00:00 UTC",
      "health: no complete answer within the deadline, 3 times",
      "Nothing fires for it.",
      "2026-11-22 02:55:00 UTC: goes on for 5 min",
      "2026-11-22 01:30:00 UTC: lasted 10 min",
    ])
      expect(text).toContain(words);
    expect(text).not.toContain("1970");
  });

  it("says where a target has not recovered for long enough", async () => {
    const { ask } = world({ snapshots: async () => ({ shards: [snapshot("cas-eu", "up")], alerter: undefined }) });
    const { text } = await page(await ask("/targets/cas-eu", { headers: BEARER }));
    expect(text).toContain("The target works. It was down, and has not recovered for long enough.");
  });

  it("warns of numbers that may be old", async () => {
    const { ask } = world({
      health: async () => [{ lastSlot: NOW - 60 * MINUTE }],
      snapshots: async () => ({ shards: [snapshot("a", "up")], alerter: undefined }),
    });
    const { text } = await page(await ask("/targets/a", { headers: BEARER }));
    expect(text).toContain("What is below may be old: The newest tick is 3600 s old");
  });

  it.each(["nope", "", "%00", "%", "a%2fb", "x".repeat(2_000)])(
    "of what nobody watches is not found: %j",
    async (name) => {
      const { ask } = world();
      const response = await ask(`/targets/${name}`, { headers: BEARER });
      expect(response.status).toBe(404);
      if (name !== "") expect((await page(response)).text).toContain("It is not watched now");
    },
  );

  it("of what a Monitor may watch that gave no answer is not known", async () => {
    const { ask } = world({ snapshots: async () => ({ shards: [undefined], alerter: undefined }) });
    expect((await ask("/targets/nope", { headers: BEARER })).status).toBe(503);
  });

  it("of a target that is gone still tells what there was", async () => {
    const { alerting, ask } = world();
    alerting.opened.push({
      id: "0",
      target: "gone",
      openedAt: NOW - MINUTE,
      closedAt: NOW,
      why: "removed",
      causes: [],
    });
    const response = await ask("/targets/gone", { headers: BEARER });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([200, expect.stringContaining("until it was not watched any more")]);
  });
});

const TYPED = {
  matchers: 'target="cas-eu"\r\nalertname=~"Zako.*"',
  duration: "4h",
  author: "ada",
  reason: "It is moved.\r\nSlowly.",
  maintenance: "on",
  token: ADMIN,
};

describe("/silences/new", () => {
  const path = "/silences/new";

  it("is filled in by a message's link, without a token", async () => {
    const { alerting, ask } = world();
    const link = silenceLink(ORIGIN, { alertname: 'A "b"', target: "cas-eu" }) as string;
    const response = await ask(`${link.slice(ORIGIN.length)}&author=ada&duration=1d`);
    const { areas, values, tags } = await page(response);
    expect([response.status, areas]).toEqual([200, ['alertname="A \\"b\\""\ntarget="cas-eu"', ""]]);
    expect(response.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(values).toContainEqual(["value", "ada"]);
    expect(tags.filter((tag) => tag === "option value selected")).toHaveLength(1);
    expect(alerting.calls).toBe(0);
  });

  it("silences what was typed, and shows it", async () => {
    const { alerting, post } = world();
    down(alerting);
    const response = await post(path, TYPED);
    const { text } = await page(response);
    const [silence] = [...alerting.stored.values()];
    expect(response.status).toBe(200);
    expect(silence).toEqual({
      id: expect.any(String),
      matchers: [
        { name: "target", op: "=", value: "cas-eu" },
        { name: "alertname", op: "=~", value: "Zako.*" },
      ],
      startsAt: NOW,
      endsAt: NOW + 240 * MINUTE,
      author: "ada",
      reason: "It is moved.\nSlowly.",
      maintenance: true,
    });
    for (const words of [
      "It mutes one alert that fires now.",
      "2026-11-22 07:00:00 UTC",
      `silence expire ${silence?.id}`,
    ])
      expect(text).toContain(words);
  });

  it("says when nothing that fires is matched", async () => {
    const { alerting, post } = world();
    const { maintenance: _, ...rest } = TYPED;
    expect((await page(await post(path, rest))).text).toContain("Nothing that fires now matches it.");
    expect([...alerting.stored.values()][0]?.maintenance).toBe(false);
  });

  it.each([
    [{ token: "nope" }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: READER }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: "" }, 401, "Admin token: It is empty."],
    [{ matchers: "target" }, 400, "Alerts to mute: Cannot read a matcher"],
    [{ matchers: "" }, 400, "Alerts to mute: There are none"],
    [{ duration: "5x" }, 400, 'For: "5x" is no duration.'],
    [{ duration: "0s" }, 400, "For: 2026-11-22 03:00:00 UTC has passed"],
    [{ author: "" }, 400, "Your name: It is empty."],
    [{ reason: " " }, 400, "Why: It is empty."],
  ])("keeps what was typed where %j is wrong", async (over, status, words) => {
    const { alerting, post } = world();
    const typed = { ...TYPED, ...over };
    const response = await post(path, typed);
    const { text, areas, values, tags } = await page(response);
    expect([response.status, text]).toEqual([status, expect.stringContaining(words)]);
    expect(areas).toEqual([typed.matchers, typed.reason]);
    const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
    expect(kept).toEqual(expect.arrayContaining([typed.author, typed.duration]));
    expect(tags).toContain("input type name checked");
    expect(JSON.stringify([text, values])).not.toContain(typed.token || "no token");
    expect(alerting.stored.size).toBe(0);
  });

  it("says everything that is wrong at once", async () => {
    const { text } = await page(await world().post(path, { matchers: "{" }));
    for (const field of ["Admin token: ", "Alerts to mute: ", "Your name: ", "Why: "]) expect(text).toContain(field);
  });

  it("is closed where the secret is not set, and says how to set it", async () => {
    const { post } = world({ adminToken: () => undefined });
    const response = await post(path, { ...TYPED, token: "undefined" });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([401, expect.stringContaining('"wrangler secret put ADMIN_TOKEN"')]);
  });

  it("loses nothing when the Alerter gives no answer", async () => {
    const { alerting, post, reported } = world();
    alerting.broken = new Error("gone");
    const response = await post(path, TYPED);
    const { text, areas } = await page(response);
    expect([response.status, areas]).toEqual([503, [TYPED.matchers, TYPED.reason]]);
    expect(text).toContain("this may have been done or not");
    expect(reported).toEqual([alerting.broken]);
  });

  it.each([
    ["application/json", "{}", 415],
    ["multipart/form-data; boundary=x", "--x--", 415],
    ["application/x-www-form-urlencoded", `reason=${"x".repeat(70_000)}`, 413],
  ])("reads no %s of %#", async (type, body, status) => {
    const response = await world().ask(path, { method: "POST", body, headers: { "content-type": type } });
    expect([response.status, await response.json()]).toEqual([status, { error: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  it.each(["PUT", "DELETE", "OPTIONS"])("does not answer %s", async (method) => {
    const response = await world().ask(path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });
});

describe("/alerts/acknowledge", () => {
  const path = "/alerts/acknowledge";
  const typed = { author: "bob", comment: "I look\r\ntoo", token: ADMIN };

  it("is linked beside what nobody has taken on, and takes it on", async () => {
    const { alerting, ask, post } = world({ local: true });
    const { fingerprint } = alerting.fire(DOWN);
    const { values } = await page(await ask("/alerts"));
    const link = values.find(([name, value]) => name === "href" && value.startsWith(path))?.[1] as string;
    const form = await page(await ask(link));
    expect(form.values).toContainEqual(["value", fingerprint]);
    const response = await post(path, { ...typed, fingerprint });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([200, expect.stringContaining("Acknowledged by bob")]);
    expect(alerting.kept[0]?.acknowledgement).toEqual({ by: "bob", at: NOW, comment: "I look\ntoo" });
    expect((await ask("/alerts").then(page)).values.some(([, value]) => value.startsWith(path))).toBe(false);
    expect((await page(await post(path, { ...typed, author: "eve", fingerprint }))).text).toContain("by bob");
  });

  it.each([
    [{ token: "nope" }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: READER }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ fingerprint: "<b>" }, 400, 'fingerprint: "<b>" is none.'],
    [{ author: " " }, 400, "author: It is empty."],
    [{ comment: "x".repeat(1_001) }, 400, "comment: "],
    [{ fingerprint: "0123456789abcdef" }, 404, "No alert 0123456789abcdef is known."],
    [{ fingerprint: "fedcba9876543210" }, 409, "it ended at 2026-11-22 02:59:00 UTC"],
  ])("keeps what was typed where %j is wrong", async (over, status, words) => {
    const { alerting, post } = world();
    const { fingerprint } = alerting.fire(DOWN);
    alerting.fire({ alertname: "ZakoProbeDown" }, { fingerprint: "fedcba9876543210", resolvedAt: NOW - MINUTE });
    const all = { ...typed, fingerprint, ...over };
    const response = await post(path, all);
    const { text, areas, values } = await page(response);
    expect([response.status, text]).toEqual([status, expect.stringContaining(words)]);
    expect(areas).toEqual([all.comment]);
    const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
    expect(kept).toEqual([all.fingerprint, all.author]);
    expect(alerting.kept.some(({ acknowledgement }) => acknowledgement !== undefined)).toBe(false);
  });

  it("loses nothing when the Alerter gives no answer", async () => {
    const { alerting, post, reported } = world();
    alerting.broken = new Error("gone");
    const response = await post(path, { ...typed, fingerprint: "0123456789abcdef" });
    expect([response.status, (await page(response)).areas]).toEqual([503, [typed.comment]]);
    expect(reported).toEqual([alerting.broken]);
  });
});

describe("nothing that others have said becomes markup", () => {
  /** A text with no meaning in HTML, in place of a hostile one. */
  const tame = "x";
  const anyText = fc.oneof(
    hostileText,
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "</textarea><b>",
      "'\" onfocus=x ",
      "&lt;",
    ),
  );

  it("on /alerts and /targets", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 14, maxLength: 14 }), async (texts) => {
        const show = async (of: (text: string) => string): Promise<string[][]> => {
          const [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = texts.map(of) as [string, ...string[]];
          const { alerting, ask } = world({
            snapshots: async () => ({ shards: [snapshot("cas-eu", "down", m, n)], alerter: undefined }),
          });
          alerting.fire(
            { alertname: `A${a}`, severity: `S${b}`, target: "cas-eu", probe: `p${c}` },
            {
              annotations: { summary: `s${d}`, description: `d${e}` },
              told: [`t${f}`],
              held: [{ receiver: `r${g}`, why: `w${h}` }],
              acknowledgement: { by: `b${i}`, at: NOW, comment: `c${j}` },
            },
          );
          const silence = { id: `i${k}`, author: `a${l}`, reason: `r${m}`, maintenance: false };
          alerting.stored.set("one", {
            ...silence,
            matchers: [{ name: "target", op: "=", value: `v${n}` }],
            startsAt: NOW - 1,
            endsAt: NOW + MINUTE,
          });
          alerting.opened.push({ id: "1", target: "cas-eu", openedAt: NOW, causes: [], acknowledgedBy: `x${a}` });
          const pages = [await ask("/alerts", { headers: BEARER }), await ask("/targets/cas-eu", { headers: BEARER })];
          return Promise.all(pages.map(async (one) => [...(await page(one)).tags].filter((tag) => tag !== "br")));
        };
        const longest = texts.some((text) => text.length > 1_000);
        const hostile = await show((text) => text);
        // A label that is too long for a link has none.
        if (!longest) expect(hostile).toEqual(await show(() => tame));
      }),
      { numRuns: 150 },
    );
  });

  it("on the form, which gives back what was typed", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, anyText, async (matchers, duration, author, reason) => {
        const { post, ask } = world();
        const typed = { matchers, duration: `${duration}x`, author, reason };
        const { areas, values, tags } = await page(await post("/silences/new", { ...typed, token: "nope" }));
        const wellFormed = (text: string): string => text.toWellFormed();
        expect(areas).toEqual([matchers, reason].map(wellFormed));
        const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
        expect(kept).toEqual(expect.arrayContaining([author, typed.duration].map(wellFormed)));
        expect(tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
        const query = new URLSearchParams(typed);
        const linked = await page(await ask(`/silences/new?${query}`));
        expect(linked.tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
        const other = { fingerprint: matchers, author, comment: reason };
        const taken = await page(await post("/alerts/acknowledge", { ...other, token: "nope" }));
        expect(taken.areas).toEqual([wellFormed(reason)]);
        expect(taken.values).toEqual(expect.arrayContaining([["value", wellFormed(matchers)]]));
        expect(taken.tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
      }),
      { numRuns: 150 },
    );
  });

  it("on the page of a silence that was made", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (value, author, reason) => {
        const { post, alerting } = world();
        const matchers = `target="${value
          .toWellFormed()
          .replace(/[\\"]/g, "\\$&")
          .replace(/[\r\n]/g, " ")}y"`;
        const response = await post("/silences/new", {
          ...TYPED,
          matchers,
          author: `a${author}`.slice(0, 90),
          reason: `r${reason}`.slice(0, 900),
        });
        const { tags } = await page(response);
        expect([response.status, alerting.stored.size]).toEqual([200, 1]);
        expect(tags.filter((tag) => tag === "tr")).toHaveLength(6);
      }),
      { numRuns: 150 },
    );
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
  expect((await page(made)).text).toContain("It mutes one alert that fires now.");
  const { text } = await page(await call("/alerts", { headers: admin }));
  expect(text).toContain("ZakoDrill (info)");
  expect(text).toContain("It is moved.");
  const target = await call("/targets/cas-eu", { headers: admin });
  expect((await page(target)).text).toContain("ZakoDrill (info)");
});
