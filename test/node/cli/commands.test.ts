import { describe, expect, it, vi } from "vitest";
import { configCheck } from "../../../functions/cli/config/config-check.ts";
import { configDocs } from "../../../functions/cli/config/config-docs.ts";
import { configExample } from "../../../functions/cli/config/config-example.ts";
import { configExplain } from "../../../functions/cli/config/config-explain.ts";
import { configSchema } from "../../../functions/cli/config/config-schema.ts";
import { dispatch } from "../../../functions/cli/dispatch.ts";
import { printConfigDocs } from "../../../functions/config/docs.ts";
import { printExample } from "../../../functions/config/example.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { printSchema } from "../../../functions/config/schema.ts";
import { whyInactive } from "../../../functions/evaluate/rules/active-rules.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { SAMPLE_KINDS } from "../config/sample-kinds.ts";

const COMMANDS = [configCheck, configExplain, configSchema, configDocs, configExample];
const FIXTURES = "test/fixtures/config";

/** Runs a command line. Answers with all that a person would see. */
function run(line: string, env: Record<string, string> = {}): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  // Commands about files answer at once.
  const code = dispatch(
    line.split(" ").filter((word) => word !== ""),
    COMMANDS,
    {
      kinds: SAMPLE_KINDS,
      env,
      print: (text) => out.push(text),
      complain: (text) => err.push(text),
    },
  ) as number;
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** Rules about metrics that the sample kinds do not have. */
const FAMILIES = new Map(shownFamilies(SAMPLE_KINDS).map((family) => [family.name, family]));
const INACTIVE = CATALOGUE.filter((rule) => whyInactive(rule, FAMILIES) !== undefined);

describe("config check", () => {
  it("shows the load on each target", () => {
    expect(run(`config check ${FIXTURES}/right-layers.yaml`)).toEqual({
      code: 0,
      err: "",
      out: [
        "1 target, 4 probes, from local: 10.6 calls a minute",
        "1 shard, 1 lane (needed when every target is down: 1), hash 9985b6b01f86bff4",
        `rules: ${CATALOGUE.length} shipped, ${INACTIVE.length} inactive`,
        "alerts: no receiver is configured; set `notify`",
        "",
        "target  protocol  probes  calls/min  written/day  tokens/day",
        "cas-eu  grpc-web       4       10.6       576KiB         288",
      ].join("\n"),
    });
  });

  it("counts calls from all vantages, but those that take turns once", () => {
    const { out } = run(`config check schemas/examples/regions.yaml`);
    // Per target and minute, of three: health 3, details 2/5, upload 9/15.
    expect(out).toContain("3 targets, 8 probes, from weur, enam, apac-ne: 9 calls a minute");
    expect(out).toMatch(/^cas-eu +connect +3 +4 +384KiB +288$/m);
    expect(out).toMatch(/^cas-staging +connect +2 +1 +0B +288$/m);
  });

  it("lists the receivers, and the secrets that they need", () => {
    const { out } = run("config check schemas/examples/alerts.yaml");
    expect(out).toContain("alerts: slack by slack; oncall by pagerduty; colleague by email\n");
    expect(out).toContain("required secrets and bindings: DEADMAN_URL, PAGERDUTY_KEY, RESEND_KEY, SLACK_WEBHOOK\n");
  });

  it("prints warnings apart", () => {
    const { code, err } = run(`config check ${FIXTURES}/warning-all-off.yaml`);
    expect([code, err]).toEqual([
      0,
      `warning: ${FIXTURES}/warning-all-off.yaml:2:5: targets[0]: all probes of cas-eu are off, so it is not watched; switch one on, or remove the target`,
    ]);
  });

  it("prints every error, and exits with 1", () => {
    const { code, out, err } = run(`config check ${FIXTURES}/many-at-once.yaml`);
    expect([code, out, err.split("\n").length]).toEqual([1, "", 13]);
  });

  it("takes the file and the mode from the environment, as the build does", () => {
    const env = { WATCH_CONFIG: `${FIXTURES}/right-local.yaml` };
    expect(run("config check", env).code).toBe(1);
    expect(run("config check", { ...env, WATCH_LOCAL: "1" }).code).toBe(0);
    expect(run("config check --local", env).code).toBe(0);
    expect(run(`config check --local ${FIXTURES}/right-local.yaml`).code).toBe(0);
  });

  it.each([
    ["nowhere.yaml", "nowhere.yaml: file not found; give the path of a configuration file, or create watch.yaml"],
    ["test", "test: this is a folder, not a file; give the path of a configuration file, or create watch.yaml"],
    [
      "test/node/config/../../../node_modules/.bin/node",
      "test/node/config/../../../node_modules/.bin/node: this is not UTF-8 text; save it as UTF-8",
    ],
  ])("of %s says why it cannot be read", (file, message) => {
    expect(run(`config check ${file}`)).toEqual({ code: 1, out: "", err: message });
  });
});

