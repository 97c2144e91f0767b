import type { Runbook } from "../../model/alerting/runbook.ts";

export const TRANSPORT_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "transport-upload-failures",
    alerts: ["ZakoTransportUploadFailures"],
    means: "More than 30 % of the uploads of small canaries failed within an hour.",
    impact: "Build results cannot be shared, so the next build repeats the work.",
    check: [
      'The reason: `zako_v1_probe_failures_by_reason_total` with `probe="transport.upload"`.',
      'The server\'s own words ("Server said" in the alert, and on `/alerts` with a token): a full disk or a read-only store is named there.',
      "Free disk space of the store, and whether it is writable.",
      "Whether the token is accepted: `transport_auth` in `watch.yaml` says how it travels.",
    ],
    fix: ["Free disk space, fix permissions, or correct `transport_auth`."],
  },
  {
    slug: "transport-download-failures",
    alerts: ["ZakoTransportDownloadFailures"],
    means: "More than 10 % of the downloads failed within 15 minutes.",
    impact: "Builds that find a blob cannot read it. They fail or build it again.",
    check: [
      'The reason: `zako_v1_probe_failures_by_reason_total` with `probe="transport.download"`.',
      "`missing_but_present` and `present_but_unreadable`: index and store disagree. `lost`: the store no longer has a blob.",
      "`timeout` and `truncated`: disk or network under load.",
    ],
    fix: ["Fix what the reason names.", "If the golden blob was removed on purpose, set another one."],
  },
  {
    slug: "transport-latency",
    alerts: [
      "ZakoTransportDownloadLatencyP95High",
      "ZakoTransportDownloadLatencyP99High",
      "ZakoTransportUploadLatencyP95High",
      "ZakoTransportUploadLatencyP99High",
    ],
    means: "Transfers of small blobs are slow: the 95th percentile is above 2 s, or the 99th above 5 s.",
    impact: "Builds wait for the cache. With many small blobs, the delays add up.",
    check: [
      "Where the time goes: `zako_v1_probe_step_duration_seconds` by `step`, and `zako_v1_transport_stall_seconds_total` for stalls during transfers.",
      "Whether the distance between vantage and target explains it.",
      "Disk latency, CPU and concurrent transfers of the server.",
    ],
    fix: [
      "Reduce the load, or move the server closer.",
      "Raise the limit with an override for targets that are far away.",
    ],
  },
  {
    slug: "transport-chunk-errors",
    alerts: ["ZakoTransportChunkErrors"],
    means: "Downloads start normally and fail after their first chunk.",
    impact: "Large blobs suffer most: the longer a transfer, the likelier it fails.",
    check: [
      "The reason: `zako_v1_transport_chunk_errors_total`.",
      "`truncated`: a proxy or the server closes the stream. Check the idle and total timeouts of the front end.",
      "`timeout`: the stream stalls. Check `zako_v1_transport_stall_seconds_total`.",
    ],
    fix: ["Raise the front end's timeouts for streams.", "Replace a disk that fails to read."],
  },
  {
    slug: "transport-integrity",
    alerts: ["ZakoTransportIntegrityFailure"],
    means: "A transfer returned data whose BLAKE3 digest or length does not match the blob.",
    impact: "Severe: clients that do not verify digests use corrupt data in builds. Treat the store as suspect.",
    check: [
      "Whether one blob or all blobs are affected: compare `transport.download` (golden) with `transport.upload` (fresh canaries).",
      "Whether the front end changes bodies: compression, caching, antivirus.",
      "The error counters of the disk.",
    ],
    fix: [
      "Take the store out of service until you know which blobs are damaged.",
      "Remove damaged blobs and let builds upload them again.",
    ],
  },
  {
    slug: "transport-already-exists",
    alerts: ["ZakoTransportAlreadyExistsOnFresh"],
    means: "The server answered `already_exists` to an upload of content that was never written before.",
    impact: "Writes may be lost silently: clients treat `already_exists` as success.",
    check: [
      "Whether two installations of zako-watch share one `installation` name: then each of them finds the other's canaries.",
      "Whether the blob can be read back: see the probe's later steps.",
      "Whether a clock jumped back, so that an interval was repeated.",
    ],
    fix: [
      "Give each installation its own name.",
      "Repair the server's index if it claims to have blobs that it does not have.",
    ],
  },
  {
    slug: "transport-bad-request-accepted",
    alerts: ["ZakoTransportBadRequestAccepted"],
    means: "The server accepted an upload whose content does not match its digest, or a token that it never issued.",
    impact: "Accepted wrong content corrupts builds that read it. An accepted token opens the store to anybody.",
    check: [
      'Which case: `zako_v1_probe_step_failures_total` with `reason="accepted_bad_upload"` or `"accepted_bad_token"`.',
      "Whether a front answers in the server's place, or the check was switched off.",
    ],
    fix: [
      "Switch on the check of digests and tokens.",
      "Remove the blob that was accepted. It ends with the first run of the probe in which everything is refused.",
    ],
  },
  {
    slug: "transport-no-commit",
    alerts: ["ZakoTransportNoCommit"],
    means: "No upload has committed a new blob for more than two hours, even though uploads may look healthy.",
    impact: "The store may be read-only or full, or may answer `already_exists` to everything.",
    check: [
      "`zako_v1_transport_upload_already_exists_total`: if it grows, the server accepts nothing new.",
      "Whether uploads are still probed: `zako_v1_probe_last_run_timestamp_seconds`, and `zako_watch_budget_written_bytes` against the budget.",
      "Whether `transport.upload` has an interval above two hours: then raise this rule's limit.",
    ],
    fix: ["Make the store writable, or free disk space.", "Raise the write budget of the target."],
  },
];
