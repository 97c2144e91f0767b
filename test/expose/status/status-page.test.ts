import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADMIN, READER } from "../api/api-world.ts";
import { hostileText } from "../metrics/arbitrary.ts";
import { DAY, HOUR, historyOf, MINUTE, NOW, present, readPage, statusWorld, TODAY, targetsOf } from "./status-world.ts";

const BEARER = { headers: { authorization: `Bearer ${READER}` } };
const incident = {
  id: "x",
  target: "cas-eu",
  state: "down" as const,
  openedAt: NOW - 2 * DAY,
  closedAt: NOW - 2 * DAY + 8 * MINUTE,
  why: "recovered" as const,
  causes: [
    {
      alertname: "ZakoTargetDown",
      severity: "critical",
      probe: "transport.download",
      summary: "https://secret.example said /var/lib is full",
      reason: "corrupt",
      at: NOW - 2 * DAY,
    },
  ],
  acknowledgedBy: "ada",
};

describe("who sees the status page", () => {
  it("without a token, only the public targets, and nothing of others", async () => {
    const targets = targetsOf({ "cas-eu": { team: "build" }, "cas-private": { team: "hidden-team" } }, ["cas-eu"]);
    const { alerting, ask } = statusWorld({ targets, page: { groupBy: "team", announcements: [] } });
    alerting.opened.push({ ...incident, target: "cas-private" });
    const response = await ask("/");
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("cas-eu is up");
    expect(html).not.toMatch(/private|hidden-team|\/targets\/|\/alerts/);
    const all = await readPage(await ask("/", BEARER));
    expect(all.text).toContain("All 2 targets are up");
    expect(all.values).toContainEqual(["href", "/targets/cas-private"]);
  });

  it("asks for the token where nothing is public, and says when it is wrong", async () => {
    const { ask } = statusWorld({});
    const closed = await ask("/");
    expect([closed.status, closed.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="zako-watch"']);
    expect(await closed.text()).not.toContain("cas-eu");
    const post = (token: string) => ask("/", { method: "POST", body: new URLSearchParams({ token }) });
    expect((await readPage(await post("nope"))).text).toContain("not the value of METRICS_TOKEN or");
    for (const token of [READER, ADMIN]) expect((await readPage(await post(token))).text).toContain("cas-eu is up");
  });

  it("a wrong token is said to be wrong, also where something is public", async () => {
    const { ask } = statusWorld({ targets: targetsOf({ "cas-eu": {} }, ["cas-eu"]) });
    expect((await ask("/", { headers: { authorization: "Bearer nope" } })).status).toBe(401);
  });

  it("no field beside those of the projection reaches the page, whoever reads it", async () => {
    const targets = targetsOf({ "cas-eu": { team: "build", secretlabel: "labelvalue" } }, ["cas-eu"]);
    const { alerting, ask } = statusWorld({ targets });
    alerting.opened.push(incident);
    alerting.fire({ alertname: "ZakoTargetDown", target: "cas-eu" }, { annotations: { summary: "alert text" } });
    alerting.stored.set("one", {
      id: "silence-id",
      matchers: [{ name: "target", op: "=", value: "cas-eu" }],
      startsAt: NOW - 1,
      endsAt: NOW + HOUR,
      author: "bob",
      reason: "a private reason",
      maintenance: true,
    });
    for (const path of ["/", "/status.json", "/incidents.atom", "/badges/cas-eu/state.svg"])
      for (const init of [undefined, BEARER]) {
        const text = await (await ask(path, init)).text();
        expect(text).not.toMatch(/secret\.example|var\/lib|ada|bob|private reason|labelvalue|alert text|silence-id/);
      }
    expect(await (await ask("/")).text()).toContain("transport.download: content does not match its digest");
  });
});

describe("what the status page says", () => {
  const say = async (status: Parameters<typeof statusWorld>[0], over: Parameters<typeof statusWorld>[1] = {}) =>
    (await readPage(await statusWorld(status, { metricsPublic: true, ...over }).ask("/"))).text;
  const pair = targetsOf({ "cas-eu": {}, "cas-us": {} });

  it.each([
    [{ "cas-eu": "up", "cas-us": "up" }, "All 2 targets are up"],
    [{ "cas-eu": "down", "cas-us": "up" }, "1 of 2 targets is down"],
    [{ "cas-eu": "down", "cas-us": "down" }, "All 2 targets are down"],
    [{ "cas-eu": "degraded", "cas-us": "up" }, "1 of 2 targets is degraded"],
    [{ "cas-eu": "regional", "cas-us": "degraded" }, "1 of 2 targets is failing from some places"],
    [{ "cas-eu": "unknown", "cas-us": "up" }, "1 of 2 targets is in an unknown state"],
  ] as const)("%j: %s", async (states, words) => {
    expect(await say({ targets: pair, present: async () => [present(states)] })).toContain(words);
  });

  it("targets of a Monitor that is gone are unknown, and others are not", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `cas-${i}`);
    const targets = targetsOf(Object.fromEntries(names.map((name) => [name, {}])));
    const { shardOf } = await import("../../../functions/model/probing/placement.ts");
    const ours = names.filter((name) => shardOf(name, 2) === 0);
    const text = await say({
      targets,
      present: async () => [present(Object.fromEntries(ours.map((name) => [name, "up" as const]))), undefined],
    });
    expect(text).toContain("1 of 2 probers did not answer.");
    expect(text.split("unknown: the prober that watches it does not answer")).toHaveLength(
      names.length - ours.length + 1,
    );
    expect(text.split("✓ up")).toHaveLength(ours.length + 1);
  });

  it("with D1 down the present is shown, and that history is missing", async () => {
    const text = await say({ history: async () => ({ ok: false, failure: "unreachable" }) });
    expect(text).toContain("cas-eu is up");
    expect(text).toContain("History is not available at the moment.");
    expect(text).toContain("No history");
  });

  it("with the Alerter down the present and the past are shown", async () => {
    const { alerting, ask, reported } = statusWorld(
      { history: async () => ({ ok: true, value: historyOf(["cas-eu"], 30, { incidents: [incident] }) }) },
      { metricsPublic: true },
    );
    alerting.broken = new Error("gone");
    const { text } = await readPage(await ask("/"));
    expect(text).toContain("Recent incidents are not available");
    expect(text).toContain("lasted 8 min");
    expect(reported).toHaveLength(1);
  });

  it("stale results are no state", async () => {
    const text = await say({ present: async () => [present({ "cas-eu": "up" }, { gaps: 1 })] });
    expect(text).toContain("unknown: results are stale; last known: up");
    expect(text).toContain("cas-eu is in an unknown state");
    const old = await say({}, { health: async () => [{ lastSlot: NOW - HOUR, since: 0 }] });
    expect(old).toContain("The states below are stale");
  });

  it("an open incident of a target that is up again is still said", async () => {
    expect(await say({ present: async () => [present({ "cas-eu": "up" }, { open: true })] })).toContain(
      "up; incident still open",
    );
  });

  it("planned work explains a state, and is listed before it begins", async () => {
    const at = (from: number, to: number, name: string) => ({
      name,
      matchers: [{ name: "target", op: "=", value: "cas-eu" } as const],
      interval: { name, spans: [{ location: "UTC" }] },
      startsAt: from,
      endsAt: to,
    });
    const windows = [at(NOW - HOUR, NOW + HOUR, "disks"), at(NOW + DAY, NOW + DAY + HOUR, "cables")];
    const text = await say(
      { present: async () => [present({ "cas-eu": "down" })] },
      { planned: { windows, targets: targetsOf({ "cas-eu": {} }) } },
    );
    expect(text).toContain("cas-eu is in maintenance");
    expect(text).toContain("in maintenance; down");
    expect(text).toContain("disks: under wayUntil 2026-11-22 13:00:00 UTC: cas-eu");
    expect(text).toContain("cables2026-11-23 12:00:00 UTC to 2026-11-23 13:00:00 UTC: cas-eu");
  });

  it("announcements are shown between their times", async () => {
    const one = (title: string, startsAt?: number, endsAt?: number) => ({
      title,
      text: "First.\n\nSecond.",
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
    });
    const announcements = [one("now"), one("Ended", 0, NOW), one("Later", NOW + 1), one("within", NOW, NOW + 1)];
    const text = await say({ page: { title: "Build caches", announcements } });
    expect(text).toContain("Build caches");
    expect(text).toContain("nowFirst.Second.");
    expect(text).toContain("withinFirst.Second.");
    expect(text).not.toMatch(/Ended|Later/);
  });

  it("incidents have a timeline in plain words, and bars their days", async () => {
    const { alerting, ask } = statusWorld({}, { metricsPublic: true });
    alerting.opened.push(incident);
    const page = await readPage(await ask("/"));
    expect(page.text).toContain("lasted 8 min, from 2026-11-20 12:00:00 UTC");
    expect(page.text).toContain("2026-11-20 12:08:00 UTC: recovered");
    expect(page.text).toContain("2026-11-20: 8 min down");
    const label = page.values.find(([name, value]) => name === "aria-label" && value.includes("uptime"));
    expect(label?.[1]).toBe("99.981 % uptime in 90 days. 2026-11-20: 8 min down.");
    expect(new Date(TODAY - 2 * DAY).toISOString()).toContain("2026-11-20");
  });

  it("search and state narrow the list, in groups by the label", async () => {
    const targets = targetsOf({ "cas-eu": { team: "build" }, "cas-us": { team: "docs" }, other: {} });
    const { ask } = statusWorld(
      {
        targets,
        page: { groupBy: "team", announcements: [] },
        present: async () => [present({ "cas-eu": "up", "cas-us": "down", other: "up" })],
      },
      { metricsPublic: true },
    );
    const rows = async (query: string): Promise<string[]> =>
      (await readPage(await ask(`/${query}`))).values.flatMap(([name, value]) => (name === "data-find" ? [value] : []));
    expect(await rows("")).toEqual(["other ", "cas-eu build", "cas-us docs"]);
    expect(await rows("?q=BUILD")).toEqual(["cas-eu build"]);
    expect(await rows("?q=cas&state=problem")).toEqual(["cas-us docs"]);
    expect(await rows("?state=down")).toEqual(["cas-us docs"]);
    expect(await rows("?q=nothing")).toEqual([]);
  });

  it("counts again only after five seconds, whoever asks", async () => {
    let asked = 0;
    let now = NOW;
    const { ask } = statusWorld(
      { present: async () => [present({ "cas-eu": ++asked > 0 ? "up" : "down" })] },
      { metricsPublic: true, now: () => now },
    );
    await ask("/");
    await ask("/?q=x");
    expect(asked).toBe(1);
    now += 5_000;
    await ask("/");
    expect(asked).toBe(2);
  });

  it("is compressed for who takes that, and small with 300 targets", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `cas-${i}`);
    const targets = targetsOf(Object.fromEntries(names.map((name, i) => [name, { team: `team-${i % 12}` }])));
    const incidents = names.slice(0, 60).map((target, i) => ({ ...incident, target, openedAt: NOW - i * DAY - HOUR }));
    const { ask } = statusWorld(
      {
        targets,
        page: { groupBy: "team", announcements: [] },
        history: async () => ({
          ok: true,
          value: historyOf(names, 80, {
            incidents: incidents.map((one) => ({ ...one, closedAt: one.openedAt + MINUTE * 7 })),
          }),
        }),
      },
      { metricsPublic: true },
    );
    const response = await ask("/", { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const bytes = await response.arrayBuffer();
    expect(bytes.byteLength).toBeLessThan(60_000);
    const text = await new Response(new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"))).text();
    expect(text.split('class="row"')).toHaveLength(301);
  });
});

describe("hostile texts", () => {
  it("are texts, in every place", async () => {
    const texts = fc.array(
      fc.oneof(hostileText, fc.constantFrom("<script>alert(1)</script>", '"><img src=x onerror=y>', "&lt;")),
      {
        minLength: 6,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const tagsOf = async (of: (text: string) => string): Promise<string[]> => {
          const [a, b, c, d, e, f] = given.map(of) as [string, string, string, string, string, string];
          const targets = targetsOf({ [`n${a}`]: { team: `g${b}` } });
          const { alerting, ask } = statusWorld(
            {
              targets,
              page: {
                title: `t${c}`,
                groupBy: "team",
                announcements: [{ title: `a${d}`, text: `x${e.replaceAll("\n", "")}` }],
              },
            },
            { metricsPublic: true },
          );
          const cause = { alertname: `A${f}`, severity: `s${f}`, probe: `p${f}`, summary: f, reason: f, at: NOW - DAY };
          alerting.opened.push({ ...incident, target: `n${a}`, causes: [cause] });
          const page = await readPage(await ask(`/?q=${encodeURIComponent(f.slice(0, 0))}`));
          return [...page.tags];
        };
        expect(await tagsOf((text) => text)).toEqual(await tagsOf(() => "tame"));
      }),
      { numRuns: 60 },
    );
  });

  it("of a query are given back as they came", async () => {
    const { ask } = statusWorld({ targets: targetsOf({ a: {}, b: {} }) }, { metricsPublic: true });
    const typed = '"><script>alert(1)</script>&amp;';
    const page = await readPage(await ask(`/?q=${encodeURIComponent(typed)}&state=${encodeURIComponent(typed)}`));
    expect(page.values).toContainEqual(["value", typed]);
    expect(page.tags.filter((tag) => tag === "script")).toHaveLength(1);
  });
});
