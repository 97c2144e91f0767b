import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../../functions/cli/config/load-config.ts";
import { type Push, type PushLog, pushLog } from "../../../../functions/cli/config/push-log.ts";
import { pushTo } from "../../../../functions/cli/config/push-to.ts";
import { type OverrideStore, type Place, wranglerKv } from "../../../../functions/cli/config/wrangler-kv.ts";
import { dispatch } from "../../../../functions/cli/dispatch.ts";
import { judgeOverride, parseOverride } from "../../../../functions/config/override.ts";
import { SAMPLE_KINDS } from "../../config/sample-kinds.ts";

const TARGET = "{ name: cas-eu, cas: https://cas.eu.example }";
const BASE = `targets: [${TARGET}]\n`;
const NOW = Date.UTC(2026, 10, 22);

let folder: string;
let stored: string | undefined;
let places: Place[];
let broken: { get?: string; put?: string; log?: string };
let pushes: Push[];
let now: number;
/** Runs before the nth call of the store or the log, once. */
let between: { call: number; run: () => void } | undefined;
let calls: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zako-watch-"));
  stored = undefined;
  places = [];
  broken = {};
  pushes = [];
  now = NOW;
  between = undefined;
  calls = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

function step<T>(answer: () => T): T {
  if (calls++ === between?.call) {
    const { run } = between;
    between = undefined;
    run();
  }
  return answer();
}

const store: OverrideStore = {
  get: () => step(() => (broken.get === undefined ? { ok: true, value: stored } : { ok: false, said: broken.get })),
  put: (text) =>
    step(() => {
      if (broken.put !== undefined) return { ok: false, said: broken.put };
      stored = text;
      return { ok: true, value: undefined };
    }),
};

const log: PushLog = {
  last: () =>
    step(() => (broken.log === undefined ? { ok: true, value: pushes.at(-1) } : { ok: false, said: broken.log })),
  claim: (push, after) =>
    step(() => {
      if (broken.log !== undefined) return { ok: false, said: broken.log };
      const last = pushes.at(-1);
      if (last?.at !== after?.at) return { ok: true, value: last };
      pushes.push(push);
      return { ok: true, value: undefined };
    }),
};

/** Runs `config push` with what follows it. */
function push(...args: string[]): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const command = pushTo(
    (place) => {
      places.push(place);
      return { store, log };
    },
    () => now,
  );
  const code = dispatch(["config", "push", ...args], [command], {
    kinds: SAMPLE_KINDS,
    env: { WATCH_CONFIG: file("watch.yaml", BASE), USER: "ada" },
    print: (text) => out.push(text),
    complain: (text) => err.push(text.replaceAll(`${folder}/`, "")),
  }) as number;
  return { code, out: out.join("\n").replaceAll(`${folder}/`, ""), err: err.join("\n") };
}

const deployed = () => {
  const loaded = loadConfig(file("watch.yaml", BASE), SAMPLE_KINDS, { local: false });
  if (!loaded.ok) throw new Error(loaded.errors.join("\n"));
  return loaded.config;
};

const NEXT = "targets: [{ name: cas-eu, cas: https://cas.eu.example, probes: { health: { interval: 2m } } }]\n";

