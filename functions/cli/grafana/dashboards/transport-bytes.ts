import { age, buckets, type DashboardSpec, FULL, gauge, growth, mean, quantile, rate, WRITES } from "../spec.ts";

const SPEED = "zako_v1_transport_throughput_bytes_per_second";
const CHUNKS = "zako_v1_transport_chunk_size_bytes";

/** What transfers move, and when something was last written. */
export const BYTES_ROWS: DashboardSpec["rows"] = [
  {
    title: "Bytes, throughput and chunks",
    panels: [
      {
        title: "Bytes moved",
        good: "for source probe, steady. For scrape and push, the working day.",
        unit: "Bps",
        width: 12,
        runbook: "transport-latency",
        queries: [
          rate("zako_v1_transport_download_bytes_total", "target, source", "down"),
          rate("zako_v1_transport_upload_bytes_total", "target, source", "up"),
        ],
      },
      {
        title: "Throughput of single transfers: mean",
        good: "flat. Small blobs show latency, not bandwidth.",
        unit: "Bps",
        width: 12,
        runbook: "transport-latency",
        queries: [mean(SPEED, "target, source, direction", "15m")],
      },
      {
        title: "Throughput of single transfers: P5",
        good: "flat: the slowest transfers are not much slower than the mean.",
        needs: FULL,
        unit: "Bps",
        width: 12,
        runbook: "transport-latency",
        queries: [quantile(0.05, SPEED, "target, direction", "1h")],
      },
      {
        title: "Chunk sizes",
        good: "one band, at the server's chunk size.",
        needs: FULL,
        unit: "bytes",
        width: 12,
        form: "heatmap",
        runbook: "transport-chunk-errors",
        queries: [buckets(CHUNKS)],
      },
      {
        title: "Mean chunk size",
        good: "flat. Small chunks cost CPU on both sides.",
        unit: "bytes",
        width: 12,
        runbook: "transport-chunk-errors",
        queries: [mean(CHUNKS, "target, source", "15m")],
      },
      {
        title: "Time stalled in downloads",
        good: "a small share of the time that downloads take: back-pressure, or a slow disk.",
        unit: "s",
        width: 12,
        runbook: "transport-latency",
        queries: [growth("zako_v1_transport_stall_seconds_total", "target, source", "15m")],
      },
    ],
  },
  {
    title: "Writes",
    panels: [
      {
        title: "Time since the last committed upload",
        good: "about one period of the canary.",
        needs: WRITES,
        unit: "s",
        width: 12,
        rule: "ZakoTransportNoCommit",
      },
      {
        title: "Time since the last commit, by source",
        good: "minutes on a working day.",
        needs: WRITES,
        unit: "s",
        width: 6,
        form: "number",
        runbook: "transport-no-commit",
        queries: [age("zako_v1_transport_last_commit_timestamp_seconds", "target, source")],
      },
      {
        title: "Measured retention",
        good: "grows with time: blobs are kept at least this long.",
        needs: "Empty until a canary has been read back: `probes.transport.journey` and `transport.upload` write them.",
        unit: "s",
        width: 6,
        form: "number",
        runbook: "cas-missing-ratio",
        queries: [gauge("zako_v1_transport_canary_retention_seconds", "target, source")],
      },
    ],
  },
];
