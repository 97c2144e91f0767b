import type { Rule } from "../../model/alerting/rule.ts";
import { MINUTE_MS, series, shipped } from "./define.ts";

/** Rules about what the prober cannot see: it pages as well, and blames no target. */
export const PROBER_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoProberFault",
    severity: "critical",
    condition: {
      kind: "threshold",
      metric: series("zako_watch_target_gap_probes"),
      aggregate: "max",
      op: ">",
      value: 0,
    },
    summary: "Prober cannot tell whether the target works",
    description:
      "{{ $value }} critical probes of {{ $labels.target }} had no result for three intervals in a row, through a fault of the prober. An outage of {{ $labels.target }} would not be seen.",
    runbook: "prober-fault",
  }),
  shipped({
    name: "ZakoProberGaps",
    severity: "warning",
    condition: {
      kind: "threshold",
      metric: series("zako_watch_vantage_gap_ratio"),
      aggregate: "max",
      op: ">",
      // One slot that is lost as a whole stays below, one run in ten that is lost all the time does not.
      value: 0.1,
    },
    by: ["vantage"],
    forMs: 5 * MINUTE_MS,
    summary: "Prober loses runs",
    description:
      "{{ $value | humanizePercentage }} of the runs from {{ $labels.vantage }} have no result: they did not fit into their slot, or the prober failed.",
    runbook: "prober-gaps",
  }),
  shipped({
    name: "ZakoTokensRefused",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_watch_tokens_refused_total"),
      windowMs: 10 * MINUTE_MS,
      op: ">",
      // Nobody mistypes a token so often. One Prometheus with an old token does, at an interval of 20 s or less.
      value: 30,
    },
    by: ["route"],
    summary: "Wrong tokens are tried",
    description:
      "{{ $value }} tokens for {{ $labels.route }} were refused within 10 minutes. A client has an old token, or somebody guesses.",
    runbook: "tokens-refused",
  }),
  shipped({
    name: "ZakoSeriesDropped",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_watch_readings_refused_total", { reason: "series" }),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      value: 0,
    },
    by: ["target", "source"],
    summary: "Reported series are dropped",
    description:
      "{{ $value }} values that {{ $labels.target }} reported ({{ $labels.source }}) were dropped within 15 minutes, because the room for series is used up. Rules do not see them.",
    runbook: "series-dropped",
  }),
];
