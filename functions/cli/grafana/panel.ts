import {
  BigValueColorMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type GridPos,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StatesBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { CATALOGUE } from "../../config/rules/catalogue.ts";
import { ORIGIN } from "../../expose/grafana/dashboard-file.ts";
import { viewRule } from "../../expose/grafana/rule-view.ts";
import { RUNBOOKS } from "../../expose/runbooks/registry.ts";
import type { DashboardSpec, Form, PanelSpec, Query } from "./spec.ts";

/** The data source that the variable chooses. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it.
export const DATA_SOURCE = { type: "prometheus", uid: "${datasource}" };

/** The description of a panel without what is said of its rule. */
export const describe = ({ good, needs }: Pick<PanelSpec, "good" | "needs">): string =>
  `Good: ${good}${needs === undefined ? "" : `\n\n${needs}`}`;

type AnyBuilder = LinesBuilder | StatBuilder | HeatmapBuilder | TableBuilder | StatesBuilder;

/** A panel of the SDK. Rules and their thresholds are put in afterwards: see `finish-dashboard.ts`. */
export function panelOf(spec: PanelSpec, id: number, place: GridPos, dashboard: DashboardSpec): { build(): Panel } {
  const { title, unit, form = "lines" } = spec;
  const builder = ofForm(form, unit);
  builder
    .id(id)
    .title(title)
    .description(describe(spec))
    .datasource(DATA_SOURCE)
    .unit(unit)
    .gridPos(place)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: "green" }]))
    .links(linksOf(spec, dashboard));
  if (spec.states !== undefined) builder.mappings([mappingOf(spec.states)]);
  if (dashboard.ofProber !== true)
    builder.dataLinks([link("Target page", `${ORIGIN}/targets/\${__field.labels.target}`)]);
  for (const [i, query] of queriesOf(spec).entries()) builder.withTarget(queryOf(query, form, i));
  return builder;
}

/** What a panel asks Prometheus; of a panel without queries, the number of its rule. */
export function queriesOf({ queries, rule, aspect, title }: PanelSpec): readonly Query[] {
  if (queries !== undefined) return queries;
  const found = CATALOGUE.find(({ name }) => name === rule);
  const view = found && viewRule(found, aspect);
  if (view === undefined) throw new Error(`The panel ${title} has neither queries nor a rule with a number.`);
  return [[view.expr, view.legend]];
}

function queryOf([expr, legend]: Query, form: Form, i: number): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(DATA_SOURCE)
    .refId(String.fromCharCode("A".charCodeAt(0) + i))
    .expr(expr)
    .legendFormat(legend);
  switch (form) {
    case "table":
    case "matrix":
      return query.instant().format(PromQueryFormat.Table);
    case "number":
      return query.instant();
    case "heatmap":
      return query.range().format(PromQueryFormat.Heatmap);
    case "lines":
      return query.range().exemplar(expr.includes("_bucket"));
    case "states":
      return query.range();
  }
}

function ofForm(form: Form, unit: string): AnyBuilder {
  switch (form) {
    case "lines":
      return new LinesBuilder()
        .legend(
          new VizLegendOptionsBuilder()
            .displayMode(LegendDisplayMode.Table)
            .placement(LegendPlacement.Bottom)
            .showLegend(true)
            .calcs(["lastNotNull", "max"]),
        )
        .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
        .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
        .lineWidth(1)
        .fillOpacity(5);
    case "number":
      return new StatBuilder()
        .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
        .colorMode(BigValueColorMode.Value);
    case "heatmap":
      return new HeatmapBuilder()
        .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Spectral").steps(64))
        .yAxis(new YAxisConfigBuilder().unit(unit));
    case "states":
      return new StatesBuilder().mergeValues(true).rowHeight(0.8);
    case "table":
      return new TableBuilder().transformations([
        { id: "organize", options: { excludeByName: { Time: true, __name__: true, instance: true, job: true } } },
      ]);
    case "matrix":
      return new TableBuilder().transformations([
        { id: "groupingToMatrix", options: { rowField: "probe", columnField: "vantage", valueField: "Value" } },
      ]);
  }
}

const mappingOf = (states: NonNullable<PanelSpec["states"]>): ValueMap => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(states.map(({ value, text, color }, index) => [`${value}`, { text, color, index }])),
});

const link = (title: string, url: string): DashboardLinkBuilder =>
  new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true);

/** Runbook first, then the page of the target or that of all alerts. */
function linksOf({ title, rule, runbook }: PanelSpec, { oneTarget }: DashboardSpec): DashboardLinkBuilder[] {
  const slug = runbook ?? CATALOGUE.find(({ name }) => name === rule)?.runbook;
  if (!RUNBOOKS.some((known) => known.slug === slug)) throw new Error(`The panel ${title} has no runbook: ${slug}.`);
  const page = oneTarget
    ? link("Target page", `${ORIGIN}/targets/\${target}`)
    : link("Firing alerts", `${ORIGIN}/alerts`);
  return [link("Runbook", `${ORIGIN}/runbooks/${slug}`), page];
}