describe("config explain of maintenance", () => {
  it("names its targets, and says when it is next", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 11, 1) });
    try {
      const { out } = run(`config explain ${FIXTURES}/right-maintenance.yaml`);
      expect(out).toContain(
        [
          "maintenance weekly-reboot",
          "  targets: a",
          "  next: 2026-12-05 22:00:00 UTC until 2026-12-06 04:00:00 UTC",
          "",
          "maintenance move",
          "  targets: a",
          "  next: 2026-12-24 22:00:00 UTC until 2026-12-25 05:00:00 UTC",
        ].join("\n"),
      );
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("config explain", () => {
  it("shows every plan with its defaults, and the name of a secret only", () => {
    const { code, out } = run("config explain schemas/examples/native-grpc.yaml");
    expect(code).toBe(0);
    expect(out).toContain("cas header: authorization from the secret ZAKO_TOKEN");
    expect(out).toMatch(/^ {2}cas\.details +5m +10s +never +yes +2 of 3 +3 in a row +\{\}$/m);
    expect(out).not.toMatch(/^ {2}health /m);
  });

  it("tells the rules that are not as they are shipped, and why some are not evaluated", () => {
    const { out } = run(`config explain ${FIXTURES}/right-rules-changed.yaml`);
    expect(out).toMatch(
      new RegExp(`^rules: ${CATALOGUE.length - 1} shipped, 4 of them changed, 1 off, \\d+ inactive$`, "m"),
    );
    expect(out).toMatch(/^ {2}ZakoErrorBudgetBurnFast +changed$/m);
    expect(out).toMatch(/^ {2}ZakoCasConcurrencyAnomaly +off$/m);
    expect(out).toMatch(
      /^ {2}ZakoDiskLow +changed, but inactive: metric zako_v1_resource_disk_free_bytes is not collected$/m,
    );
    expect(out).toMatch(/^ {2}ZakoHeuristicsDeviate +inactive: /m);
    expect(out).not.toMatch(/ZakoTargetDown/);
    expect(run(`config explain ${FIXTURES}/right-rules-of-all-kinds.yaml`).out).toMatch(/^ {2}OwnRatio +your own$/m);
  });

  it("of a wrong file says what is wrong", () => {
    expect(run(`config explain ${FIXTURES}/cas-missing.yaml`)).toMatchObject({ code: 1, out: "" });
  });
});

describe("what is printed from the code", () => {
  it.each([
    ["schema", printSchema(SAMPLE_KINDS)],
    ["docs", printConfigDocs(SAMPLE_KINDS)],
    ["example", printExample(SAMPLE_KINDS, "../config.schema.json")],
  ])("config %s prints the file as it is", (name, text) => {
    expect(run(`config ${name}`)).toEqual({ code: 0, out: text.trimEnd(), err: "" });
  });
});

describe("a wrong command line", () => {
  it.each([
    ["confg check", '"confg check" is not a command; did you mean "config check"?'],
    ["check", '"check" is not a command; did you mean "config check"?'],
    ["config chek watch.yaml", '"config chek" is not a command; did you mean "config check"?'],
    [
      "config docs now",
      'config docs: "now" is not expected; this command takes no arguments; usage: npm run cli -- config docs',
    ],
    [
      "config check --loca",
      'config check: "--loca" is not an option; did you mean "--local"?; usage: npm run cli -- config check [FILE] [--local]',
    ],
    [
      "config check a b",
      "config check: 2 files given; give at most one; usage: npm run cli -- config check [FILE] [--local]",
    ],
  ])("%j is answered with what was meant", (line, message) =>
    expect(run(line)).toEqual({ code: 2, out: "", err: message }),
  );

  it.each(["", "config", "bananas", "-x"])("%j is answered with all commands", (line) => {
    const { code, err } = run(line);
    expect(code).toBe(2);
    for (const { name } of COMMANDS) expect(err).toContain(`npm run cli -- ${name}`);
  });

  it.each(["help", "--help", "config --help", "config check -h"])("%j is no error", (line) => {
    const { code, out } = run(line);
    expect([code, out.split("\n").length]).toEqual([0, 2 * COMMANDS.length]);
  });
});
