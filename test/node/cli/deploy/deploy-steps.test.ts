import { describe, expect, it } from "vitest";
import { compileText } from "../../../../functions/cli/config/compile-text.ts";
import { type DeployPlan, rehearseDeploy, runDeploy } from "../../../../functions/cli/deploy/deploy-steps.ts";
import { exampleTargets } from "../../../../functions/cli/deploy/example-targets.ts";
import { urlsOf } from "../../../../functions/cli/deploy/format-deploy.ts";
import { readDeployment } from "../../../../functions/cli/deploy/read-deployment.ts";
import { wantedSecrets } from "../../../../functions/cli/deploy/wanted-secrets.ts";
import type { WranglerAnswer } from "../../../../functions/cli/deploy/wrangler-run.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";

const DOCUMENT = `
targets:
  - name: cas-eu
    cas: https://cas.zako-fleet.dev
    auth: { header: authorization, scheme: Bearer, secret: ZAKO_TOKEN }
notify:
  receivers:
    team: [{ slack: { webhook_url: SLACK_WEBHOOK } }]
  route: { receiver: team }
  heartbeats: [{ name: deadman, url: DEADMAN_URL }]
`;
const NO_BINDINGS = { fetchers: new Map(), others: new Map(), environment: undefined };

function configOf(text: string) {
  const loaded = compileText(text, "watch.yaml", PROBE_KINDS, { local: false });
  if (!loaded.ok) throw new Error(loaded.errors.join("\n"));
  return loaded.config;
}

/** Answers of wrangler by the first word of the command. */
type Answers = Partial<Record<"deploy" | "d1" | "secret", Partial<WranglerAnswer>>>;

