import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dispatch } from "../../../../functions/cli/dispatch.ts";
import { backtestWith } from "../../../../functions/cli/rules/backtest-with.ts";
import { rules } from "../../../../functions/cli/rules/rules.ts";
import { rulesBacktest } from "../../../../functions/cli/rules/rules-backtest.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { configOf, exported, type Fate, live, MINUTE, START, shipped } from "../backtest-world.ts";

const withProbes = (probes: string): string => `defaults: { probes: { ${probes} } }
targets:
  - { name: cas-eu, cas: https://cas.eu.example }
  - { name: cas-us, cas: https://cas.us.example }
`;
/** Turns off every kind that is on by default, but for some. */
const only = (...kept: string[]): string =>
  PROBE_KINDS.filter(({ kind, defaults }) => defaults.enabled && !kept.includes(kind))
    .map(({ kind }) => `${kind}: false`)
    .join(", ");
const FEW = only("health", "cas.details");
const PRESENT = withProbes(`${FEW}, health: { degraded_after: 2s }`);
const PATIENT = withProbes(`${FEW}, health: { degraded_after: 4s, thresholds: { failures: 8, out_of: 8 } }`);
const EAGER = withProbes(`${FEW}, health: { degraded_after: 500ms }`);
/** It watches only what nothing has happened to. */
const BLIND = `targets: [{ name: cas-us, cas: https://cas.us.example, probes: { ${FEW} } }]\n`;
const SLOWER = `${withProbes(`${only("health", "cas.details", "cas.negotiate", "transport.journey")}, health: { interval: 5m }`)}
  - { name: cas-new, cas: https://cas.new.example }
`;
const SPAN = ["--since", "2026-11-20T00:00Z", "--until", "2026-11-20T06:00Z"];

