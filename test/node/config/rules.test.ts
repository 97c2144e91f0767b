import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compileConfig } from "../../../functions/config/compile.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { makeAlert } from "../../../functions/evaluate/rules/make-alert.ts";
import { printRules } from "../../../functions/expose/prometheus/prometheus-rules.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";

const TARGETS = [{ name: "cas-eu", cas: "https://cas.eu.example" }];

const compiled = (more: object, local = false): Config => {
  const result = compileConfig({ targets: TARGETS, ...more }, SAMPLE_KINDS, { local });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config;
};
const rulesOf = (rules: unknown): readonly Rule[] | undefined => compiled({ rules }).rules;
const shipped = (name: string): Rule => CATALOGUE.find((rule) => rule.name === name) as Rule;
const ruleOf = (name: string, entry: unknown): Rule =>
  rulesOf({ [name]: entry })?.find((rule) => rule.name === name) as Rule;

const OWN = {
  kind: "rate",
  counter: "zako_v1_probe_retries_total",
  window: "15m",
  value: 20,
  severity: "warning",
  summary: "Lost.",
};

describe("rules of the document", () => {
  it("are none where nothing differs from what is shipped, and the hash is the same", () => {
    for (const rules of [{}, { ZakoDiskLow: true }, { ZakoDiskLow: {} }, { ZakoDiskLow: { severity: "critical" } }]) {
      expect(rulesOf(rules)).toBeUndefined();
      expect(compiled({ rules })).toEqual(compiled({}));
    }
  });

  it("make another hash, each", () => {
    const hashes = [{}, { ZakoDiskLow: false }, { ZakoDiskLow: { value: 1 } }, { Own: OWN }].map(
      (rules) => compiled({ rules }).hash,
    );
    expect(new Set(hashes).size).toBe(4);
  });

  it("leave out those that are off, and keep the order of the others", () => {
    expect(rulesOf({ ZakoTargetRegional: false, ZakoDiskLow: false })?.map(({ name }) => name)).toEqual(
      CATALOGUE.map(({ name }) => name).filter((name) => !["ZakoTargetRegional", "ZakoDiskLow"].includes(name)),
    );
  });

  it("of one's own follow those that are shipped", () => {
    expect(rulesOf({ Own: OWN })).toEqual([
      ...CATALOGUE,
      {
        name: "Own",
        severity: "warning",
        condition: {
          kind: "rate",
          counter: { family: "zako_v1_probe_retries_total" },
          windowMs: 900_000,
          op: ">",
          value: 20,
        },
        by: ["target"],
        forMs: 0,
        keepFiringForMs: 0,
        summary: "Lost.",
        description: "Lost.",
        pager: "edge",
      },
    ]);
  });

  it.each<[string, object, object]>([
    ["ZakoDiskLow", { value: 5 }, { value: 5 }],
    ["ZakoEngineExceptionsSurge", { window: "30m" }, { windowMs: 1_800_000 }],
    ["ZakoCasConcurrencyAnomaly", { value: 6 }, { deviations: 6 }],
    ["ZakoErrorBudgetBurnFast", { value: 0.999 }, { objective: 0.999 }],
    ["ZakoTransportNoCommit", { value: "6h" }, { olderThanMs: 21_600_000 }],
  ])("%s takes its number %j", (name, entry, condition) => {
    const { description: _, ...rule } = shipped(name);
    expect(ruleOf(name, entry)).toMatchObject({ ...rule, condition: { ...rule.condition, ...condition } });
  });

  it.each<[string, object, string]>([
    [
      "ZakoEngineExceptionsSurge",
      { window: "30m" },
      "{{ $labels.target }} threw {{ $value }} exceptions within 30 minutes.",
    ],
    ["ZakoTargetDegraded", { for: "1h" }, "has worked only slowly or in part for an hour."],
    ["ZakoTargetDegraded", { for: "0s" }, "has worked only slowly or in part."],
    ["ZakoTargetUnknown", { for: "90s" }, "have had a result for 1m30s to tell whether it works."],
    ["ZakoTransportUploadFailures", { window: "1d" }, "failed within a day, outside incidents."],
    ["ZakoWorkerIdleTimeoutsFrequent", { window: "2h", for: "1m" }, "idle workers within 2 hours."],
  ])("%s with %j says so", (name, entry, text) => expect(ruleOf(name, entry).description).toContain(text));

  it("say of every shipped rule whose text names its window another one", () => {
    const naming = CATALOGUE.filter(
      ({ description, condition }) => /within/.test(description) && "windowMs" in condition,
    );
    expect(naming.length).toBeGreaterThan(5);
    for (const { name } of naming) expect(ruleOf(name, { window: "7m" }).description).toContain("within 7 minutes");
  });

  it("take all that can be said of alerts", () => {
    const entry = {
      for: "10m",
      keep_firing_for: "0s",
      severity: "info",
      pager: "prometheus",
      labels: { area: "disk" },
      overrides: [
        { match: 'target="cas-eu"', value: 7 },
        { match: ['target=~"cas-.*"', "target!=cas-eu"], off: true },
      ],
    };
    const rule = { ...shipped("ZakoDiskLow"), forMs: 600_000, keepFiringForMs: 0, severity: "info" };
    expect(ruleOf("ZakoDiskLow", entry)).toEqual({
      ...rule,
      pager: "prometheus",
      labels: { area: "disk" },
      overrides: [
        { matchers: [{ name: "target", op: "=", value: "cas-eu" }], value: 7 },
        {
          matchers: [
            { name: "target", op: "=~", value: "cas-.*" },
            { name: "target", op: "!=", value: "cas-eu" },
          ],
          off: true,
        },
      ],
    });
  });

  it.each<[string, object, readonly string[]]>([
    ["a verdict of probes by probe", { kind: "verdict", of: "probe", state: "down" }, ["target", "probe"]],
    [
      "a gauge of the prober itself by nothing",
      { kind: "threshold", metric: "zako_watch_history_backlog_slots", value: 1 },
      [],
    ],
    ["a metric of targets by target", { kind: "anomaly", metric: "zako_watch_budget_tokens" }, ["target"]],
  ])("tell apart %s", (_, entry, by) => {
    expect(ruleOf("Own", { ...entry, severity: "info", summary: "S." }).by).toEqual(by);
  });

  it.each([
    [">=", "max"],
    ["<", "min"],
  ])("join a group's gauges to the worst for %s", (op, aggregate) => {
    const entry = {
      kind: "threshold",
      metric: "zako_watch_budget_tokens",
      op,
      value: 1,
      severity: "info",
      summary: "S.",
    };
    expect(ruleOf("Own", entry).condition).toMatchObject({ aggregate });
  });

  it.each(["constructor", "toString", "hasOwnProperty"])("%s, which every object has, is no name", (name) => {
    const result = compileConfig({ targets: TARGETS, rules: { [name]: false } }, SAMPLE_KINDS, { local: false });
    expect(result.ok ? [] : result.issues.map(({ path }) => path)).toEqual([["rules", name]]);
  });
});

