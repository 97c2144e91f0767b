import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type GridPos,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { CATALOGUE } from "../../config/rules/catalogue.ts";
import { type Binding, type Dashboard, type DashboardFile, ORIGIN } from "../../expose/grafana/dashboard-file.ts";
import { bindRule } from "../../expose/grafana/finish-dashboard.ts";
import { DATA_SOURCE, describe, panelOf } from "./panel.ts";
import type { DashboardSpec, PanelSpec } from "./spec.ts";

const COLUMNS = 24;
const HEIGHTS: Partial<Record<NonNullable<PanelSpec["form"]>, number>> = { number: 5, states: 9, matrix: 9, table: 9 };
const HEIGHT = 8;

/** A written-down dashboard as a generated file, with the shipped rules in it. Throws where it names what does not exist. */
export function buildDashboard(spec: DashboardSpec): DashboardFile {
  const builder = new DashboardBuilder(`Zako / ${spec.title}`)
    .uid(`zako-${spec.name}`)
    .description(spec.description)
    .tags(["zako"])
    .readonly()
    .refresh("1m")
    .time({ from: "now-6h", to: "now" })
    .timezone("utc")
    .tooltip(DashboardCursorSync.Crosshair)
    .links([
      new DashboardLinkBuilder("Zako dashboards").type(DashboardLinkType.Dashboards).tags(["zako"]).asDropdown(true),
      new DashboardLinkBuilder("Firing alerts").type(DashboardLinkType.Link).url(`${ORIGIN}/alerts`).targetBlank(true),
    ])
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(variable("target", "Target", "zako_v1_target_incident_open", spec.oneTarget !== true))
    .withVariable(variable("vantage", "Vantage", "zako_v1_probe_attempts_total", true));
  const bindings: Binding[] = [];
  let y = 0;
  let id = 0;
  for (const { title, panels } of spec.rows) {
    builder.withRow(new RowBuilder(title).id(++id).gridPos({ h: 1, w: COLUMNS, x: 0, y }));
    const placed = placePanels(panels, y + 1);
    for (const [i, panel] of panels.entries()) {
      builder.withPanel(panelOf(panel, ++id, placed.at[i] as GridPos, spec));
      if (panel.rule !== undefined) bindings.push(bindingOf(panel, id, panel.rule));
    }
    y = placed.below;
  }
  const dashboard = JSON.parse(JSON.stringify(builder.build())) as Dashboard;
  for (const binding of bindings) {
    const panel = dashboard.panels?.find((one) => one.id === binding.panel);
    if (panel !== undefined)
      bindRule(
        panel,
        binding,
        CATALOGUE.find(({ name }) => name === binding.rule),
      );
  }
  return { dashboard, bindings };
}

function variable(name: string, label: string, family: string, isMulti: boolean): QueryVariableBuilder {
  const built = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query(`label_values(${family}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
  return isMulti ? built.multi(true).includeAll(true).allValue(".*").current({ text: "All", value: "$__all" }) : built;
}

/** Puts panels beside each other until a line is full. */
function placePanels(panels: readonly PanelSpec[], top: number): { at: GridPos[]; below: number } {
  let [x, y, tallest] = [0, top, 0];
  const at = panels.map(({ width, form = "lines" }) => {
    if (x + width > COLUMNS) [x, y, tallest] = [0, y + tallest, 0];
    const h = HEIGHTS[form] ?? HEIGHT;
    const place = { h, w: width, x, y };
    x += width;
    tallest = Math.max(tallest, h);
    return place;
  });
  return { at, below: y + tallest };
}

function bindingOf({ good, needs, queries, aspect = "value" }: PanelSpec, panel: number, rule: string): Binding {
  if (!CATALOGUE.some(({ name }) => name === rule))
    throw new Error(`Unknown rule ${rule}: the catalogue of shipped rules does not have it.`);
  const draws = queries === undefined ? { draws: aspect } : {};
  return { panel, rule, ...draws, description: describe({ good, ...(needs === undefined ? {} : { needs }) }) };
}
