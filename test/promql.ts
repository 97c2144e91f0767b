import { parser } from "@prometheus-io/lezer-promql";

/** One series selector of an expression. */
export interface SelectedSeries {
  name: string;
  /** Labels that its matchers name. */
  matched: readonly string[];
  /** Labels that the innermost aggregation around it keeps; undefined where none drops any. */
  kept: readonly string[] | undefined;
}

/** What an expression selects. Throws where the expression is not PromQL. */
export function selectedBy(expression: string): SelectedSeries[] {
  const tree = parser.parse(expression);
  const found: SelectedSeries[] = [];
  const around: { to: number; labels: readonly string[] | undefined }[] = [];
  const textOf = (node: { from: number; to: number }): string => expression.slice(node.from, node.to);
  tree.iterate({
    enter(cursor) {
      const { node } = cursor;
      if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${expression}`);
      if (node.name === "AggregateExpr") {
        const modifier = node.getChild("AggregateModifier");
        const isBy = modifier?.getChild("By") != null;
        const labels = modifier?.getChild("GroupingLabels")?.getChildren("LabelName").map(textOf) ?? [];
        around.push({ to: node.to, labels: modifier == null || isBy ? labels : undefined });
      }
      if (node.name !== "VectorSelector") return undefined;
      const name = node.getChild("Identifier");
      const matched: string[] = [];
      node.cursor().iterate(({ name: kind, from, to }) => {
        if (kind === "LabelName" || kind === "QuotedLabelName") matched.push(expression.slice(from, to));
      });
      const innermost = around.findLast(({ to }) => to >= node.to);
      found.push({ name: name === null ? "" : textOf(name), matched, kept: innermost?.labels });
      return false;
    },
  });
  return found;
}

/** An expression of a dashboard with values in place of Grafana's variables. */
export const withVariables = (expression: string, range = "1h", interval = "5m"): string =>
  expression
    .replaceAll("$__rate_interval", interval)
    .replaceAll("$__range_s", "300")
    .replaceAll("$__range", range)
    .replaceAll("$target", ".*")
    .replaceAll("$vantage", ".*");
