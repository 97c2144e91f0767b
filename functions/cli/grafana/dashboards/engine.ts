import { buckets, type DashboardSpec, DIAGNOSTICS, FULL, gauge, growth, mean, quantiles, yesNo } from "../spec.ts";

const BY = "target, source";
const E = "zako_v1_engine";
const BOTH = `${DIAGNOSTICS} ${FULL}`;

/** The V8 engine. */
export const engine: DashboardSpec = {
  name: "engine",
  title: "Engine",
  description: "The V8 engine: loading and running modules, converting JSON, exceptions.",
  rows: [
    {
      title: "Modules",
      panels: [
        {
          title: "Module executions: P95",
          good: "below the limit.",
          needs: DIAGNOSTICS,
          unit: "s",
          width: 8,
          rule: "ZakoEngineModuleExecutionSlow",
        },
        {
          title: "Module executions: quantiles",
          good: "P99 within a few times P50.",
          needs: BOTH,
          unit: "s",
          width: 8,
          runbook: "engine-module-execution-slow",
          queries: quantiles(`${E}_module_execution_seconds`, BY, "2h"),
        },
        {
          title: "Mean times",
          good: "flat.",
          needs: DIAGNOSTICS,
          unit: "s",
          width: 8,
          runbook: "engine-module-execution-slow",
          queries: [
            [mean(`${E}_module_load_seconds`, BY, "1h")[0], "{{target}} {{source}} load"],
            [mean(`${E}_module_execution_seconds`, BY, "1h")[0], "{{target}} {{source}} run"],
            [mean(`${E}_json_conversion_seconds`, BY, "1h")[0], "{{target}} {{source}} convert"],
          ],
        },
        {
          title: "Module loads: quantiles",
          good: "flat.",
          needs: BOTH,
          unit: "s",
          width: 8,
          runbook: "engine-module-execution-slow",
          queries: quantiles(`${E}_module_load_seconds`, BY, "2h"),
        },
        {
          title: "Module executions",
          good: "one narrow band.",
          needs: BOTH,
          unit: "s",
          width: 8,
          form: "heatmap",
          runbook: "engine-module-execution-slow",
          queries: [buckets(`${E}_module_execution_seconds`)],
        },
        {
          title: "Health checks of the engine",
          good: "OK: a module returns what it must, a context is converted. Skipped by a Zako without diagnostics.",
          needs: DIAGNOSTICS,
          unit: "none",
          width: 8,
          form: "states",
          runbook: "probe-down",
          queries: [
            gauge("zako_v1_probe_success", "target, vantage", "execute", { probe: "engine.execute" }),
            gauge("zako_v1_probe_success", "target, vantage", "context", { probe: "engine.context" }),
          ],
          states: yesNo("OK", "fails", 1),
        },
      ],
    },
    {
      title: "JSON and exceptions",
      panels: [
        {
          title: "Failed JSON conversions",
          good: "0.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          rule: "ZakoEngineJsonConversionFailures",
        },
        {
          title: "JSON conversions: quantiles",
          good: "flat.",
          needs: BOTH,
          unit: "s",
          width: 12,
          runbook: "engine-json-conversion-failures",
          queries: quantiles(`${E}_json_conversion_seconds`, BY, "2h"),
        },
        {
          title: "Exceptions",
          good: "few: users' modules throw now and then.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          rule: "ZakoEngineExceptionsSurge",
        },
        {
          title: "Exceptions by kind",
          good: "no kind stands out.",
          needs: DIAGNOSTICS,
          unit: "short",
          width: 12,
          runbook: "engine-exceptions-surge",
          queries: [growth(`${E}_exceptions_total`, "target, source, kind", "15m")],
        },
      ],
    },
  ],
};