describe("config push", () => {
  it("writes what the Worker takes over, and says so", () => {
    const { code, out, err } = push(file("next.yaml", NEXT));
    expect([code, err, places]).toEqual([0, "", [{ remote: true }]]);
    expect(out).toMatch(/^pushed [0-9a-f]{16} over [0-9a-f]{16} \(watch\.yaml\); within two minutes /);
    expect(judgeOverride(stored ?? "", deployed(), SAMPLE_KINDS, () => false)).toMatchObject({
      ok: true,
      at: NOW,
      config: { targets: [{ probes: expect.arrayContaining([expect.objectContaining({ intervalMs: 120_000 })]) }] },
    });
  });

  it("is always newer than what is there, whoever's clock is ahead", () => {
    const next = file("next.yaml", NEXT);
    push(next);
    push(next);
    push(next);
    expect(parseOverride(stored ?? "")?.at).toBe(NOW + 2);
    stored = "what somebody wrote by hand";
    now = NOW + 120_000;
    push(next);
    expect(parseOverride(stored)?.at).toBe(NOW + 120_000);
  });

  it("--clear takes it back with a newer word, since an absence could be a stale read", () => {
    push(file("next.yaml", NEXT));
    const { code, out } = push("--clear");
    expect([code, out]).toEqual([0, expect.stringMatching(/^removed the override of [0-9a-f]{16} \(watch\.yaml\)/)]);
    expect(judgeOverride(stored ?? "", deployed(), SAMPLE_KINDS, () => false)).toEqual({ ok: true, at: NOW + 1 });
  });

  it("passes warnings on", () => {
    const { code, err } = push(
      file(
        "next.yaml",
        `${NEXT.trimEnd().slice(0, -1)}, { name: off, cas: https://off.example, probes: { health: false, cas.details: false, transport.upload: false } }]`,
      ),
    );
    expect([code, err]).toEqual([0, expect.stringContaining("warning: next.yaml:1:")]);
  });

  it.each([
    ["an error of the file", "targets: []\n", "next.yaml:1:1: targets: has no targets; give at least one"],
    [
      "another installation",
      `installation: other\n${NEXT}`,
      "`installation` differs from watch.yaml, and only a deployment can change it; revert it, or deploy",
    ],
    ["public metrics", `metrics: { public: true }\n${NEXT}`, "`metrics` differs from watch.yaml"],
    [
      "nothing new",
      `# the same\n${BASE}`,
      "next.yaml: compiles to the same configuration as watch.yaml, so there is nothing to override (--clear removes an override)",
    ],
    [
      "a secret on a new way",
      NEXT.replace("probes", "auth: { header: x-secret, secret: ZAKO_TOKEN }, probes"),
      "target cas-eu sends its secret, or the token of its CAS, where no target of watch.yaml does",
    ],
    ["loopback", "targets: [{ name: a, cas: http://127.0.0.1:9000 }]\n", "is not encrypted; use https"],
  ])("refuses %s, and writes nothing", (_, text, message) => {
    const { code, out, err } = push(file("next.yaml", text));
    expect([code, out, stored]).toEqual([1, "", undefined]);
    expect(err).toContain(message);
  });

  it("says every mistake of both files", () => {
    const { code, err } = push(file("next.yaml", "targets: []\n"), "--base", file("base.yaml", "targets: 1\n"));
    expect([code, err.split("\n").length, places]).toEqual([1, 2, []]);
  });

  it("reaches a local run, where local targets are allowed", () => {
    const base = file("base.yaml", "targets: [{ name: a, cas: http://127.0.0.1:9000 }]\n");
    const next = file("next.yaml", "targets: [{ name: b, cas: http://127.0.0.1:9000 }]\n");
    expect(push(next, "--base", base, "--local").code).toBe(0);
    expect(push("--clear", "--base", base, "--local", "--persist-to", "somewhere").code).toBe(0);
    expect(places).toEqual([
      { remote: false, state: ".wrangler/start-8787" },
      { remote: false, state: "somewhere" },
    ]);
  });

  it("says what wrangler said, and what to do", () => {
    broken.get = "You are not logged in.";
    expect(push(file("next.yaml", NEXT))).toMatchObject({
      code: 1,
      err: "You are not logged in.\nCannot read the override in KV; the Worker must have been deployed (`npm run deploy` makes its namespace), and wrangler must be logged in; CLOUDFLARE_ENV names an environment",
    });
    broken = { put: "No space left." };
    expect(push("--clear", "--local").err).toMatch(/^No space left\.\nCannot write to KV; nothing was pushed\. /);
    expect(stored).toBeUndefined();
  });

  it("says whose override it replaces", () => {
    push(file("next.yaml", NEXT));
    now = NOW + 5 * 60_000;
    const { out } = push("--clear", "--author", " bob\u0007 ");
    expect(out).toMatch(/; it replaces what ada pushed at 2026-11-22 00:00:00 UTC \(5 min ago\)$/);
    expect(pushes).toEqual([
      { at: NOW, author: "ada" },
      { at: now, author: "bob" },
    ]);
  });

  // The four calls of a push are: last, get, claim, put.
  it.each([1, 2, 3])("two at once: one wins, the other hears whose won and when (before call %d)", (call) => {
    const mine = file("next.yaml", NEXT);
    const others = file("other.yaml", NEXT.replace("2m", "4m"));
    let other: ReturnType<typeof push> | undefined;
    between = {
      call,
      run: () => {
        other = push(others, "--author", "bob");
      },
    };
    const me = push(mine);
    const winners = [me, other].filter((one) => one?.code === 0);
    const losers = [me, other].filter((one) => one?.code === 1);
    expect([winners.length, losers.length]).toEqual([1, 1]);
    const isMine = winners[0] === me;
    const when = "2026-11-22 00:00:00 UTC";
    expect(losers[0]?.err).toContain(`${isMine ? "ada" : "bob"} pushed at ${when}`);
    expect(losers[0]?.err).toContain("Nothing was pushed");
    expect(parseOverride(stored ?? "")).toMatchObject({ at: pushes.at(-1)?.at });
    expect(JSON.stringify(parseOverride(stored ?? "")?.document)).toContain(isMine ? "2m" : "4m");
    expect(pushes).toHaveLength(1);
  });

  it("does not wait for ever for a push that never reached KV", () => {
    const next = file("next.yaml", NEXT);
    broken.put = "No space left.";
    expect(push(next).code).toBe(1);
    broken = {};
    now = NOW + 30_000;
    expect(push(next)).toMatchObject({ code: 1, err: expect.stringContaining("try again in a minute") });
    now = NOW + 61_000;
    expect(push(next).code).toBe(0);
  });

  it("works without D1, and says what that costs", () => {
    broken.log = "no such table: config_push";
    const { code, err } = push(file("next.yaml", NEXT));
    expect([code, stored === undefined]).toEqual([0, false]);
    expect(err).toBe(
      "no such table: config_push\nwarning: cannot ask D1 whether somebody else pushes now, so one of two pushes at once may be lost; `npx wrangler d1 migrations apply DB --remote` brings the table",
    );
  });

  it.each([
    [[], "no file given; give one, or --clear"],
    [["a", "b"], "2 files given; give one"],
    [["--clear", "a"], "--clear takes no file"],
    [["a", "--local", "--remote"], "--local and --remote exclude each other"],
    [["a", "--persist-to", "b"], "--persist-to needs --local"],
    [["a", "--nonsense"], "Unknown option '--nonsense'"],
  ])("%j is called wrongly", (args, message) => {
    const { code, err } = push(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(`config push: ${message}`)]);
    expect(err).toContain("usage: npm run cli -- config push FILE|--clear");
  });
});

