import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BADGES } from "../../../functions/expose/status/badge.ts";
import { READER } from "../api/api-world.ts";
import { hostileText } from "../metrics/arbitrary.ts";
import { DAY, HOUR, MINUTE, NOW, present, statusWorld, targetsOf } from "./status-world.ts";

const OPEN = { metricsPublic: true };
const BEARER = { headers: { authorization: `Bearer ${READER}` } };
const PATHS = ["/status.json", "/incidents.atom", "/badges/cas-eu/state.svg"];

const opened = (target = "cas-eu", reason = "corrupt") => ({
  id: "x",
  target,
  state: "down" as const,
  openedAt: NOW - HOUR,
  closedAt: NOW - HOUR + 9 * MINUTE,
  why: "recovered" as const,
  causes: [
    {
      alertname: "A",
      severity: "critical",
      probe: "transport.download",
      summary: "private words",
      reason,
      at: NOW - HOUR,
    },
  ],
  acknowledgedBy: "ada",
});

/** Every path of keys in a value, without the numbers of lists. */
function keysOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${path}.${key}`, ...keysOf(inner, `${path}.${key}`)]);
}

/** Throws for what is not well-formed; there is no parser of XML in workerd. */
function readXml(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const body = xml.replace(/^<\?xml [^<>]*\?>/, "");
  for (const [, close, name = "", , self] of body.matchAll(/<(\/?)([a-zA-Z]+)((?: [a-zA-Z:-]+="[^"<>]*")*)(\/?)>/g)) {
    names.push(name);
    if (close === "/") expect(open.pop()).toBe(name);
    else if (self !== "/") open.push(name);
  }
  expect(open).toEqual([]);
  const rest = body.replaceAll(/<\/?[a-zA-Z]+(?: [a-zA-Z:-]+="[^"<>]*")*\/?>/g, "");
  expect(rest).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  return names;
}

describe("who may read the status as a program", () => {
  it.each(PATHS)("%s: nobody without a token, where nothing is public", async (path) => {
    const { ask } = statusWorld({});
    const response = await ask(path);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: expect.stringContaining("Authorization: Bearer") });
    expect((await ask(path, BEARER)).status).toBe(200);
  });

  it("strangers get public targets only, and learn nothing of others", async () => {
    const { alerting, ask } = statusWorld({ targets: targetsOf({ "cas-eu": {}, hidden: {} }, ["cas-eu"]) });
    alerting.opened.push(opened("hidden"), opened("cas-eu"));
    for (const path of PATHS) expect(await (await ask(path)).text()).not.toContain("hidden");
    const missing = await Promise.all(
      ["/badges/hidden/state.svg", "/badges/nothing/state.svg"].map((path) => ask(path)),
    );
    const [hidden, nothing] = await Promise.all(missing.map(async (one) => [one.status, await one.text()]));
    expect(hidden).toEqual(nothing);
    expect((await ask("/badges/hidden/state.svg", BEARER)).status).toBe(200);
  });
});

describe("status.json", () => {
  it("has these fields and no others", async () => {
    const { alerting, ask } = statusWorld(
      {
        page: { announcements: [{ title: "a", text: "b", startsAt: 1 }] },
        targets: targetsOf({ "cas-eu": { secret: "label" } }),
      },
      {
        ...OPEN,
        planned: {
          targets: targetsOf({ "cas-eu": {} }),
          windows: [
            {
              name: "w",
              matchers: [{ name: "target", op: "=", value: "cas-eu" }],
              interval: { name: "w", spans: [{ location: "UTC" }] },
              startsAt: NOW + HOUR,
              endsAt: NOW + DAY,
            },
          ],
        },
      },
    );
    alerting.opened.push(opened());
    const status: unknown = await (await ask("/status.json")).json();
    expect([...new Set(keysOf(status))].sort()).toEqual(
      [
        ...[
          "version",
          "title",
          "at",
          "status",
          "summary",
          "notes",
          "targets",
          "incidents",
          "maintenance",
          "announcements",
        ].map((key) => `.${key}`),
        ...["name", "group", "status", "summary", "uptime", "downSeconds", "latencySeconds", "days"].map(
          (key) => `.targets[].${key}`,
        ),
        ...["from", "days", "level", "downSeconds"].map((key) => `.targets[].days[].${key}`),
        ...["id", "target", "openedAt", "closedAt", "removed", "reason", "timeline"].map(
          (key) => `.incidents[].${key}`,
        ),
        ...["at", "text"].map((key) => `.incidents[].timeline[].${key}`),
        ...["name", "targets", "startsAt", "endsAt", "active"].map((key) => `.maintenance[].${key}`),
        ...["title", "text", "startsAt", "endsAt"].map((key) => `.announcements[].${key}`),
      ].sort(),
    );
    expect(status).toMatchObject({
      status: "up",
      summary: "cas-eu is up",
      targets: [{ name: "cas-eu", status: "up", downSeconds: 540, latencySeconds: 0.02 }],
      incidents: [
        { reason: "transport.download: content does not match its digest", closedAt: "2026-11-22T11:09:00.000Z" },
      ],
    });
  });

  it("has null for what is not known", async () => {
    const { ask } = statusWorld({ history: async () => ({ ok: false, failure: "timeout" }) }, OPEN);
    expect(await (await ask("/status.json")).json()).toMatchObject({
      targets: [{ uptime: null, downSeconds: null, latencySeconds: null, days: null }],
    });
  });
});

describe("the feed", () => {
  it("has an entry per incident, whose id stays", async () => {
    const { alerting, ask } = statusWorld({}, OPEN);
    const { closedAt: _, why: __, ...open } = opened();
    alerting.opened.push(open);
    const first = await (await ask("/incidents.atom")).text();
    expect(readXml(first).filter((name) => name === "entry")).toHaveLength(2);
    expect(first).toContain("<title>cas-eu down: transport.download: content does not match its digest</title>");
    expect(first).toContain(`<id>https://watch.example/incidents/cas-eu%40${NOW - HOUR}</id>`);
    const closed = statusWorld({}, OPEN);
    closed.alerting.opened.push(opened());
    const later = await (await closed.ask("/incidents.atom")).text();
    expect(later).toContain(`<id>https://watch.example/incidents/cas-eu%40${NOW - HOUR}</id>`);
    expect(later).toContain("recovered after 9 min");
    expect(later).toContain("<updated>2026-11-22T11:09:00.000Z</updated>");
  });

  it("is a feed without incidents, too", async () => {
    const response = await statusWorld({}, OPEN).ask("/incidents.atom");
    expect(response.headers.get("content-type")).toBe("application/atom+xml; charset=utf-8");
    expect(readXml(await response.text())).not.toContain("entry");
  });
});

