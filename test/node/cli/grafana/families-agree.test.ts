import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CATALOGUE } from "../../../../functions/config/rules/catalogue.ts";
import { readsOf } from "../../../../functions/evaluate/rules/condition.ts";
import { DASHBOARD_NAMES, readDashboard } from "../../../../functions/expose/grafana/dashboards.ts";
import { printRules } from "../../../../functions/expose/prometheus/prometheus-rules.ts";
import { shownFamilies } from "../../../../functions/model/families/shown-families.ts";
import type { Family } from "../../../../functions/model/metric.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { type SelectedSeries, selectedBy, withVariables } from "../../../promql.ts";

const FAMILIES = shownFamilies(PROBE_KINDS);

/** Families that no panel and no rule reads, each with its reason. */
const UNUSED: Readonly<Record<string, string>> = {};
/** Labels that no panel and no rule names, each with its reason. */
const UNUSED_LABELS: Readonly<Record<string, string>> = {};
const MOST_UNUSED = 10;

/** Prometheus writes these itself. */
const OF_PROMETHEUS: Readonly<Record<string, readonly string[]>> = {
  ALERTS: ["alertname", "alertstate", "severity", "target", "probe", "vantage"],
  up: ["job"],
};

interface Line {
  family: Family;
  labels: ReadonlySet<string>;
}

interface Use extends SelectedSeries {
  where: string;
  family: Family;
}

/** The names of a family's series, and the labels that they have. */
const lines = new Map<string, Line>(FAMILIES.flatMap(linesOf));

function linesOf(family: Family): [string, Line][] {
  const own = family.type === "stateset" ? [...family.labels, family.name] : family.labels;
  // With several shards, series of the prober itself say which one they are of.
  const labels = new Set(family.labels.includes("target") ? own : [...own, "shard"]);
  if (family.type !== "histogram") return [[family.name, { family, labels }]];
  return [
    [`${family.name}_bucket`, { family, labels: new Set([...labels, "le"]) }],
    [`${family.name}_sum`, { family, labels }],
    [`${family.name}_count`, { family, labels }],
  ];
}

/** What recording rules write. */
const recorded = new Set<string>();

async function expressions(): Promise<{ where: string; expr: string }[]> {
  const found: { where: string; expr: string }[] = [];
  for (const name of DASHBOARD_NAMES)
    for (const { title, targets = [] } of (await readDashboard(name))?.dashboard.panels ?? [])
      for (const { expr = "" } of targets) found.push({ where: `${name}: ${title}`, expr: withVariables(expr) });
  const families = new Map(FAMILIES.map((family) => [family.name, family]));
  const text = printRules({ rules: CATALOGUE, families, targets: [], externalUrl: undefined });
  const { groups } = parse(text) as { groups: { rules: { alert?: string; record?: string; expr: string }[] }[] };
  for (const { alert, record, expr } of groups.flatMap(({ rules }) => rules)) {
    if (record !== undefined) recorded.add(record);
    found.push({ where: `rule ${alert ?? record}`, expr });
  }
  return found;
}

/** What is read, by a panel or a rule, and of which family. Throws where there is no such series. */
async function uses(): Promise<Use[]> {
  const found: Use[] = [];
  for (const { where, expr } of await expressions())
    for (const selected of selectedBy(expr)) {
      // The expression of a recording rule is among the others.
      if (recorded.has(selected.name) || selected.name in OF_PROMETHEUS) continue;
      const line = lines.get(selected.name);
      if (line === undefined) throw new Error(`${where} reads ${selected.name}, which nothing emits`);
      for (const label of [...selected.matched, ...(selected.kept ?? [])])
        if (!line.labels.has(label))
          throw new Error(`${where} reads ${selected.name} by ${label}, which it does not have`);
      found.push({ ...selected, where, family: line.family });
    }
  return found;
}

describe("families on one side, panels and rules on the other", () => {
  it("all that a panel or a rule reads is emitted, with all labels that it names", async () => {
    expect((await uses()).length).toBeGreaterThan(FAMILIES.length);
  });

  it("notices a family and a label that do not exist", () => {
    expect(lines.get("zako_v1_nothing")).toBeUndefined();
    const [selected] = selectedBy(
      `sum by (target, nothing) (zako_v1_target_state{zako_v1_target_state="up", odd="1"})`,
    );
    expect(selected).toEqual({
      name: "zako_v1_target_state",
      matched: ["zako_v1_target_state", "odd"],
      kept: ["target", "nothing"],
    });
    expect(() => selectedBy("sum by (")).toThrow("not PromQL");
  });

  it("every family is read by a panel or a rule, or stands in the list", async () => {
    const read = new Set((await uses()).map(({ family }) => family.name));
    for (const rule of CATALOGUE) for (const { selector } of readsOf(rule.condition)) read.add(selector.family);
    const unread = FAMILIES.map(({ name }) => name).filter((name) => !read.has(name));
    expect(unread).toEqual(Object.keys(UNUSED));
    expect(unread.length).toBeLessThanOrEqual(MOST_UNUSED);
  });

  it("every label is read by a panel or a rule, or stands in the list", async () => {
    const all = await uses();
    const unread = FAMILIES.flatMap((family) => {
      const of = all.filter((use) => use.family.name === family.name);
      const isRead = (label: string): boolean =>
        of.some((use) => use.kept === undefined || [...use.matched, ...use.kept].includes(label));
      return family.labels.filter((label) => !isRead(label)).map((label) => `${family.name} ${label}`);
    });
    expect(unread).toEqual(Object.keys(UNUSED_LABELS));
    expect(unread.length).toBeLessThanOrEqual(MOST_UNUSED);
  });

  it("a panel that is empty with today's Zako and the defaults says what to switch on", async () => {
    const always = [
      "health",
      "cas.details",
      "cas.negotiate",
      "transport.download",
      "transport.upload",
      "transport.journey",
    ];
    const byProbes = new Set(
      PROBE_KINDS.filter(({ kind }) => always.includes(kind)).flatMap(({ families }) =>
        families.map(({ name }) => name),
      ),
    );
    const byOthers = new Set(PROBE_KINDS.flatMap(({ families }) => families.map(({ name }) => name)));
    // Nobody knows of a kind that comes later what switches it on, so its panels name the kind.
    const isNamed = (text: string, family: Family): boolean =>
      PROBE_KINDS.some(
        ({ kind, families }) =>
          families.some(({ name }) => name === family.name) && text.includes(`The probe \`${kind}\` is off`),
      );
    for (const name of DASHBOARD_NAMES) {
      const file = await readDashboard(name);
      // What a rule in force reads is shown in any detail.
      const ofRules = new Set(file?.bindings.filter(({ draws }) => draws !== undefined).map(({ panel }) => panel));
      for (const { id = 0, title, description = "", targets = [] } of file?.dashboard.panels ?? []) {
        const selected = targets.flatMap(({ expr = "" }) => selectedBy(withVariables(expr)));
        const read = selected.flatMap(({ name: line }) => lines.get(line) ?? []).map(({ family }) => family);
        const where = `${name}: ${title}`;
        if (!ofRules.has(id) && read.length > 0 && read.every((family) => family.standard === "hidden"))
          expect(description, where).toContain("`metrics: { detail: full }`");
        const ofOthers = read.filter((family) => byOthers.has(family.name) && !byProbes.has(family.name));
        if (ofOthers.some((family) => !isNamed(description, family)))
          expect(description, where).toMatch(/`probes\.(push|scrape)`|docs\/inside-zako\.md/);
      }
    }
  });
});