it("wrangler keeps what was put, and tells none from some", () => {
  const kv = wranglerKv({ remote: false, state: join(folder, "state") });
  expect(kv.get()).toEqual({ ok: true, value: undefined });
  const text = JSON.stringify({ words: 'ü "\n', blank: "" });
  expect(kv.put(text)).toEqual({ ok: true, value: undefined });
  expect(kv.get()).toMatchObject({ ok: true });
  const got = kv.get();
  expect(got.ok && JSON.parse(got.value ?? "")).toEqual(JSON.parse(text));
});

it("D1 takes a push only after the one that it was made after", () => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(":memory:");
  database.exec(readFileSync("schemas/migrations/0003_config_push.sql", "utf8"));
  const log = pushLog((statements) => ({ ok: true, value: statements.map((sql) => database.prepare(sql).all()) }));
  expect(log.last()).toEqual({ ok: true, value: undefined });
  const [ada, bob] = [
    { at: 5, author: "ada o'x" },
    { at: 6, author: "bob" },
  ];
  expect(log.claim(ada, undefined)).toEqual({ ok: true, value: undefined });
  expect(log.claim(bob, undefined)).toEqual({ ok: true, value: ada });
  expect(log.last()).toEqual({ ok: true, value: ada });
  expect(log.claim(bob, ada)).toEqual({ ok: true, value: undefined });
  expect(log.last()).toEqual({ ok: true, value: bob });
});
