import { DURATION_BUCKETS, type Family } from "../metric.ts";

/** Separates what probes measured from what was scraped or pushed: they never share a series. */
export const PROBE_SOURCE = { source: "probe" } as const;

/** Families about the parts of a target. Some are fed by several kinds of probes, and by scrapes and pushes. */
export const ZAKO_FAMILIES = {
  casRequests: {
    name: "zako_v1_cas_requests_total",
    type: "counter",
    help: "Calls to the CAS service by method and RPC code; no_status if the answer had none.",
    labels: ["target", "source", "method", "code"],
  },
  missingRatio: {
    name: "zako_v1_cas_negotiate_missing_ratio",
    type: "gauge",
    help: "Share of blobs reported missing; for source probe, of blobs known to be stored, so 0 is healthy.",
    labels: ["target", "source"],
  },
  requestedBlobs: {
    name: "zako_v1_cas_negotiate_requested_blobs_total",
    type: "counter",
    help: "Blobs that NegotiateBlobs was asked about; for source probe, blobs known to be stored.",
    labels: ["target", "source"],
  },
  missingBlobs: {
    name: "zako_v1_cas_negotiate_missing_blobs_total",
    type: "counter",
    help: "Blobs reported missing; for source probe, of blobs known to be stored.",
    labels: ["target", "source"],
  },
  detailsFailures: {
    name: "zako_v1_cas_transport_details_failures_total",
    type: "counter",
    help: "GetTransportDetails calls without an answer, or with one that violates the contract.",
    labels: ["target", "source"],
  },
  tokensIssued: {
    name: "zako_v1_cas_tokens_issued_total",
    type: "counter",
    help: "Tokens issued by GetTransportDetails.",
    labels: ["target", "source"],
  },
  recommendedConcurrency: {
    name: "zako_v1_cas_recommended_concurrency",
    type: "gauge",
    help: "Transfer concurrency that GetTransportDetails recommends.",
    labels: ["target", "source"],
  },
  uploadBytes: {
    name: "zako_v1_transport_upload_bytes_total",
    type: "counter",
    help: "Bytes of blobs committed by uploads.",
    labels: ["target", "source"],
  },
  downloadBytes: {
    name: "zako_v1_transport_download_bytes_total",
    type: "counter",
    help: "Bytes of blobs received by downloads, including failed ones.",
    labels: ["target", "source"],
  },
  uploadDuration: {
    name: "zako_v1_transport_upload_duration_seconds",
    type: "histogram",
    help: "Duration of uploads that committed a blob; already_exists does not count.",
    labels: ["target", "source"],
    buckets: DURATION_BUCKETS,
  },
  downloadDuration: {
    name: "zako_v1_transport_download_duration_seconds",
    type: "histogram",
    help: "Duration of downloads of whole blobs with correct content.",
    labels: ["target", "source"],
    buckets: DURATION_BUCKETS,
  },
  throughput: {
    name: "zako_v1_transport_throughput_bytes_per_second",
    type: "histogram",
    help: "Size of whole blobs divided by their transfer time, including the wait for the answer: for small blobs it shows latency.",
    labels: ["target", "source", "direction"],
    buckets: [1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8, 1e9],
  },
  chunkSize: {
    name: "zako_v1_transport_chunk_size_bytes",
    type: "histogram",
    help: "Chunk sizes in downloads of whole blobs; the first 64 chunks of each transfer count.",
    labels: ["target", "source"],
    buckets: [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576],
  },
  chunkErrors: {
    name: "zako_v1_transport_chunk_errors_total",
    type: "counter",
    help: "Downloads that failed after their first chunk, by reason; a reason appears with its first failure.",
    labels: ["target", "source", "reason"],
  },
  stall: {
    name: "zako_v1_transport_stall_seconds_total",
    type: "counter",
    help: "Time that downloads of whole blobs waited for data after the answer had begun, while a read was pending; hashing and decoding are not in it.",
    labels: ["target", "source"],
  },
  alreadyExists: {
    name: "zako_v1_transport_upload_already_exists_total",
    type: "counter",
    help: "Uploads refused as already_exists.",
    labels: ["target", "source"],
  },
  integrityFailures: {
    name: "zako_v1_transport_integrity_failures_total",
    type: "counter",
    help: "Transfers whose content or length did not match the blob; labelled by probe where source is probe.",
    labels: ["target", "source", "probe"],
  },
  lastCommit: {
    name: "zako_v1_transport_last_commit_timestamp_seconds",
    type: "gauge",
    help: "When an upload last committed a new blob.",
    labels: ["target", "source"],
  },
  canaryRetention: {
    name: "zako_v1_transport_canary_retention_seconds",
    type: "gauge",
    help: "Age of the oldest canary that could be read back: the store keeps blobs at least this long.",
    labels: ["target", "source"],
  },
} as const satisfies Record<string, Family>;
