import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PageKey, readPage, takePage } from "../../../functions/expose/api/take-page.ts";
import { ADMIN, asking, clients, portsWith, WAYS } from "./api-world.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

interface Item {
  at: number;
  id: string;
}
const keyOf = ({ at, id }: Item): PageKey => [-at, id];
const FILTERS = ["items", "cas-eu"];
const cursorOf = (pageSize: number, pageToken: string) => {
  const read = readPage({ pageSize, pageToken }, FILTERS, 5);
  if (!read.ok) throw new Error(JSON.stringify(read.issues));
  return read.value;
};

const anyItems = fc.uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 9 }), id: fc.string({ maxLength: 3 }) }), {
  maxLength: 40,
  selector: ({ at, id }) => `${at} ${id}`,
});

it("whatever comes and goes between pages, what stays is listed once, in order", () =>
  fc.assert(
    fc.property(anyItems, anyItems, fc.integer({ min: 1, max: 7 }), fc.nat(), (stay, others, size, seed) => {
      const staying = new Set(stay.map((item) => JSON.stringify(keyOf(item))));
      const passing = others.filter((item) => !staying.has(JSON.stringify(keyOf(item))));
      const listed: Item[] = [];
      let token = "";
      let round = 0;
      do {
        const there = passing.filter((_, i) => ((seed + i * 7 + round * 13) & 3) < 2);
        const page = takePage([...there, ...stay], cursorOf(size, token), keyOf);
        expect(page.items.length).toBeLessThanOrEqual(size);
        listed.push(...page.items);
        token = page.nextPageToken;
        round++;
      } while (token !== "");
      const keys = listed.map((item) => JSON.stringify(keyOf(item)));
      expect(new Set(keys).size).toBe(keys.length);
      expect([...staying].filter((key) => !keys.includes(key))).toEqual([]);
      for (const [i, item] of listed.entries()) {
        const before = listed[i - 1];
        if (before !== undefined)
          expect(before.at > item.at || (before.at === item.at && before.id < item.id)).toBe(true);
      }
    }),
  ));

it("a page is bounded, whatever is asked", () => {
  const items = Array.from({ length: 3_000 }, (_, i) => ({ at: i, id: "x" }));
  const sizeOf = (asked: number): number => takePage(items, cursorOf(asked, ""), keyOf).items.length;
  expect([0, 1, 7, 1_000, 1_001, 2 ** 31 - 1].map(sizeOf)).toEqual([100, 1, 7, 1_000, 1_000, 1_000]);
  expect(readPage({ pageSize: -1, pageToken: "" }, FILTERS, 0)).toEqual({
    ok: false,
    issues: [{ field: "page_size", problem: "It is -1. Give 1 to 1000, or 0 for 100." }],
  });
});

it("a token of another list, or of none, is refused", () => {
  const items = [1, 2, 3].map((at) => ({ at, id: "x" }));
  const { nextPageToken } = takePage(items, cursorOf(1, ""), keyOf);
  expect(readPage({ pageSize: 1, pageToken: nextPageToken }, ["items", "other"], 0)).toMatchObject({ ok: false });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(btoaOf)), (pageToken) => {
      fc.pre(pageToken !== "");
      const read = readPage({ pageSize: 1, pageToken }, FILTERS, 0);
      expect(read).toEqual({
        ok: false,
        issues: [{ field: "page_token", problem: expect.stringMatching(/^It is not/) }],
      });
    }),
  );
});

const btoaOf = (text: string): string => btoa(unescape(encodeURIComponent(text)));

describe.each(WAYS)("over %s", (way) => {
  const alerting = new MemoryAlerting();
  const NOW = 1_000_000_000;
  alerting.now = () => NOW;
  const names = Array.from({ length: 7 }, (_, i) => `t${i}`);
  for (const [i, target] of names.entries()) {
    alerting.fire({ alertname: "ZakoTargetDown", severity: "critical", target }, { startsAt: NOW - 1_000 * (i >> 1) });
    const opened = { openedAt: NOW - 1_000 * (i >> 1), causes: [] };
    alerting.opened.push({ id: `i${i}`, target, state: "down", ...opened });
    alerting.stored.set(`s${i}`, {
      id: `s${i}`,
      matchers: [{ name: "target", op: "=", value: target }],
      startsAt: i % 3 === 0 ? NOW + 500 : 0,
      endsAt: NOW + 1_000 * (1 + (i >> 1)),
      author: "ada",
      reason: "It is moved.",
      maintenance: false,
    });
    alerting.dead.push({
      id: `d${i}`,
      receiver: "team",
      channel: "slack",
      groupKey: "g",
      status: "firing",
      reason: "new",
      critical: true,
      alerts: 1,
      names: [],
      createdAt: i >> 1,
      at: NOW,
      tries: 1,
      failure: "gone",
      why: "it answered 410",
    } as never);
  }
  const ask = asking(
    portsWith({
      alerting,
      now: () => NOW,
      adminToken: () => ADMIN,
      watchedSince: async () => new Map(names.map((target) => [target, 0])),
    }),
  );
  const { alerting: api, silences } = clients(ask, way);
  type Asked = { pageSize?: number; pageToken?: string };
  it.each([
    ["alerts", async (p: Asked) => page(await api.listAlerts(p), (a) => a.alerts.map((x) => x.labels["target"]))],
    ["incidents", async (p: Asked) => page(await api.listIncidents(p), (a) => a.incidents.map((x) => x.target))],
    ["uptimes", async (p: Asked) => page(await api.listUptimes(p), (a) => a.uptimes.map((x) => x.target))],
    ["letters", async (p: Asked) => page(await api.listDeadLetters(p), (a) => a.deadLetters.map((x) => x.messageId))],
    ["silences", async (p: Asked) => page(await silences.listSilences(p), (a) => a.silences.map((x) => x.id))],
  ])("%s come in pages that together are the whole list", async (_, list) => {
    const whole = await list({});
    expect([whole.items.length, whole.next]).toEqual([7, ""]);
    for (const pageSize of [1, 2, 3, 7]) {
      const joined: unknown[] = [];
      let pageToken = "";
      do {
        const { items, next } = await list({ pageSize, pageToken });
        expect(items.length).toBeLessThanOrEqual(pageSize);
        joined.push(...items);
        pageToken = next;
      } while (pageToken !== "");
      expect(joined).toEqual(whole.items);
    }
    await expect(list({ pageToken: "nope" })).rejects.toThrow(/page_token: It is not a token of this list/);
    await expect(list({ pageSize: -5 })).rejects.toThrow(/page_size: It is -5/);
  });
});

const page = <A extends { nextPageToken: string }>(answer: A, itemsOf: (answer: A) => unknown[]) => ({
  items: itemsOf(answer),
  next: answer.nextPageToken,
});
