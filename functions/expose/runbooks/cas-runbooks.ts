import type { Runbook } from "../../model/alerting/runbook.ts";

export const CAS_RUNBOOKS: readonly Runbook[] = [
  {
    slug: "cas-missing-ratio",
    alerts: ["ZakoCasMissingRatioHigh"],
    means: "`NegotiateBlobs` reports blobs missing that were stored and read back before.",
    impact: "Clients upload blobs that exist already, or build them again. Blobs may really be lost.",
    check: [
      "Whether downloads of the same blobs work: the probe `transport.download`. If they do, only the index is wrong.",
      "Whether the store was moved, restored or cleaned: its directory, size and age.",
      "Whether several instances with separate stores share one address.",
    ],
    fix: ["Restore the store or its index.", "Set a new `golden` blob if the old one was removed on purpose."],
  },
  {
    slug: "cas-transport-details-errors",
    alerts: ["ZakoCasTransportDetailsErrors"],
    means: "`GetTransportDetails` fails, or its answer violates the contract: no token, concurrency 0, no address.",
    impact: "Clients that start now cannot transfer anything. Clients that hold a token keep working.",
    check: [
      'The code: `zako_v1_cas_requests_total` with `method="GetTransportDetails"`.',
      "Memory of the server: it keeps every token it has ever issued.",
      "Whether the front end changes the answer.",
    ],
    fix: ["Restart the server if its memory is full of tokens.", "Correct its configured address and concurrency."],
  },
  {
    slug: "cas-concurrency-anomaly",
    alerts: ["ZakoCasConcurrencyAnomaly"],
    means: "The concurrency that the server recommends differs strongly from its average over the last day.",
    impact: "Informational: clients will use more or fewer connections than usual.",
    check: [
      "`zako_v1_cas_recommended_concurrency` beside `zako_v1_rule_baseline_mean`.",
      "Whether the server was moved to another host, resized, or reconfigured.",
    ],
    fix: ["Nothing, if the change was intended: the baseline adapts to the new level within a day."],
  },
  {
    slug: "cas-connections-anomaly",
    alerts: ["ZakoCasConnectionsAnomaly"],
    means: "The number of connections differs strongly from its average over the last day.",
    impact: "Many more: high load, or a client that leaks connections. Far fewer: clients cannot reach the server.",
    check: [
      "`zako_v1_cas_active_connections` beside `zako_v1_rule_baseline_mean`.",
      "Whether builds have started or stopped for a known reason: a release, a weekend.",
      "The server's limit of open files.",
    ],
    fix: ["Find the client that opens the connections, or the network that drops them."],
  },
  {
    slug: "cas-concurrency-mismatch",
    alerts: ["ZakoCasConcurrencyMismatch"],
    means: "The server runs more than twice as many concurrent transfers as it recommends.",
    impact: "Transfers slow each other down, and memory for their buffers grows.",
    check: [
      "Which clients exceed `recommended_concurrency`.",
      "Whether many clients share one server, each of them within the limit.",
    ],
    fix: ["Limit clients, or spread the load over more servers.", "Raise the recommendation if the host has room."],
  },
];
