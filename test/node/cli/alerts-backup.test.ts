import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import { type BackedSilence, type Backup, isSameSilence } from "../../../functions/cli/alerting/backup-file.ts";
import type { Silence } from "../../../functions/model/alerting/silence.ts";
import { api, DOWN, MINUTE, NOW, notified, run, TOKEN, useApi } from "./alerting-world.ts";
import { startApi } from "./api-server.ts";

const folder = mkdtempSync(join(tmpdir(), "zako-watch-backup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILE = join(folder, "backup.json");

useApi();

const silence = (over: Partial<Silence> = {}): Silence => ({
  id: crypto.randomUUID(),
  matchers: [{ name: "target", op: "=", value: "cas-eu" }],
  startsAt: NOW - MINUTE,
  endsAt: NOW + 60 * MINUTE,
  author: "ada",
  reason: "a move",
  maintenance: false,
  ...over,
});

const put = (...all: Silence[]): void => {
  for (const one of all) api.alerting.stored.set(one.id, one);
};

/** What silences do, whatever their ids are and when one that is active began. */
const effects = (stored: Iterable<Silence>): string[] =>
  [...stored]
    .filter(({ endsAt, expiredAt }) => (expiredAt ?? endsAt) > NOW)
    .map(({ matchers, startsAt, endsAt, author, reason, maintenance }) =>
      JSON.stringify([matchers, Math.max(NOW, startsAt), endsAt, author, reason, maintenance]),
    )
    .toSorted();

/** Exports from the world's installation, forgets everything there, and imports it again. */
async function move(): Promise<{ before: string[]; after: string[] }> {
  const before = effects(api.alerting.stored.values());
  expect((await run(["alerts", "export", FILE])).code).toBe(0);
  api.alerting.stored.clear();
  expect((await run(["alerts", "import", FILE])).err).toBe("");
  return { before: [...new Set(before)], after: effects(api.alerting.stored.values()) };
}

describe("alerts export and import", () => {
  it("bring silences that are not over to an empty installation", async () => {
    put(
      silence(),
      silence({ startsAt: NOW + 5 * MINUTE, maintenance: true, reason: "rack 4" }),
      silence({ startsAt: NOW - 9 * MINUTE, endsAt: NOW - MINUTE }),
      silence({ expiredAt: NOW - MINUTE }),
    );
    expect((await run(["alerts", "export", FILE])).out).toBe(`${FILE}: 2 silences and 0 acknowledgements of URL`);
    api.alerting.stored.clear();
    const first = await run(["alerts", "import", FILE]);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toContain("silences: 2 added, 0 there already, 0 over since");
    expect([...api.alerting.stored.values()]).toMatchObject([
      { startsAt: NOW, endsAt: NOW + 60 * MINUTE, author: "ada", reason: "a move", maintenance: false },
      { startsAt: NOW + 5 * MINUTE, reason: "rack 4", maintenance: true },
    ]);
  });

  it("change nothing when they are repeated, also later", async () => {
    put(silence(), silence({ startsAt: NOW + 5 * MINUTE }));
    await run(["alerts", "export", FILE]);
    for (const later of [0, 1, 7]) {
      vi.setSystemTime(NOW + later * MINUTE);
      expect((await run(["alerts", "import", FILE])).out).toContain("silences: 0 added, 2 there already");
    }
    expect(api.alerting.stored.size).toBe(2);
    vi.setSystemTime(NOW + 61 * MINUTE);
    expect((await run(["alerts", "import", FILE])).out).toContain("silences: 0 added, 0 there already, 2 over since");
  });

  it("complete what was broken off", async () => {
    put(silence(), silence({ reason: "two" }), silence({ reason: "three" }));
    await run(["alerts", "export", FILE]);
    const [first] = api.alerting.stored.values();
    api.alerting.stored.clear();
    put(first as Silence);
    expect((await run(["alerts", "import", FILE])).out).toContain("silences: 2 added, 1 there already");
    expect(api.alerting.stored.size).toBe(3);
  });

  it("lose no silence, whatever its matchers, words and times are", async () => {
    const text = fc
      .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
      .filter((one) => one.trim() === one && /\S/.test(one));
    const matcher = fc.record({
      name: fc.constantFrom("target", "alertname", "probe"),
      op: fc.constantFrom("=" as const, "!=" as const),
      value: text,
    });
    const one = fc.record({
      matchers: fc
        .tuple(fc.record({ name: fc.constant("team"), op: fc.constant("=" as const), value: text }), matcher)
        .map((pair) => [...pair]),
      startsAt: fc.integer({ min: -100, max: 100 }).map((minutes) => NOW + minutes * MINUTE),
      endsAt: fc.integer({ min: 101, max: 5_000 }).map((minutes) => NOW + minutes * MINUTE),
      author: fc.constantFrom("ada", "bob"),
      reason: text,
      maintenance: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 6 }), async (all) => {
        api.alerting.stored.clear();
        put(...all.map((over) => silence(over)));
        const { before, after } = await move();
        expect(after).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it("tell silences apart by all that they say", () => {
    const base: BackedSilence = {
      matchers: ["a=1", "b=2"],
      startsAt: new Date(NOW).toISOString(),
      endsAt: new Date(NOW + MINUTE).toISOString(),
      author: "ada",
      reason: "x",
      maintenance: false,
    };
    const others: Partial<BackedSilence>[] = [
      { matchers: ["a=1"] },
      { startsAt: new Date(NOW + 1_000).toISOString() },
      { endsAt: new Date(NOW + 2 * MINUTE).toISOString() },
      { author: "bob" },
      { reason: "y" },
      { maintenance: true },
    ];
    for (const other of others) expect(isSameSilence(base, { ...base, ...other }, NOW)).toBe(false);
    expect(isSameSilence(base, { ...base, matchers: ["b=2", "a=1"] }, NOW)).toBe(true);
    expect(isSameSilence(base, { ...base, startsAt: new Date(NOW - MINUTE).toISOString() }, NOW)).toBe(true);
  });
});

describe("acknowledgements", () => {
  const acknowledged = () => {
    const alert = api.alerting.fire(DOWN, { startsAt: NOW - 5 * MINUTE });
    alert.acknowledgement = { by: "bob", comment: "on it", at: NOW - MINUTE };
    return alert;
  };

  it("come back with their author and comment, once", async () => {
    const alert = acknowledged();
    expect((await run(["alerts", "export", FILE])).out).toContain("1 acknowledgements");
    delete (alert as { acknowledgement?: unknown }).acknowledgement;
    expect((await run(["alerts", "import", FILE])).out).toContain("acknowledgements: 1 added");
    expect(alert.acknowledgement).toMatchObject({ by: "bob", comment: "on it" });
    expect((await run(["alerts", "import", FILE])).out).toContain("acknowledgements: 0 added, 1 there already");
  });

  it("of one outage say nothing about the next, unless somebody says so", async () => {
    acknowledged();
    await run(["alerts", "export", FILE]);
    api.alerting.kept.length = 0;
    expect((await run(["alerts", "import", FILE])).out).toContain("1 of alerts that do not fire now, 0 left out");
    const again = api.alerting.fire(DOWN, { startsAt: NOW - MINUTE });
    const left = await run(["alerts", "import", FILE]);
    expect(left.out).toContain("0 added, 0 there already, 0 of alerts that do not fire now, 1 left out");
    expect(left.err).toContain(`npm run cli -- ack ${again.fingerprint}`);
    expect(again.acknowledgement).toBeUndefined();
    expect((await run(["alerts", "import", FILE, "--any-start"])).out).toContain("acknowledgements: 1 added");
    expect(again.acknowledgement).toMatchObject({ by: "bob" });
  });

  it("go to another installation with the silences", async () => {
    put(silence());
    await run(["alerts", "export", FILE]);
    const other = await startApi(TOKEN, notified);
    try {
      const { out } = await run(["alerts", "import", FILE, "--url", other.url]);
      expect(out).toContain("silences: 1 added");
      expect(other.alerting.stored.size).toBe(1);
    } finally {
      await other.close();
    }
  });
});

describe("the file", () => {
  it("is read by its owner only", async () => {
    rmSync(FILE, { force: true });
    await run(["alerts", "export", FILE]);
    expect(statSync(FILE).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(FILE, "utf8")) as Backup).toMatchObject({ version: 1, silences: [] });
  });

  it.each([
    ["{", "this is not JSON"],
    ["{}", "version: "],
    ['{"version":2}', "version: "],
    [
      '{"version":1,"at":"2026-11-22T00:00:00Z","url":"u","silences":[{"matchers":[]}],"acknowledgements":[]}',
      "silences.0.matchers: ",
    ],
  ])("%s is refused with what is wrong", async (text, why) => {
    writeFileSync(FILE, text);
    const { code, err } = await run(["alerts", "import", FILE]);
    expect([code, err]).toEqual([1, expect.stringContaining(why)]);
    expect(api.alerting.calls).toBe(0);
  });

  it("has to be there", async () => {
    expect(await run(["alerts", "import", join(folder, "none.json")])).toMatchObject({
      code: 1,
      err: expect.stringContaining("file not found"),
    });
    expect((await run(["alerts", "export"])).code).toBe(2);
    expect((await run(["alerts", "import"])).code).toBe(2);
  });
});