/** Out of order for five minutes, then for half an hour; slow for half an hour; and a quarter of an hour that nobody saw. */
const fate: Fate = ({ target, probe, slot }) => {
  const minute = (slot - START) / MINUTE;
  if (target !== "cas-eu" || probe !== "health") return undefined;
  if ((minute >= 60 && minute < 65) || (minute >= 120 && minute < 150)) return { outcome: "failed", durationMs: 9_000 };
  return minute >= 200 && minute < 230 ? { durationMs: 1_500 } : undefined;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zako-watch-"));
  const life = live(configOf(PRESENT), 360, fate, (minute) => minute >= 300 && minute < 315);
  const database = shipped(life, join(folder, "history.db"));
  const incident = database.prepare("INSERT INTO incident VALUES (?, ?, ?, ?, 'recovered', NULL, '[]')");
  for (const [opened, closed] of [
    [60, 68],
    [120, 153],
  ] as const)
    incident.run("cas-eu", START / 1000 + opened * 60, START + opened * MINUTE, START / 1000 + closed * 60);
  database.close();
  writeFileSync(join(folder, "export.sql"), exported(join(folder, "history.db")));
  const texts = { watch: PRESENT, patient: PATIENT, eager: EAGER, blind: BLIND, slower: SLOWER };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.yaml`), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `rules backtest`; names of files are those in the folder. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const paths = args.map((arg) => (/\.(yaml|db|sql)$/.test(arg) ? join(folder, arg) : arg));
  const code = await dispatch(["rules", "backtest", ...paths], [rulesBacktest, rules], {
    kinds: PROBE_KINDS,
    env: { WATCH_CONFIG: join(folder, "watch.yaml") },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  const shown = (lines: string[]): string => lines.join("\n").replaceAll(`${folder}/`, "");
  return { code, out: shown(out), err: shown(err) };
}

const HISTORY = ["--database", "history.db"];
const json = async (...args: string[]) => JSON.parse((await run(...args, ...SPAN, ...HISTORY, "--json")).out);

/** The part of an output that a heading begins, up to the next empty line. */
const part = (out: string, heading: string): string[] =>
  out
    .split("\n\n")
    .find((text) => text.startsWith(heading))
    ?.split("\n") ?? [];

describe("rules backtest", () => {
  it("says which alerts more patient thresholds would have missed, as text", async () => {
    const { code, out, err } = await run("patient.yaml", ...SPAN, ...HISTORY);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n\nrules that cannot be evaluated from history:")[0]).toBe(
      [
        "patient.yaml against watch.yaml, 2026-11-20 00:00 to 2026-11-20 06:00 UTC: 2 targets, 830 samples, 15 slots missed",
        "",
        "patient.yaml would have raised 4 alerts (2 critical), watch.yaml 5 alerts (2 critical)",
        "  new: 1 alert (1 critical) that only patient.yaml raises",
        "  missed: 2 alerts (1 critical) that only watch.yaml raises",
        "  recorded incidents: 2; patient.yaml would not have paged for 0",
        "",
        "alerts of patient.yaml:",
        "  pending           fired             resolved          lasted  severity  notified  value    alert                           difference",
        // No incident opens, so the budget pays for the failures, and somebody hears of it.
        "  2026-11-20 01:05  2026-11-20 01:07  2026-11-20 01:35  28m     critical  none      0.08219  ZakoErrorBudgetBurnFast cas-eu  new",
        "  2026-11-20 02:06  2026-11-20 02:06  2026-11-20 02:32  26m     critical  none      1        ZakoTargetDown cas-eu           fires 6m later",
        "  2026-11-20 02:06  2026-11-20 02:06  2026-11-20 02:32  26m     warning   none      1        ZakoProbeDown cas-eu health     fires 6m later",
        "  2026-11-20 02:06  2026-11-20 02:21  still firing      3h38m   warning   none      0.1676   ZakoErrorBudgetBurnSlow cas-eu  fires 4m later",
        "",
        "missed: alerts of watch.yaml only:",
        "  pending           fired             resolved          lasted  severity  notified  value  alert",
        "  2026-11-20 01:00  2026-11-20 01:00  2026-11-20 01:07  7m      critical  none      1      ZakoTargetDown cas-eu",
        "  2026-11-20 01:00  2026-11-20 01:00  2026-11-20 01:07  7m      warning   none      1      ZakoProbeDown cas-eu health",
        "",
        "recorded incidents:",
        "  cas-eu  2026-11-20 01:00  8m   paged by ZakoErrorBudgetBurnFast (critical) at 2026-11-20 01:07",
        "  cas-eu  2026-11-20 02:00  33m  paged by ZakoTargetDown (critical) at 2026-11-20 02:06",
        "",
        "alerts by rule:",
        "  rule                     new  present",
        "  ZakoErrorBudgetBurnFast  1    0",
        "  ZakoErrorBudgetBurnSlow  1    1",
        "  ZakoProbeDown            1    2",
        "  ZakoTargetDown           1    2",
        "  no alerts from: ZakoTargetRegional, ZakoTargetDegraded, ZakoTargetUnknown, ZakoCasTransportDetailsErrors, ZakoTransportUploadFailures, ZakoTransportDownloadFailures, ZakoTransportChunkErrors",
      ].join("\n"),
    );
    expect(part(out, "limits:")).toEqual([
      "limits:",
      "  the longest rule window (3d1h including `for`) is full from 2026-11-23 01:00:00 UTC on",
      "  15 slots missed in 1 stretch, the longest 15 from 2026-11-20 05:00:00 UTC; no rule was evaluated in these gaps",
      "  confirmation runs are the recorded ones: with other thresholds there would have been others",
    ]);
  });

  it("judges slow runs by the new limit, and says what only that pages for", async () => {
    const { alerts, missed } = await json("eager.yaml");
    const fresh = alerts.filter((alert: { isNew: boolean }) => alert.isNew);
    expect(fresh).toEqual([
      expect.objectContaining({
        labels: expect.objectContaining({ alertname: "ZakoTargetDegraded", target: "cas-eu", severity: "warning" }),
        // The second slow minute of three makes it degraded, and ten minutes of that are news.
        pendingAt: START + 201 * MINUTE,
        firedAt: START + 211 * MINUTE,
        difference: "new",
        notified: [],
      }),
    ]);
    expect(missed).toEqual([]);
  });

  it("says which incidents nobody would have been paged for", async () => {
    const { incidents, missed } = await json("blind.yaml");
    expect(incidents.map(({ cover }: { cover: string }) => cover)).toEqual(["missed", "missed"]);
    expect(missed.length).toBe(5);
    expect(part((await run("blind.yaml", ...SPAN, ...HISTORY)).out, "recorded incidents:")[1]).toBe(
      "  cas-eu  2026-11-20 01:00  8m   missed: no alert",
    );
  });

  it("names every rule that it cannot evaluate, with the reason", async () => {
    const rows = part(
      (await run("watch.yaml", ...SPAN, ...HISTORY)).out,
      "rules that cannot be evaluated from history:",
    );
    expect(rows).toContainEqual(
      expect.stringMatching(
        /^ {2}ZakoCasMissingRatioHigh +history does not keep the measurements of runs +zako_v1_cas_/,
      ),
    );
    expect(rows).toContainEqual(
      expect.stringMatching(
        /^ {2}ZakoTransportAlreadyExistsOnFresh +history does not keep the steps of runs +zako_v1_/,
      ),
    );
  });

  it("takes runs as they were where a probe is asked otherwise, and says so", async () => {
    const { alerts, presentAlerts, limits } = await json("slower.yaml");
    expect(alerts.length).toBe(presentAlerts.length);
    expect(limits).toEqual(
      expect.arrayContaining([
        "cas-eu health: interval changes from 1m to 5m; the recorded runs are replayed unchanged",
        "cas-eu cas.negotiate: no runs in history; left out",
        "cas-new: no history; left out",
      ]),
    );
  });

  it("keeps to one target", async () => {
    const { alerts, replayed } = await json("watch.yaml", "--target", "cas-us");
    expect([alerts, replayed.targets, replayed.samples]).toEqual([[], 1, 414]);
  });

  it("says where samples begin and end, and that there are none", async () => {
    const wide = ["--since", "2026-11-19", "--until", "2026-11-21T00:00", ...HISTORY];
    const { out } = await run("watch.yaml", ...wide);
    expect(out).toContain("samples start at 2026-11-20 00:00:00 UTC: the time before that was not replayed");
    expect(out).toContain("samples end at 2026-11-20 05:59:00 UTC: Monitors write history twice an hour");
    const { code, out: empty } = await run("watch.yaml", "--since", "2025-01-01", "--until", "2025-01-02", ...HISTORY);
    expect(code).toBe(0);
    expect(empty).toContain("history has no samples in this time range: nothing was replayed");
  });

  it("reads the SQL text of an export as well", async () => {
    const { code, out } = await run("watch.yaml", ...SPAN, "--database", "export.sql");
    expect([code, out]).toEqual([0, (await run("watch.yaml", ...SPAN, ...HISTORY)).out]);
  });

  it.each([
    [[], 2, /^rules backtest: no file given; usage: npm run cli -- rules backtest FILE /],
    [["watch.yaml", "--since", "yesterday"], 2, /--since is "yesterday"; write how long ago, such as 7d, or a time/],
    [["watch.yaml", "--until", "2026-11-31T99:00Z"], 2, /--until is "2026-11-31T99:00Z"/],
    [["watch.yaml", "--since", "2026-11-20", "--until", "2026-11-19"], 2, /--since must be before --until/],
    [["watch.yaml", "--local", "--remote"], 2, /--remote and --local exclude each other/],
    [["watch.yaml", "--persist-to", "x", ...HISTORY], 2, /--persist-to needs --local/],
    [
      ["watch.yaml", "--target", "cas-xx", ...HISTORY],
      2,
      /--target "cas-xx" is not a target; choose from cas-eu, cas-us/,
    ],
    [["watch.yaml", "--colour"], 2, /Unknown option '--colour'/],
    [["none.yaml", ...HISTORY], 1, /^none\.yaml: file not found/],
    [["watch.yaml", "--against", "none.yaml", ...HISTORY], 1, /^none\.yaml: file not found/],
    [
      ["watch.yaml", "--database", "none.db"],
      1,
      /^none\.db: is not a readable copy of D1's history .*wrangler d1 export/,
    ],
    [["watch.yaml", "--database", "watch.yaml"], 1, /^watch\.yaml: is not a readable copy of D1's history/],
  ])("refuses %j", async (args, code, words) => {
    const done = await run(...args);
    expect([done.code, done.out]).toEqual([code, ""]);
    expect(done.err).toMatch(words);
  });
});

describe("rules backtest --local, while a plain `npm start` runs", () => {
  /** What the run has written, and what the command makes of it. */
  function local(...args: string[]): { code: number; err: string; opened: unknown[] } {
    const [err, opened]: [string[], unknown[]] = [[], []];
    const run = {
      port: 8787,
      pid: 1,
      adminToken: "x",
      statePath: "/scratch/state",
      configPath: join(folder, "own.yaml"),
    };
    writeFileSync(run.configPath, "targets: [{ name: zako-web, cas: http://127.0.0.1:9000 }]\n");
    const command = backtestWith(
      (history) => {
        opened.push(history);
        return { ok: false, said: "opened" };
      },
      () => START,
      [run],
    );
    const code = dispatch(["rules", "backtest", ...args], [command, rules], {
      kinds: PROBE_KINDS,
      env: { WATCH_CONFIG: join(folder, "watch.yaml") },
      print: () => {},
      complain: (text) => err.push(text.replaceAll(`${folder}/`, "")),
    }) as number;
    return { code, err: err.join("\n"), opened };
  }

  it("compares with what that run watches, not with watch.yaml", () => {
    const next = join(folder, "next.yaml");
    writeFileSync(
      next,
      "targets: [{ name: zako-web, cas: http://127.0.0.1:9000, probes: { health: { interval: 2m } } }]\n",
    );
    const read = { remote: false, state: "/scratch/state" };
    expect(local(next, "--local")).toEqual({ code: 1, err: "opened", opened: [read] });
    expect(local(next, "--local", "--persist-to", "/scratch/state").opened).toEqual([read]);
  });

  it("says what to do where the file is about other targets", () => {
    expect(local(join(folder, "watch.yaml"), "--local")).toEqual({
      code: 1,
      err: "watch.yaml has none of the targets of own.yaml, such as zako-web, so nothing can be replayed. Copy own.yaml, change the copy, and give that.",
      opened: [],
    });
  });
});
