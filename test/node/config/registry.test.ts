import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../functions/cli/config/load-config.ts";
import { printExample } from "../../../functions/config/example.ts";
import { printSchema } from "../../../functions/config/schema.ts";
import { costOf, totalCost } from "../../../functions/config/targets/budget.ts";
import { ownKeys } from "../../../functions/config/targets/probe-section.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const SCHEMA_FROM_EXAMPLES = "../config.schema.json";

const ROOT = new URL("../../../", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, ROOT).href);
const textOf = (name: string): string => readFileSync(pathOf(name), "utf8");

const EXAMPLES = readdirSync(pathOf("schemas/examples")).map((name) => `schemas/examples/${name}`);

describe("what is checked in", () => {
  it("schemas/config.schema.json is fresh: npm run -s cli -- config schema > schemas/config.schema.json", () => {
    expect(textOf("schemas/config.schema.json")).toBe(printSchema(PROBE_KINDS));
  });

  it("schemas/examples/all-options.yaml is fresh: npm run -s cli -- config example > schemas/examples/all-options.yaml", () => {
    expect(textOf("schemas/examples/all-options.yaml")).toBe(printExample(PROBE_KINDS, SCHEMA_FROM_EXAMPLES));
  });

  it.each(["watch.yaml", ...EXAMPLES])("%s compiles without a warning, and leads an editor to the schema", (name) => {
    const loaded = loadConfig(pathOf(name), PROBE_KINDS, { local: false });
    expect(loaded.ok ? loaded.warnings : loaded.errors).toEqual([]);
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(textOf(name))?.[1];
    expect(existsSync(resolve(dirname(pathOf(name)), schema ?? "?"))).toBe(true);
  });

  it("has the six examples that the documents name", () => {
    const names = ["alerts", "all-options", "minimal", "native-grpc", "regions", "scrape"];
    expect(EXAMPLES.sort()).toEqual(names.map((name) => `schemas/examples/${name}.yaml`));
  });
});

describe.each(PROBE_KINDS.map((kind) => [kind.kind, kind] as const))("%s", (_, kind) => {
  it("has defaults that the document would allow", () => {
    const { intervalMs, timeoutMs } = kind.defaults;
    expect(intervalMs % 10_000).toBe(0);
    expect(timeoutMs).toBeLessThanOrEqual(Math.min(intervalMs / 2, 55_000));
    expect(kind.options.safeParse({}).success).toBe(true);
  });

  it("has keys that clash with no common one", () => expect(() => ownKeys(kind)).not.toThrow());
});

describe("the defaults of all kinds together", () => {
  const loaded = loadConfig(pathOf("schemas/examples/minimal.yaml"), PROBE_KINDS, { local: false });
  const plans = loaded.ok ? (loaded.config.targets[0]?.probes ?? []) : [];
  const kindOf = (name: string) => PROBE_KINDS.find(({ kind }) => kind === name) ?? PROBE_KINDS[0];

  it("write less than 1 MiB and mint less than 300 tokens a day", () => {
    const costs = plans.flatMap((plan) => {
      const kind = kindOf(plan.kind);
      return kind === undefined ? [] : [costOf(plan, kind, 1)];
    });
    const total = totalCost(costs);
    expect(total.writtenBytesPerDay).toBeLessThan(2 ** 20);
    expect(total.writtenBytesPerDay).toBeGreaterThan(0);
    expect(total.tokensPerDay).toBeLessThan(300);
  });
});

describe("the build's entry", () => {
  const COMPILED = pathOf("functions/config/compiled.json");
  const build = (env: Record<string, string>) =>
    spawnSync(process.execPath, [pathOf("functions/cli/compile.ts")], {
      cwd: pathOf("."),
      env: { ...process.env, ...env },
      encoding: "utf8",
    });

  it("says what is wrong, exits with 1 and touches nothing", () => {
    const before = existsSync(COMPILED) ? statSync(COMPILED).mtimeMs : undefined;
    const { status, stderr, stdout } = build({ WATCH_CONFIG: "test/fixtures/config/cas-missing.yaml" });
    expect(stderr).toBe(
      "test/fixtures/config/cas-missing.yaml:2:5: targets[0].cas: is missing. URL of the CAS service and the health service: https, with a public DNS name.\n1 error in the configuration; nothing was built\n",
    );
    expect([status, stdout]).toEqual([1, ""]);
    expect(existsSync(COMPILED) ? statSync(COMPILED).mtimeMs : undefined).toBe(before);
  });

  it("refuses a local build for a deployment", () => {
    const { status, stderr } = build({ WATCH_LOCAL: "1", WRANGLER_COMMAND: "deploy" });
    expect(stderr).toMatch(/must not be deployed/);
    expect(status).toBe(1);
  });
});
