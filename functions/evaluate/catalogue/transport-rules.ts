import type { Rule } from "../../model/alerting/rule.ts";
import type { QuantileCondition } from "../rules/kinds/quantile.ts";
import type { RatioCondition } from "../rules/kinds/ratio.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, ofProbe, probed, series, shipped, votes } from "./define.ts";

const failuresOf = (probe: string, windowMs: number, value: number, minCount: number): RatioCondition => ({
  kind: "ratio",
  numerator: votes(ofProbe(probe), "failed"),
  denominator: votes(ofProbe(probe)),
  windowMs,
  op: ">",
  value,
  minCount,
});

const slow = (
  family: string,
  quantile: number,
  windowMs: number,
  value: number,
  minCount: number,
): QuantileCondition => ({ kind: "quantile", histogram: probed(family), quantile, windowMs, op: ">", value, minCount });

/** Rules about transfers. Windows hold at least as many runs as a quantile needs to be more than a maximum. */
export const TRANSPORT_RULES: readonly Rule[] = [
  shipped({
    name: "ZakoTransportUploadFailures",
    severity: "warning",
    // Uploads run every 10 minutes: two of six.
    condition: failuresOf("transport.upload", HOUR_MS, 0.3, 4),
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Uploads fail often.",
    description: "{{ $value | humanizePercentage }} of the uploads to {{ $labels.target }} failed within an hour.",
    runbook: "transport-upload-failures",
  }),
  shipped({
    name: "ZakoTransportDownloadFailures",
    severity: "warning",
    // Downloads run every minute: two of fifteen.
    condition: failuresOf("transport.download", 15 * MINUTE_MS, 0.1, 10),
    forMs: 2 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    summary: "Downloads fail often.",
    description:
      "{{ $value | humanizePercentage }} of the downloads from {{ $labels.target }} failed within 15 minutes.",
    runbook: "transport-download-failures",
  }),
  shipped({
    name: "ZakoTransportDownloadLatencyP95High",
    severity: "warning",
    condition: slow("zako_v1_transport_download_duration_seconds", 0.95, 30 * MINUTE_MS, 2, 20),
    forMs: 5 * MINUTE_MS,
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Downloads are slow.",
    description: "One in twenty downloads from {{ $labels.target }} takes {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportDownloadLatencyP99High",
    severity: "warning",
    condition: slow("zako_v1_transport_download_duration_seconds", 0.99, 2 * HOUR_MS, 5, 100),
    forMs: 5 * MINUTE_MS,
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Some downloads are very slow.",
    description:
      "One in a hundred downloads from {{ $labels.target }} takes {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportUploadLatencyP95High",
    severity: "warning",
    condition: slow("zako_v1_transport_upload_duration_seconds", 0.95, 6 * HOUR_MS, 2, 20),
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 30 * MINUTE_MS,
    summary: "Uploads are slow.",
    description: "One in twenty uploads to {{ $labels.target }} takes {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportUploadLatencyP99High",
    severity: "warning",
    condition: slow("zako_v1_transport_upload_duration_seconds", 0.99, DAY_MS, 5, 100),
    forMs: 10 * MINUTE_MS,
    keepFiringForMs: 30 * MINUTE_MS,
    summary: "Some uploads are very slow.",
    description: "One in a hundred uploads to {{ $labels.target }} takes {{ $value | humanizeDuration }} or longer.",
    runbook: "transport-latency",
  }),
  shipped({
    name: "ZakoTransportChunkErrors",
    severity: "warning",
    condition: {
      kind: "ratio",
      numerator: probed("zako_v1_transport_chunk_errors_total"),
      denominator: series("zako_v1_probe_attempts_total", { probe: "transport.download" }),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      value: 0.05,
      minCount: 10,
    },
    forMs: 2 * MINUTE_MS,
    keepFiringForMs: 10 * MINUTE_MS,
    summary: "Downloads break off in the middle.",
    description:
      "For every download from {{ $labels.target }}, {{ $value | humanizePercentage }} broke off after their first chunk.",
    runbook: "transport-chunk-errors",
  }),
  shipped({
    name: "ZakoTransportIntegrityFailure",
    severity: "critical",
    condition: {
      kind: "rate",
      counter: probed("zako_v1_transport_integrity_failures_total"),
      windowMs: 15 * MINUTE_MS,
      op: ">",
      // A cache that hands out wrong bytes poisons builds: once is too often.
      value: 0,
    },
    summary: "Corrupt data served.",
    description:
      "{{ $value }} transfers with {{ $labels.target }} within 15 minutes had bytes that were not the blob's.",
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
    },
    by: ["target", "probe"],
    summary: "A blob that nobody has written is said to exist.",
    description:
      "{{ $labels.target }} refused {{ $value }} uploads of fresh content as already_exists ({{ $labels.probe }}).",
    runbook: "transport-already-exists",
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
    summary: "Nothing new has been stored for long.",
    description: "{{ $labels.target }} last took in a new blob {{ $value | humanizeDuration }} ago.",
    runbook: "transport-no-commit",
  }),
];
