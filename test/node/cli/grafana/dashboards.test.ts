import { describe, expect, it } from "vitest";
import { buildDashboard } from "../../../../functions/cli/grafana/build-dashboard.ts";
import { DASHBOARD_SPECS } from "../../../../functions/cli/grafana/dashboards/registry.ts";
import { CATALOGUE } from "../../../../functions/config/rules/catalogue.ts";
import { withNumber } from "../../../../functions/evaluate/rules/condition.ts";
import { type Dashboard, ORIGIN, type Panel } from "../../../../functions/expose/grafana/dashboard-file.ts";
import { DASHBOARD_NAMES, readDashboard } from "../../../../functions/expose/grafana/dashboards.ts";
import { finishDashboard } from "../../../../functions/expose/grafana/finish-dashboard.ts";
import { viewRule } from "../../../../functions/expose/grafana/rule-view.ts";
import { RUNBOOKS } from "../../../../functions/expose/runbooks/registry.ts";
import type { Rule } from "../../../../functions/model/alerting/rule.ts";
import { GUIDE } from "../../../check/guide.ts";
import { selectedBy, withVariables } from "../../../promql.ts";

const URL_OF_US = "https://watch.example";
const file = async (name: string) => {
  const found = await readDashboard(name);
  if (found === undefined) throw new Error(`no dashboard ${name}`);
  return found;
};
const finished = async (name: string, rules: readonly Rule[] = CATALOGUE, externalUrl?: string): Promise<Dashboard> =>
  finishDashboard(await file(name), { rules, externalUrl });
const panelsOf = ({ panels = [] }: Dashboard): Panel[] => panels.filter(({ type }) => type !== "row");
const all = async (): Promise<Panel[]> =>
  (await Promise.all(DASHBOARD_NAMES.map((name) => finished(name, CATALOGUE, URL_OF_US)))).flatMap(panelsOf);

interface Placed {
  id: number;
  gridPos: { x: number; y: number; w: number; h: number };
}

describe("the dashboards", () => {
  it("are those that are written down", async () => {
    expect(DASHBOARD_NAMES).toEqual(DASHBOARD_SPECS.map(({ name }) => name));
    for (const spec of DASHBOARD_SPECS) expect(await file(spec.name)).toEqual(buildDashboard(spec));
  });

  it.each(DASHBOARD_NAMES)("%s has panels that do not overlap, each with an id of its own", async (name) => {
    const placed = (await finished(name)).panels as unknown as Placed[];
    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
    const taken = new Set<string>();
    for (const { gridPos: at } of placed) {
      expect(at.x + at.w).toBeLessThanOrEqual(24);
      for (let x = at.x; x < at.x + at.w; x++)
        for (let y = at.y; y < at.y + at.h; y++) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
    }
  });

  it.each(DASHBOARD_NAMES)("%s says of each panel what is good, in which unit, and where to look", async (name) => {
    const dashboard = await finished(name, CATALOGUE, URL_OF_US);
    const slugs = RUNBOOKS.map(({ slug }) => `${URL_OF_US}/runbooks/${slug}`);
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const panel of panels) {
      expect(panel.description, panel.title).toMatch(/^Good: \S.*\.(\n\n|$)/s);
      expect(panel.fieldConfig?.defaults, panel.title).toMatchObject({ unit: expect.stringMatching(/./) });
      const urls = panel.links?.map(({ url }) => url) ?? [];
      expect(slugs, panel.title).toContain(urls[0]);
      expect(urls[1], panel.title).toMatch(/^https:\/\/watch\.example\/(alerts|targets\/\$\{target\})$/);
      if (name !== "prober") expect(JSON.stringify(panel.fieldConfig)).toContain(`${URL_OF_US}/targets/$`);
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
    }
    expect(JSON.stringify(dashboard)).not.toContain(ORIGIN);
    expect(JSON.stringify(dashboard)).toContain("label_values(zako_v1_target_incident_open, target)");
  });

  it("hide no emptiness, and are all PromQL", async () => {
    for (const { targets = [] } of await all())
      for (const { expr = "" } of targets) {
        expect(selectedBy(withVariables(expr)).length).toBeGreaterThan(0);
        expect(expr).not.toMatch(/\bvector\(|\bor\b|\babsent/);
        expect(withVariables(expr)).not.toContain("$");
      }
  });

  it("draw every shipped rule, with its threshold in the colour of its severity", async () => {
    const drawn = new Map<string, Panel>();
    const named = new Set<string>();
    for (const name of DASHBOARD_NAMES) {
      const { panels = [] } = await finished(name);
      for (const { panel, rule, draws } of (await file(name)).bindings) {
        named.add(rule);
        if (draws === "value") drawn.set(rule, panels.find(({ id }) => id === panel) as Panel);
      }
    }
    expect([...named].sort()).toEqual(CATALOGUE.map(({ name }) => name).sort());
    for (const rule of CATALOGUE) {
      const panel = drawn.get(rule.name);
      const view = viewRule(rule);
      // A rule of a kind that has no number has its families drawn.
      expect(panel !== undefined, rule.name).toBe(view !== undefined);
      if (view === undefined) continue;
      const steps = panel?.fieldConfig?.defaults.thresholds?.steps ?? [];
      expect(panel?.targets?.[0]?.expr).toBe(view.expr);
      expect(steps.map(({ value }) => value)).toEqual([null, view.threshold.value]);
      const bad = { critical: "red", warning: "orange", info: "blue" }[rule.severity];
      const isHigh = view.threshold.op.startsWith(">");
      expect(steps.map(({ color }) => color)).toEqual(isHigh ? ["green", bad] : [bad, "green"]);
    }
  });

  it("follow the rules in force", async () => {
    const shipped = CATALOGUE.find(({ name }) => name === "ZakoDiskLow") as Rule;
    const changed = { ...shipped, severity: "warning" as const, condition: withNumber(shipped.condition, 42) };
    const drawn = panelsOf(await finished("resources", [changed])).find(({ title }) => title === "Free disk space");
    expect(drawn?.fieldConfig?.defaults.thresholds?.steps).toEqual([
      { value: null, color: "orange" },
      { value: 42, color: "green" },
    ]);
    expect(drawn?.description).toContain("Rule: ZakoDiskLow (warning) at < 42 for 5m.");
    const off = panelsOf(await finished("resources", [])).find(({ title }) => title === "Free disk space");
    expect(off?.description).toContain("ZakoDiskLow is off in watch.yaml");
    expect(off?.fieldConfig?.defaults.thresholds?.steps).toEqual([{ value: null, color: "green" }]);
  });

  it("have no links where nobody knows the origin", async () => {
    for (const panel of panelsOf(await finished("fleet"))) expect(panel.links).toBeUndefined();
  });

  it.each(GUIDE)("show what the guide asks for: $system, $list, $line", async ({ metrics, rules }) => {
    const panels = await all();
    const names = new Set(
      panels
        .flatMap(({ targets = [] }) => targets.flatMap(({ expr = "" }) => selectedBy(withVariables(expr))))
        .map((s) => s.name),
    );
    for (const metric of metrics)
      expect(
        ["", "_bucket", "_count", "_sum"].some((suffix) => names.has(metric + suffix)),
        metric,
      ).toBe(true);
    for (const rule of rules)
      expect(
        panels.some(({ description = "" }) => description.includes(`Rule: ${rule} `)),
        rule,
      ).toBe(true);
  });
});
