import type { Runbook } from "../../model/alerting/runbook.ts";

export const CAS_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "cas-missing-ratio",
    alerts: ["ZakoCasMissingRatioHigh"],
    means: "`NegotiateBlobs` reports blobs missing that were stored and read back before.",
    impact: "Clients upload what is there already, or build it again. Blobs may really be lost.",
    check: [
      "Whether downloads of the same blobs work: the probe `transport.download`. If they do, only the index is wrong.",
      "Whether the store was moved, restored or cleaned: its directory, size and age.",
      "Whether several instances with stores of their own stand behind one address.",
    ],
    fix: ["Restore the store or its index.", "Set a new `golden` blob if the old one was removed on purpose."],
  },
  {
    slug: "cas-transport-details-errors",
    alerts: ["ZakoCasTransportDetailsErrors"],
    means: "`GetTransportDetails` fails, or its answer breaks the contract: no token, concurrency 0, no address.",
    impact: "Clients that start now cannot transfer anything. Those that hold a token go on.",
    check: [
      'The code: `zako_v1_cas_requests_total` with `method="GetTransportDetails"`.',
      "Memory of the server: it keeps every token it has ever minted.",
      "Whether the answer passes the front unharmed.",
    ],
    fix: ["Restart the server if its memory is full of tokens.", "Correct its configured address and concurrency."],
  },
  {
    slug: "cas-concurrency-anomaly",
    alerts: ["ZakoCasConcurrencyAnomaly"],
    means: "The concurrency that the server recommends is far from what it was over the last day.",
    impact: "For the record: clients will use more or fewer connections than usual.",
    check: [
      "`zako_v1_cas_recommended_concurrency` beside `zako_v1_rule_baseline_mean`.",
      "Whether the server was moved to another host, resized, or configured anew.",
    ],
    fix: ["Nothing if it was meant: the baseline learns the new level within a day."],
  },
  {
    slug: "cas-connections-anomaly",
    alerts: ["ZakoCasConnectionsAnomaly"],
    means: "The number of connections is far from what it was over the last day.",
    impact: "Many more: load or a client that leaks them. Far fewer: clients cannot reach the server.",
    check: [
      "`zako_v1_cas_active_connections` beside `zako_v1_rule_baseline_mean`.",
      "Whether builds have started or stopped for a known reason: a release, a weekend.",
      "The server's limit of open files.",
    ],
    fix: ["Find the client that opens them, or the network that drops them."],
  },
  {
    slug: "cas-concurrency-mismatch",
    alerts: ["ZakoCasConcurrencyMismatch"],
    means: "More than twice as many transfers run at once as the server recommends.",
    impact: "Transfers slow each other down, and memory for their buffers grows.",
    check: [
      "Which clients do not keep to `recommended_concurrency`.",
      "Whether many clients share one server, each keeping to it for itself.",
    ],
    fix: ["Limit clients, or share the load among more servers.", "Raise the recommendation if the host has room."],
  },
];
