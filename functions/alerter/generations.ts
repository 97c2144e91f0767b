import type { Join, JoinAnswer } from "../model/alerting/alert.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterConfig } from "./alerter-ports.ts";
import { endAlert } from "./intake.ts";

const MAX_SUPERSEDED = 50;

/**
 * Registers a Monitor. An unknown configuration is a new deployment and starts a generation. A replaced configuration is
 * refused until the Alerter itself runs with it again. Changes memory only.
 */
export function join(head: AlerterHead, request: Join, config: AlerterConfig, now: number): JoinAnswer {
  const current = head.generation;
  if (current === undefined || request.config !== current.config) {
    if (current !== undefined && head.superseded.includes(request.config))
      return { ok: false, why: "old_generation", generation: current.number };
    beginGeneration(head, { hash: request.config, shards: request.shards }, config, now);
  }
  const generation = head.generation?.number ?? 0;
  const shard = head.shards.get(String(request.shard));
  const alerts = [...head.alerts.all.values()]
    .filter((alert) => alert.shard === request.shard && alert.resolvedAt === undefined)
    .map(({ fingerprint, labels, annotations, evidence, startsAt, activeSince }) => ({
      fingerprint,
      labels,
      annotations,
      ...(evidence === undefined ? {} : { evidence }),
      startsAt,
      ...(activeSince === undefined ? {} : { activeSince }),
    }));
  return { ok: true, generation, sequence: shard?.sequence ?? 0, alerts };
}

/**
 * Activates a configuration as the next generation. Alerts move to the shards that now have their targets. Alerts without
 * a shard end as `removed`. Both wait until the configuration is the Alerter's own, because only then it knows all targets.
 */
export function beginGeneration(
  head: AlerterHead,
  next: Pick<AlerterConfig, "hash" | "shards">,
  own: AlerterConfig,
  now: number,
): void {
  const current = head.generation;
  const before = current === undefined ? head.superseded : [current.config, ...head.superseded];
  const number = (current?.number ?? 0) + 1;
  const isOwn = next.hash === own.hash;
  head.setGeneration(
    { number, config: next.hash, shards: next.shards, ...(isOwn ? {} : { unassigned: true }) },
    before.filter((hash) => hash !== next.hash).slice(0, MAX_SUPERSEDED),
  );
  for (const key of head.shards.all.keys()) if (Number(key) >= next.shards) head.shards.delete(key);
  for (let shard = 0; shard < next.shards; shard++)
    head.shards.set(String(shard), { generation: number, sequence: 0, lastSeenAt: now, missedWakes: 0 });
  if (!isOwn) return;
  for (const alert of [...head.alerts.all.values()]) {
    if (alert.shard < 0 || alert.resolvedAt !== undefined) continue;
    const owner = own.ownerOf(alert.labels, alert.shard);
    if (owner === undefined) endAlert(head, alert, "removed", Math.max(now, alert.startsAt));
    else if (owner !== alert.shard) head.putAlert({ ...alert, shard: owner });
  }
}