describe("external_url", () => {
  it.each([
    ["https://watch.example", false, "https://watch.example"],
    ["https://Watch.Example:443/", false, "https://watch.example"],
    ["http://localhost:8787/", true, "http://localhost:8787"],
  ])("%s is an origin", (url, local, origin) =>
    expect(compiled({ external_url: url }, local).externalUrl).toBe(origin),
  );

  it("is absent where it is not given", () => expect(compiled({})).not.toHaveProperty("externalUrl"));
});

describe("runbooks", () => {
  const at = { fingerprint: "0".repeat(16), startsAt: 0, value: 1 };
  const link = (entry: object, externalUrl: string | undefined) =>
    makeAlert(ruleOf("Own", { ...OWN, ...entry }), {}, { ...at, activeSince: at.startsAt, externalUrl }).annotations[
      "runbook_url"
    ];

  it("of ours are linked where our origin is known, and those of others anyhow", () => {
    expect(link({ runbook: "disk-low" }, "https://watch.example")).toBe("https://watch.example/runbooks/disk-low");
    expect(link({ runbook: "disk-low" }, undefined)).toBeUndefined();
    expect(link({ runbook: "https://wiki.example/a?b={{c}}" }, undefined)).toBe(
      "https://wiki.example/a?b=%7B%7Bc%7D%7D",
    );
    expect(link({}, "https://watch.example")).toBeUndefined();
  });

  it("are printed for Prometheus the same", () => {
    const families = new Map(shownFamilies(SAMPLE_KINDS).map((family) => [family.name, family]));
    const rules = [ruleOf("Own", OWN), ruleOf("Other", { ...OWN, runbook: "https://wiki.example/a" })];
    const printed = parse(printRules({ rules, families, targets: [], externalUrl: "https://watch.example" }));
    const alerts = printed.groups[0].rules.filter((rule: { alert?: string }) => rule.alert !== undefined);
    expect(alerts.map((alert: { annotations: object }) => alert.annotations)).toEqual([
      { summary: "Lost.", description: "Lost." },
      { summary: "Lost.", description: "Lost.", runbook_url: "https://wiki.example/a" },
    ]);
  });
});
