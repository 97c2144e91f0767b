import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dispatch } from "../../../../functions/cli/dispatch.ts";
import { prometheusConfig } from "../../../../functions/cli/prometheus/prometheus-config.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { selectedBy } from "../../../promql.ts";

const scratch = mkdtempSync(join(tmpdir(), "zako-watch-provisioning-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CONFIG = join(scratch, "watch.yaml");
const BASE =
  'installation: east\nexternal_url: https://watch.example\ntargets: [{ name: cas-eu, cas: "https://cas.example.com" }]\n';
writeFileSync(CONFIG, BASE);

async function run(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(["prometheus", "config", ...args], [prometheusConfig], {
    kinds: PROBE_KINDS,
    env: {},
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  return { code, out, err: err.join("\n") };
}

interface GrafanaRule {
  uid: string;
  title: string;
  condition: string;
  data: { refId: string; datasourceUid: string; model: { expr?: string; expression?: string } }[];
  annotations: Record<string, string>;
}

describe("prometheus config", () => {
  it("prints the scrape job with the installation's names and token file", async () => {
    const { code, out } = await run(CONFIG);
    expect(code).toBe(0);
    const auth = { type: "Bearer", credentials_file: "/etc/prometheus/zako-watch-east.token" };
    expect(parse(out.join("\n"))).toMatchObject({
      rule_files: ["zako-watch.rules.yml"],
      scrape_configs: [
        {
          job_name: "zako-watch-east",
          http_sd_configs: [{ url: "https://watch.example/sd/prometheus", authorization: auth }],
          authorization: auth,
        },
      ],
    });
  });

  it("asks for no token where metrics are public, unless told which", async () => {
    const open = join(scratch, "open.yaml");
    writeFileSync(open, `${BASE}metrics: { public: true }\n`);
    expect((await run(open)).out.join("\n")).not.toContain("authorization");
    expect((await run(open, "--scrape-interval", "15s")).out.join("\n")).toContain("scrape_interval: 15s");
    expect((await run(open, "--token-file", "/t")).out.join("\n")).toContain("credentials_file: /t");
  });

  it.each([
    [["--url", "nothing"], '--url "nothing" is not an origin'],
    [["--prometheus", "https://a.example/path"], "is not an origin"],
    [["--scrape-interval", "2m"], "is not a duration from 1s to 1m15s"],
    [["--print", "prometheus/prometheus.yaml"], 'did you mean "prometheus/prometheus.yml"?'],
  ])("refuses %s", async (args, words) => {
    const { code, err } = await run(CONFIG, ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });

  it("says that it needs to know where the installation is", async () => {
    const nowhere = join(scratch, "nowhere.yaml");
    writeFileSync(nowhere, BASE.replace(/external_url.*\n/, ""));
    expect((await run(nowhere)).err).toContain("set external_url in watch.yaml, or give --url");
    expect((await run(nowhere, "--url", "https://other.example")).out.join("\n")).toContain("other.example/sd");
  });

  it("has an Alertmanager keep to itself what zako-watch pages for, unless it is told by zako-watch", async () => {
    const alertmanager = async (notify: string): Promise<string> => {
      const file = join(scratch, "notify.yaml");
      writeFileSync(file, BASE + notify);
      return (await run(file, "--print", "alertmanager/alertmanager.yml")).out.join("\n");
    };
    const receiver = (channel: string): string =>
      `notify: { receivers: { ops: ${channel} }, route: { receiver: ops } }\n`;
    expect(await alertmanager(receiver("[{ slack: { webhook_url: SLACK_URL } }]"))).toContain('pager="edge"');
    expect(await alertmanager(receiver("[{ alertmanager: { url: https://am.example } }]"))).not.toContain("pager");
    expect(await alertmanager("")).not.toContain("pager");
  });

  it("writes all files, which agree with each other", async () => {
    const into = join(scratch, "all");
    const token = join(scratch, "token");
    writeFileSync(token, "t");
    const { code, out } = await run(CONFIG, "--into", into, "--token-file", token);
    expect(code).toBe(0);
    expect(out).toHaveLength(18);
    const read = (path: string): string => readFileSync(join(into, path), "utf8");
    const provisioning = "grafana/provisioning";
    const { datasources } = parse(read(`${provisioning}/datasources/zako-watch.yaml`)) as {
      datasources: { uid: string }[];
    };
    const text = read(`${provisioning}/alerting/zako-watch-rules.yaml`);
    const { groups } = parse(text.replaceAll("$$", "$")) as { groups: { rules: GrafanaRule[] }[] };
    // What Grafana would take for a variable of the environment.
    expect(text.replaceAll("$$", "")).not.toContain("$");
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(30);
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
    for (const { uid, condition, data, annotations } of rules) {
      expect(uid).toMatch(/^[\w-]{1,40}$/);
      expect(datasources.map((source) => source.uid)).toContain(data[0]?.datasourceUid);
      expect(selectedBy(data[0]?.model.expr ?? "").length).toBeGreaterThan(0);
      expect(data.find(({ refId }) => refId === condition)?.model.expression).toContain(`$${data[0]?.refId}`);
      expect(annotations["runbook_url"]).toMatch(/^https:\/\/watch\.example\/runbooks\//);
      expect(JSON.stringify(annotations)).not.toMatch(/\$value\b/);
    }
    const { contactPoints } = parse(read(`${provisioning}/alerting/zako-watch-contact-points.yaml`)) as {
      contactPoints: { name: string }[];
    };
    const { policies } = parse(read(`${provisioning}/alerting/zako-watch-policies.yaml`)) as {
      policies: { receiver: string }[];
    };
    expect(contactPoints.map(({ name }) => name)).toContain(policies[0]?.receiver);
    expect(JSON.parse(read("grafana/dashboards/fleet.json"))).toMatchObject({ uid: "zako-fleet" });
  });
});
