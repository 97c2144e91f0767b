import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dispatch } from "../../../functions/cli/dispatch.ts";
import { rules } from "../../../functions/cli/rules.ts";
import { rulesBacktest } from "../../../functions/cli/rules-backtest.ts";
import { PROBE_KINDS } from "../../../functions/probe/registry.ts";
import { configOf, type Fate, live, MINUTE, START, shipped } from "./backtest-world.ts";

const withProbes = (probes: string): string => `defaults: { probes: { ${probes} } }
targets:
  - { name: cas-eu, cas: https://cas.eu.example }
  - { name: cas-us, cas: https://cas.us.example }
`;
const FEW = "cas.negotiate: false, transport.download: false, transport.upload: false, transport.journey: false";
const PRESENT = withProbes(`${FEW}, health: { degraded_after: 2s }`);
const PATIENT = withProbes(`${FEW}, health: { degraded_after: 4s, thresholds: { failures: 8, out_of: 8 } }`);
const EAGER = withProbes(`${FEW}, health: { degraded_after: 500ms }`);
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
  for (const [name, text] of Object.entries({ watch: PRESENT, patient: PATIENT, eager: EAGER }))
    writeFileSync(join(folder, `${name}.yaml`), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `rules backtest`; names of files are those in the folder. */
function run(...args: string[]): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const paths = args.map((arg) => (/\.(yaml|db|sql)$/.test(arg) ? join(folder, arg) : arg));
  const code = dispatch(["rules", "backtest", ...paths], [rulesBacktest, rules], {
    kinds: PROBE_KINDS,
    env: { WATCH_CONFIG: join(folder, "watch.yaml") },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  const shown = (lines: string[]): string => lines.join("\n").replaceAll(`${folder}/`, "");
  return { code, out: shown(out), err: shown(err) };
}

const json = (...args: string[]) => JSON.parse(run(...args, ...SPAN, "--database", "history.db", "--json").out);

describe("rules backtest", () => {
  it("says in plain words what the present configuration would do again", () => {
    const { code, out, err } = run("watch.yaml", ...SPAN, "--database", "history.db");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe("");
  });

  it("says which alerts and incidents more patient thresholds would have missed", () => {
    const { code, out, err } = run("patient.yaml", ...SPAN, "--database", "history.db");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe("");
  });
});
