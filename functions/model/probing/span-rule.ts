import type { Family } from "../metric.ts";
import { PUSHABLE_FAMILIES } from "./push.ts";

/** Which histogram measures which spans. */
export interface SpanRule {
  /** Full name of the span. */
  name: string;
  /** A histogram of seconds. */
  family: string;
  /** All of its labels except `target` and `source`. */
  labels: Readonly<Record<string, string>>;
}

/** Histograms that spans may feed. */
export const SPAN_FAMILIES: readonly Family[] = PUSHABLE_FAMILIES.filter(
  ({ type, name }) => type === "histogram" && name.endsWith("_seconds"),
);

const rule = (family: string, names: readonly string[], labels: SpanRule["labels"] = {}): SpanRule[] =>
  names.map((name) => ({ name, family, labels }));

/**
 * Spans that Zako emits today (its public repository at a28278f, 2026-03-21), followed by neutral names for a Zako with
 * new instrumentation. A span inside another of the same family would count twice, so only the outer one is listed.
 */
export const DEFAULT_SPAN_RULES: readonly SpanRule[] = [
  ...rule("zako_v1_build_duration_seconds", ["program start", "zako.build"]),
  ...rule("zako_v1_engine_module_load_seconds", ["load module", "zako.engine.module_load"]),
  ...rule("zako_v1_engine_module_execution_seconds", [
    "Engine::execute_module",
    "Engine::execute_module_and_then",
    "Engine::execute_module_with_json",
    "Engine::execute_module_with_json_and_then",
    "zako.engine.module_execution",
  ]),
  ...rule("zako_v1_engine_json_conversion_seconds", ["zako.engine.json_conversion"]),
  ...rule("zako_v1_worker_task_duration_seconds", ["v8 execution"], { pool: "v8" }),
  ...rule("zako_v1_worker_task_duration_seconds", ["oxc transpile"], { pool: "oxc" }),
];
