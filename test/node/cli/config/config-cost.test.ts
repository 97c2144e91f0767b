import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configCheck } from "../../../../functions/cli/config/config-check.ts";
import { configCost } from "../../../../functions/cli/config/config-cost.ts";
import { dispatch } from "../../../../functions/cli/dispatch.ts";
import { PRICES } from "../../../../functions/config/cost/prices.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zako-watch-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a configuration of so many targets; answers with its path. */
function fileOf(targets: number, more = ""): string {
  const file = join(folder, `watch-${targets}-${more.length}.yaml`);
  const names = Array.from({ length: targets }, (_, i) => `zako-${i}`);
  const list = names.map((name) => `  - { name: ${name}, cas: "https://${name}.example" }\n`).join("");
  writeFileSync(file, `installation: x\n${more}targets:\n${list}`);
  return file;
}

const run = (...args: string[]) => runWith(PROBE_KINDS, ...args);

function runWith(kinds: typeof PROBE_KINDS, ...args: string[]): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const code = dispatch(args, [configCost, configCheck], {
    kinds,
    env: {},
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  }) as number;
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("config cost", () => {
  it("says that the free plan carries five targets, with every limit", () => {
    const { code, out } = run("config", "cost", fileOf(5), "--plan", "free");
    expect(code).toBe(0);
    expect(out).toContain("This fits the free plan.");
    expect(out).toMatch(/^a slot's runs +Monitor +45 +90 % /m);
    for (const line of [
      "Durable Object GB-s",
      "Durable Object rows written",
      "D1 rows written",
      "KV reads",
      "log events",
    ])
      expect(out).toMatch(new RegExp(`^${line} +[\\d,]+ +[\\d.]+ % +[\\d,]+ +[\\d.]+ %$`, "m"));
    expect(out).toMatch(/^history: about [\d.]+ MB of 500 MB in D1/m);
    expect(out).toContain(PRICES.asOf);
  });

  it("names the setting with which seven targets fit", () => {
    const { code, out } = run("config", "cost", fileOf(7), "--plan", "free");
    expect(code).toBe(1);
    const [, shards] = /the free plan allows 50: set `shards: (\d+)`, or use the paid plan/.exec(out) ?? [];
    expect(run("config", "cost", fileOf(7, `shards: ${shards}\n`), "--plan", "free").code).toBe(0);
  });

  it("prints the bill of the paid plan, and the hour of an outage", () => {
    const { code, out } = run("config", "cost", fileOf(5));
    expect(code).toBe(0);
    expect(out).toContain("total: $5.00 a month with the plan's own $5.00; an hour of total outage adds $0.00");
  });

  it("names the retention with which history fits", () => {
    const many = fileOf(400, "shards: 4\n");
    const { code, out } = run("config", "cost", many);
    expect(code).toBe(1);
    const [, kept] = /a D1 database holds 10 GB on the paid plan: set `retention: (\{.*\})`/.exec(out) ?? [];
    expect(kept).toMatch(/^\{ samples_days: 30, rollups_days: \d+ \}$/);
    const fitting = fileOf(400, `shards: 4\nretention: ${kept}\n`);
    expect(run("config", "cost", fitting).out).not.toContain("D1 database holds");
  });

  it("costs more where targets answer more slowly", () => {
    const seconds = (...more: string[]): number => {
      const { usage } = JSON.parse(run("config", "cost", fileOf(5), "--json", ...more).out) as {
        usage: { day: { objectGbSeconds: number } };
      };
      return usage.day.objectGbSeconds;
    };
    expect(seconds("--round-trip", "400ms")).toBeGreaterThan(3 * seconds());
  });

  it("says what is wrong with its options", () => {
    expect(run("config", "cost", "--plan", "fre").err).toContain('"fre" is not a plan; give free or paid');
    expect(run("config", "cost", "--round-trip", "soon").err).toContain('"soon" is not a time; give 80ms');
    expect(run("config", "cost", "--scrapes", "x").err).toContain('"x" is not a number');
  });
});

/** What the next numbers were counted with: another kind would add its own calls. */
const COUNTED = [
  ...["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"],
  ...["worker.submit", "worker.gc", "engine.execute", "engine.context", "resource.heuristics"],
];

describe("config check", () => {
  const check = (targets: number) =>
    runWith(
      PROBE_KINDS.filter(({ kind }) => COUNTED.includes(kind)),
      "config",
      "check",
      fileOf(targets),
    );

  it("warns of the worst minute and not of the mean: seven targets make 49 calls a minute, and more in some", () => {
    const { code, out, err } = check(7);
    expect(code).toBe(0);
    expect(out).toContain("49 calls a minute");
    expect(err).toMatch(
      /in its worst minute one invocation \(Monitor, tick\) makes \d+ calls, but the free plan allows 50: set `shards: 2`/,
    );
    expect(check(5).err).toBe("");
  });
});
