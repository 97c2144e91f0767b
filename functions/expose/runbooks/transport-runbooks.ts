import type { Runbook } from "./runbook.ts";

export const TRANSPORT_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "transport-upload-failures",
    alerts: ["ZakoTransportUploadFailures"],
    means: "More than three in ten uploads of small canaries failed within an hour.",
    impact: "What is built cannot be shared; the next build makes it again.",
    check: [
      'The reason: `zako_v1_probe_failures_by_reason_total` with `probe="transport.upload"`.',
      "Free disk of the store, and whether it can be written.",
      "Whether the token is accepted: `transport_auth` in `watch.yaml` says how it travels.",
    ],
    fix: ["Free the disk, mend permissions, or renew the token's way."],
  },
  {
    slug: "transport-download-failures",
    alerts: ["ZakoTransportDownloadFailures"],
    means: "More than one in ten downloads failed within 15 minutes.",
    impact: "Builds that find a blob cannot read it: they fail or build it again.",
    check: [
      'The reason: `zako_v1_probe_failures_by_reason_total` with `probe="transport.download"`.',
      "`missing_but_present` and `present_but_unreadable`: index and store disagree.",
      "`timeout` and `truncated`: disk or network under load.",
    ],
    fix: ["Mend what the reason names.", "If the golden blob was removed on purpose, set another one."],
  },
  {
    slug: "transport-latency",
    alerts: [
      "ZakoTransportDownloadLatencyP95High",
      "ZakoTransportDownloadLatencyP99High",
      "ZakoTransportUploadLatencyP95High",
      "ZakoTransportUploadLatencyP99High",
    ],
    means:
      "Transfers of small blobs take long: the slowest twentieth (P95) above 2 s, or the slowest hundredth (P99) above 5 s.",
    impact: "Builds wait for the cache. With many small blobs the waits add up.",
    check: [
      "Where the time goes: `zako_v1_probe_step_duration_seconds` by `step`, and `zako_v1_transport_stall_seconds_total` for waits in the middle.",
      "By vantage, whether distance explains it.",
      "Disk latency and CPU of the server; transfers running at once.",
    ],
    fix: [
      "Take load away, or move the server nearer.",
      "Set another limit with an override for targets that are far away.",
    ],
  },
  {
    slug: "transport-chunk-errors",
    alerts: ["ZakoTransportChunkErrors"],
    means: "Downloads begin well and break off after their first chunk.",
    impact: "Large blobs suffer most: the longer the transfer, the likelier it breaks.",
    check: [
      "The reason: `zako_v1_transport_chunk_errors_total`.",
      "`truncated`: a proxy or the server closes the stream. Look for idle and total timeouts in the front.",
      "`timeout`: the stream stalls. Look at `zako_v1_transport_stall_seconds_total`.",
    ],
    fix: ["Raise the timeouts of the front for streams.", "Replace a disk that fails to read."],
  },
  {
    slug: "transport-integrity",
    alerts: ["ZakoTransportIntegrityFailure"],
    means: "A transfer brought bytes whose BLAKE3 digest or length is not that of the blob.",
    impact: "Severe: clients that do not verify put wrong bytes into builds. Treat the store as suspect.",
    check: [
      "Whether it is one blob or all: compare `transport.download` (golden) with `transport.upload` (fresh canaries).",
      "Whether the front changes bodies: compression, caching, antivirus.",
      "The disk's own error counters.",
    ],
    fix: [
      "Take the store out of use until it is known which blobs are wrong.",
      "Remove damaged blobs and let builds upload them again.",
    ],
  },
  {
    slug: "transport-already-exists",
    alerts: ["ZakoTransportAlreadyExistsOnFresh"],
    means: "The server refused an upload of content that nobody can have written before as `already_exists`.",
    impact: "Writes may be lost in silence: clients take `already_exists` for success.",
    check: [
      "Whether two installations of zako-watch share one `installation` name: then each finds the other's canaries.",
      "Whether the blob can be read back: the probe's later steps.",
      "Whether a clock jumped back, so that a period came twice.",
    ],
    fix: ["Give each installation its own name.", "Mend the server's index if it claims blobs that it does not have."],
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
    means: "No upload has committed a new blob for more than two hours, although uploads may look healthy.",
    impact: "The store may be read only, full, or answer `already_exists` to everything.",
    check: [
      "`zako_v1_transport_upload_already_exists_total`: if it grows, nothing new is taken.",
      "Whether uploads are still probed: `zako_v1_probe_last_run_timestamp_seconds`, and `zako_watch_budget_written_bytes` against the budget.",
      "Whether `transport.upload` has an interval above two hours: then raise this rule's limit.",
    ],
    fix: ["Make the store writable, or free its disk.", "Raise the write budget of the target."],
  },
];
