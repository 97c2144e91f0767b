import { describe, expect, it } from "vitest";
import { buildDashboard } from "../../../../functions/cli/grafana/build-dashboard.ts";
import { DASHBOARD_SPECS } from "../../../../functions/cli/grafana/dashboards/registry.ts";
import { otherPanels, otherRows } from "../../../../functions/cli/grafana/other-panels.ts";
import type { DashboardSpec } from "../../../../functions/cli/grafana/spec.ts";
import { CATALOGUE } from "../../../../functions/config/rules/catalogue.ts";
import type { Rule } from "../../../../functions/model/alerting/rule.ts";
import type { Family } from "../../../../functions/model/metric.ts";
import type { ProbeKind } from "../../../../functions/probe/kind.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { selectedBy, withVariables } from "../../../promql.ts";

const DECLARED = { kinds: PROBE_KINDS, catalogue: CATALOGUE };
const families = new Map<string, Family>(
  PROBE_KINDS.flatMap((kind) => kind.families.map((family) => [family.name, family])),
);

/** A kind that feeds these families, with a rule of the catalogue as its own. */
const kindOf = (names: readonly string[], rule: Rule): Pick<ProbeKind, "kind" | "families" | "rules" | "runbooks"> => ({
  kind: "demo.kind",
  families: names.map((name) => families.get(name) as Family),
  rules: [{ ...rule, summary: rule.summary, runbook: rule.runbook ?? "", condition: { ...rule.condition } }],
});
const ruleOf = (name: string): Rule => CATALOGUE.find((rule) => rule.name === name) as Rule;

describe("panels of what no written panel shows", () => {
  it("are none where all is shown", () => {
    expect(otherRows(DASHBOARD_SPECS, DECLARED)).toEqual([]);
  });

  it("show every family of every kind, with all labels, if nothing is written", () => {
    const rows = otherRows([], DECLARED);
    const spec: DashboardSpec = { name: "other", title: "Other", description: "All.", oneTarget: true, rows };
    const { panels = [] } = buildDashboard(spec).dashboard;
    const uses = panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr = "" }) => selectedBy(withVariables(expr))),
    );
    for (const { name, labels, type } of families.values()) {
      const of = uses.filter((use) => use.name.replace(/_(bucket|sum|count)$/, "") === name || use.name === name);
      const read = new Set(of.flatMap(({ matched, kept = [] }) => [...matched, ...kept]));
      expect([...read], name).toEqual(expect.arrayContaining(type === "stateset" ? [...labels, name] : [...labels]));
    }
    const drawn = panels.filter(({ type }) => type !== "row");
    expect(new Set(drawn.map(({ title }) => title)).size).toBe(drawn.length);
    for (const { title, description } of drawn) expect(description, title).toMatch(/^Good: \S.*\.\n\nEmpty\? .*\.$/s);
  });

  it("draw a rule of the kind with its threshold, and the family in its own unit", () => {
    const kind = kindOf(["zako_v1_resource_disk_free_bytes"], ruleOf("ZakoDiskLow"));
    expect(otherPanels([], { kinds: [kind], catalogue: CATALOGUE })).toEqual([
      {
        title: "Disk is nearly full (ZakoDiskLow)",
        good: "above the threshold. Free space on the disk of the CAS directory.",
        needs: "Empty? The probe `demo.kind` is off in watch.yaml, or the target does not offer what it asks for.",
        unit: "bytes",
        width: 12,
        rule: "ZakoDiskLow",
      },
      {
        title: "demo.kind: zako_v1_resource_disk_free_bytes",
        good: "as usual, and ZakoDiskLow is not firing. Free space on the disk of the CAS directory.",
        needs: "Empty? The probe `demo.kind` is off in watch.yaml, or the target does not offer what it asks for.",
        unit: "bytes",
        width: 12,
        runbook: ruleOf("ZakoDiskLow").runbook,
        queries: [
          ['max by (target, source) (zako_v1_resource_disk_free_bytes{target=~"$target"})', "{{target}} {{source}}"],
        ],
      },
    ]);
  });

  it("draw the families of a rule whose kind has no number", () => {
    const burn = ruleOf("ZakoErrorBudgetBurnFast");
    const rule = { ...burn, condition: { ...burn.condition, windows: [] } } as Rule;
    const family = { ...(families.get("zako_v1_resource_disk_free_bytes") as Family) };
    const kind = { ...kindOf([], rule), families: [family] };
    const read = { ...rule.condition, errors: { family: family.name }, total: { family: family.name } } as never;
    const [panel] = otherPanels([], { kinds: [kind], catalogue: [{ ...rule, condition: read }] });
    expect(panel).toMatchObject({ rule: rule.name, good: expect.stringContaining(`${rule.name} is not firing.`) });
    expect(panel?.queries?.[0]?.[0]).toContain(family.name);
  });
});