/** Plays a deployment; `ran`: the commands of wrangler. */
async function play(answers: Answers = {}, over: Partial<DeployPlan> = {}, isDryRun = false) {
  const ran: string[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const deployment = readDeployment(over.environment);
  if (!deployment.ok) throw new Error(deployment.errors.join("\n"));
  const plan: DeployPlan = {
    deployment: deployment.deployment,
    environment: undefined,
    config: configOf(DOCUMENT),
    bindings: NO_BINDINGS,
    migrations: ["0001_history.sql", "0002_incidents.sql"],
    secretsFile: undefined,
    givenSecrets: [],
    wrangler: async (command, show) => {
      ran.push(command.join(" "));
      const answer = answers[command[0] as keyof Answers] ?? {};
      if (answer.said !== undefined) show(answer.said);
      return { code: 0, out: "[]", said: "", targets: ["https://zako-watch.a.workers.dev"], ...answer };
    },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    ...over,
  };
  const code = isDryRun ? await rehearseDeploy(plan, "/tmp/nowhere") : await runDeploy(plan);
  return { code, ran, out: out.join("\n"), err: err.join("\n") };
}

describe("a deployment", () => {
  it("uploads first, because that makes the database, then migrates, then compares secrets", async () => {
    const { code, ran, err } = await play();
    expect([code, err]).toEqual([0, ""]);
    expect(ran).toEqual(["deploy", "d1 migrations apply DB --remote", "secret list --format json"]);
  });

  it("tries nothing else where the upload fails, and says what to do", async () => {
    const { code, ran, err } = await play({ deploy: { code: 1, said: "A request failed [code: 100328]" } });
    expect([code, ran]).toEqual([1, ["deploy"]]);
    expect(err).toBe(
      "The upload failed; nothing else was tried. The free plan takes no `limits.cpu_ms`: remove it from wrangler.toml.",
    );
  });

  it("goes on where migrations fail, since the Worker runs, and exits with 1", async () => {
    const { code, ran, err } = await play({ d1: { code: 1, said: "D1 is overloaded" } });
    expect([code, ran.length]).toEqual([1, 3]);
    expect(err).toContain("D1 is overloaded\nThe migrations failed. The Worker runs");
  });

  it("names the secrets that are missing and what does not work without them", async () => {
    const { out } = await play({ secret: { out: 'Some warning\n[{"name":"ADMIN_TOKEN","type":"secret_text"}]' } });
    expect(out).not.toContain("put ADMIN_TOKEN");
    expect(out).toContain("4 secrets missing. Set each; no new deployment is needed:");
    for (const line of [
      'put METRICS_TOKEN --env=""   # without it, nobody can read /metrics',
      'put ZAKO_TOKEN --env=""   # without it, probes of cas-eu fail with secret_missing',
      'put SLACK_WEBHOOK --env=""   # without it, messages to team cannot be delivered',
      'put DEADMAN_URL --env=""   # without it, the heartbeat deadman is not sent',
    ])
      expect(out).toContain(line);
  });

  it("says that nobody knows which are missing where they cannot be listed", async () => {
    for (const secret of [{ code: 1, said: "no" }, { out: "nonsense" }]) {
      const { code, err } = await play({ secret });
      expect([code, err]).toEqual([1, expect.stringContaining("cannot be listed")]);
    }
  });

  it("takes a file of secrets along", async () => {
    expect((await play({}, { secretsFile: "s.env", givenSecrets: ["ADMIN_TOKEN"] })).ran[0]).toBe(
      "deploy --secrets-file s.env",
    );
  });

  it("of an environment names it in the commands that it prints", async () => {
    const { out } = await play({}, { environment: "staging" });
    expect(out).toContain("Upload the Worker zako-watch-staging (wrangler deploy --env staging)");
    expect(out).toContain("npx wrangler secret put ADMIN_TOKEN --env staging");
  });
});

describe("a dry run", () => {
  it("only builds, and says each step with its command", async () => {
    const { code, ran, out, err } = await play({ deploy: { said: "Total Upload: 9 KiB / gzip: 3 KiB" } }, {}, true);
    expect([code, err]).toEqual([0, ""]);
    expect(ran).toEqual(["deploy --dry-run --outdir /tmp/nowhere"]);
    for (const line of [
      "2. Upload the Worker zako-watch (wrangler deploy)",
      "built, and not uploaded (Total Upload: 9 KiB / gzip: 3 KiB)",
      "D1 database zako-watch: made if it does not exist",
      "KV namespace zako-watch-kv: made if it does not exist",
      'cron "* * * * *": set',
      "3. Apply the migrations of the D1 database zako-watch (wrangler d1 migrations apply DB --remote)",
      "0001_history.sql, 0002_incidents.sql: those that the database does not have yet",
      "npx wrangler secret put SLACK_WEBHOOK",
      "https://zako-watch.YOUR-SUBDOMAIN.workers.dev/healthz",
      "Dry run: nothing was uploaded or changed",
    ])
      expect(out).toContain(line);
  });

  it("fails where the Worker cannot be built", async () => {
    const { code, err } = await play({ deploy: { code: 1, said: "no such module" } }, {}, true);
    expect([code, err]).toEqual([1, "no such module\nThe Worker cannot be built."]);
  });
});

it("takes bindings of wrangler.toml for no secrets", () => {
  const others = new Map([["SLACK_WEBHOOK", "vars"]]);
  const names = wantedSecrets(configOf(DOCUMENT), { ...NO_BINDINGS, others }).map(({ name }) => name);
  expect(names).toEqual(["METRICS_TOKEN", "ADMIN_TOKEN", "DEADMAN_URL", "ZAKO_TOKEN"]);
});

it("needs no METRICS_TOKEN for public metrics", () => {
  const config = configOf(`metrics: { public: true }\n${DOCUMENT}`);
  expect(wantedSecrets(config, NO_BINDINGS).map(({ name }) => name)).not.toContain("METRICS_TOKEN");
});

it.each([
  ["https://cas.eu.example", true],
  ["https://example.com", true],
  ["https://cas.example.org:8443", true],
  ["https://cas.zako-fleet.dev", false],
  ["https://notexample.com", false],
])("%s is of the examples: %s", (cas, isExample) => {
  const { targets } = configOf(`targets:\n  - name: one\n    cas: ${cas}\n`);
  expect(exampleTargets({ targets }).length > 0).toBe(isExample);
});

it("finds the addresses among what a deployment names", () => {
  expect(
    urlsOf([
      "https://zako-watch.a.workers.dev",
      "watch.example.com (custom domain)",
      "b.example.com/* (zone name: example.com)",
      "*.example.com/*",
      "schedule: * * * * *",
    ]),
  ).toEqual(["https://zako-watch.a.workers.dev", "https://watch.example.com", "https://b.example.com"]);
});
