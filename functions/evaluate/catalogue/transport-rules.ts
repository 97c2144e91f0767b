import type { Rule } from "../../model/alerting/rule.ts";
import type { QuantileCondition } from "../rules/kinds/quantile.ts";
import type { RatioCondition } from "../rules/kinds/ratio.ts";
import { DAY_MS, failedVotes, HOUR_MS, MINUTE_MS, probed, series, shipped, votes } from "./define.ts";

type Windows = Pick<RatioCondition, "windowMs" | "shortWindowMs">;

const failuresOf = (probe: string, windows: Windows, value: number, minCount: number): RatioCondition => ({
  kind: "ratio",
  numerator: failedVotes(probe),
  denominator: votes(probe),
  ...windows,
  op: ">",
  value,
  minCount,
});

const slow = (
  family: string,
  quantile: number,
  windows: Windows,
  value: number,
  minCount: number,
): QuantileCondition => ({
  kind: "quantile",
  histogram: probed(family),
  quantile,
  ...windows,
  op: ">",
  value,
  minCount,
});

const LATELY: Windows = { windowMs: 15 * MINUTE_MS, shortWindowMs: 5 * MINUTE_MS };

/** Rules about transfers. Windows hold at least as many runs as a quantile needs to be more than a maximum. */
export const TRANSPORT_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoTransportUploadFailures",
    severity: "warning",
    // Uploads run every 10 minutes: two of six, one of them lately.
    condition: failuresOf("transport.upload", { windowMs: HOUR_MS, shortWindowMs: 30 * MINUTE_MS }, 0.3, 4),
    summary: "Uploads fail often",
    description:
      "{{ $value | humanizePercentage }} of the uploads to {{ $labels.target }} failed within an hour, outside incidents.",
    runbook: "transport-upload-failures",
  }),
  shipped({
    name: "ZakoTransportDownloadFailures",
    severity: "warning",
    // Downloads run every minute: two of fifteen, one of them lately.
    condition: failuresOf("transport.download", LATELY, 0.1, 10),
    summary: "Downloads fail often",
    description:
      "{{ $value | humanizePercentage }} of the downloads from {{ $labels.target }} failed within 15 minutes, outside incidents.",
    runbook: "transport-download-failures",
  }),
  shipped({
    name: "ZakoTransportDownloadLatencyP95High",
    severity: "warning",
    condition: slow(
      "zako_v1_transport_download_duration_seconds",
      0.95,
      { windowMs: 30 * MINUTE_MS, shortWindowMs: 10 * MINUTE_MS },
      2,
      20,
    ),
    forMs: 5 * MINUTE_MS,
    summary: "Downloads are slow",
    description: "5 % of the downloads from {{ $labels.target }} take {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportDownloadLatencyP99High",
    severity: "warning",
    condition: slow(
      "zako_v1_transport_download_duration_seconds",
      0.99,
      { windowMs: 2 * HOUR_MS, shortWindowMs: 30 * MINUTE_MS },
      5,
      100,
    ),
    forMs: 5 * MINUTE_MS,
    summary: "Some downloads are very slow",
    description: "1 % of the downloads from {{ $labels.target }} take {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportUploadLatencyP95High",
    severity: "warning",
    condition: slow(
      "zako_v1_transport_upload_duration_seconds",
      0.95,
      { windowMs: 6 * HOUR_MS, shortWindowMs: HOUR_MS },
      2,
      20,
    ),
    forMs: 10 * MINUTE_MS,
    summary: "Uploads are slow",
    description: "5 % of the uploads to {{ $labels.target }} take {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportUploadLatencyP99High",
    severity: "warning",
    condition: slow(
      "zako_v1_transport_upload_duration_seconds",
      0.99,
      { windowMs: DAY_MS, shortWindowMs: 4 * HOUR_MS },
      5,
      100,
    ),
    forMs: 10 * MINUTE_MS,
    summary: "Some uploads are very slow",
    description: "1 % of the uploads to {{ $labels.target }} take {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportChunkErrors",
    severity: "warning",
    condition: {
      kind: "ratio",
      // Wrong bytes and refusals are other findings: only what broke off counts.
      numerator: failedVotes("transport.download", { op: "=", value: "truncated" }),
      denominator: votes("transport.download"),
      ...LATELY,
      op: ">",
      value: 0.05,
      minCount: 10,
    },
    summary: "Downloads break off",
    description:
      "{{ $value | humanizePercentage }} of the downloads from {{ $labels.target }} broke off before their end within 15 minutes, outside incidents.",
    runbook: "transport-chunk-errors",
  }),
  shipped({
    name: "ZakoTransportIntegrityFailure",
    severity: "critical",
    condition: {
      kind: "rate",
      counter: {
        family: "zako_v1_transport_integrity_failures_total",
        matchers: [
          { name: "source", op: "=", value: "probe" },
          { name: "probe", op: "=~", value: "transport[.](download|upload|journey)" },
        ],
      },
      windowMs: 15 * MINUTE_MS,
      op: ">",
      // A cache that hands out wrong bytes poisons builds: once is too often.
      value: 0,
      whileFailing: [],
    },
    by: ["target", "probe"],
    summary: "Corrupt data served",
    description:
      "{{ $labels.target }} served corrupt data: the content of {{ $value }} transfers of {{ $labels.probe }} within 15 minutes did not match its digest or size.",
    runbook: "transport-integrity",
  }),
  shipped({
    name: "ZakoTransportAlreadyExistsOnFresh",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: series("zako_v1_probe_step_failures_total", { step: "upload", reason: "rpc_already_exists" }),
      windowMs: 30 * MINUTE_MS,
      op: ">",
      value: 0,
      whileFailing: [],
    },
    by: ["target", "probe"],
    summary: "New blobs are refused as already_exists",
    description:
      "{{ $labels.target }} refused {{ $value }} uploads of new content by {{ $labels.probe }} as already_exists.",
    runbook: "transport-already-exists",
  }),
  shipped({
    name: "ZakoTransportBadRequestAccepted",
    severity: "warning",
    condition: {
      kind: "rate",
      counter: {
        family: "zako_v1_probe_step_failures_total",
        matchers: [{ name: "reason", op: "=~", value: "accepted_bad_upload|accepted_bad_token" }],
      },
      // Longer than any usual interval of transport.negative: it ends with the first run that is refused.
      windowMs: DAY_MS,
      op: ">",
      value: 0,
      whileFailing: [],
    },
    by: ["target", "probe"],
    summary: "Invalid uploads or tokens are accepted",
    description:
      "{{ $labels.target }} accepted what it must refuse: {{ $value }} times within a day, seen by {{ $labels.probe }}.",
    runbook: "transport-bad-request-accepted",
  }),
  shipped({
    name: "ZakoTransportNoCommit",
    severity: "warning",
    condition: {
      kind: "staleness",
      timestamp: probed("zako_v1_transport_last_commit_timestamp_seconds"),
      // A dozen of the default periods; the upload's own verdict is much faster.
      olderThanMs: 2 * HOUR_MS,
    },
    probes: ["transport.upload"],
    summary: "No upload committed for 2 h",
    description: "The last upload that {{ $labels.target }} committed was {{ $value | humanizeDuration }} ago.",
    runbook: "transport-no-commit",
  }),
];