describe("badges", () => {
  it.each([
    ["state", "cas-eu: down"],
    ["uptime", "uptime 90 d: 100 %"],
    ["latency", "response time: 20 ms"],
  ])("%s", async (kind, words) => {
    const { ask } = statusWorld({ present: async () => [present({ "cas-eu": "down" })] }, OPEN);
    const response = await ask(`/badges/cas-eu/${kind}.svg`);
    expect(response.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
    const svg = await response.text();
    readXml(svg);
    expect(svg).toContain(`<title>${words}</title>`);
  });

  it("of another kind or target are not there, and the answer says what there is", async () => {
    const { ask } = statusWorld({}, OPEN);
    for (const [path, words] of [
      ["/badges/cas-eu/x.svg", "state.svg, uptime.svg, latency.svg"],
      ["/badges/nothing/state.svg", "/status.json lists"],
    ] as const) {
      const response = await ask(path);
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining(words)]);
    }
  });
});

it("hostile texts are texts in the feed and on badges", async () => {
  const text = fc.oneof(hostileText, fc.constantFrom("]]><x>", '"/><script>', "\u0000\ufffe\ud800"));
  await fc.assert(
    fc.asyncProperty(text, text, async (a, b) => {
      const name = `n${a}`.slice(0, 200);
      const { alerting, ask } = statusWorld(
        { targets: targetsOf({ [name]: {} }), page: { title: `t${b}`, announcements: [] } },
        OPEN,
      );
      alerting.opened.push(opened(name, b));
      readXml(await (await ask("/incidents.atom")).text());
      for (const kind of BADGES) {
        const response = await ask(`/badges/${encodeURIComponent(name.toWellFormed())}/${kind}.svg`);
        if (response.status === 200) readXml(await response.text());
      }
      await (await ask("/status.json")).json();
    }),
    { numRuns: 80 },
  );
});
