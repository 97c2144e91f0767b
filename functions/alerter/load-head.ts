import { lostTry } from "../notify/delivery/retry.ts";
import { AlerterHead } from "../store/alerter/alerter-head.ts";
import { rebase } from "./alerter-clock.ts";
import type { AlerterPorts } from "./alerter-ports.ts";
import { markKnown } from "./apply-decision.ts";
import { beginGeneration } from "./generations.ts";
import { expireUnusable, repairState } from "./repair-state.ts";

/**
 * The stored state, made fit for this life of the object and for its configuration. `isFlying`: whether the try of a
 * message is under way. Changes memory only.
 */
export function loadHead(ports: AlerterPorts, isFlying: (id: string) => boolean, now: number): AlerterHead {
  const { storage, config, log } = ports;
  const head = new AlerterHead(storage, now);
  for (const row of head.unreadable()) log({ event: "error", place: "load", error: `cannot read ${row}` });
  rebase(head, now);
  for (const [id, row] of [...head.outbox.all]) {
    // The object died during the try: it may have arrived, so its end is owed, and it is made again.
    if (!row.trying || isFlying(id)) continue;
    head.outbox.set(id, lostTry(row));
    markKnown(head, row, false);
  }
  const { generation } = head;
  // Another generation makes the Monitors that have joined it join again and learn of the alerts that are theirs now.
  if (generation?.config !== config.hash || generation.unassigned === true || hasMoved(head, config)) {
    beginGeneration(head, config, config, now);
    logGeneration(head, ports);
  }
  repairState(head, config, now);
  for (const expired of expireUnusable(head, now)) log({ event: "silence_expired", ...expired });
  return head;
}

/**
 * Whether alerts are with shards that do not have their targets: a Monitor with this configuration came first, and only
 * this Alerter knows where they belong. A generation of its own makes the Monitors join anew, and learn of them.
 */
const hasMoved = (head: AlerterHead, { ownerOf }: AlerterPorts["config"]): boolean =>
  [...head.alerts.all.values()].some(
    ({ shard, labels, resolvedAt }) => shard >= 0 && resolvedAt === undefined && ownerOf(labels, shard) !== shard,
  );

/** Logs the generation in force. */
export function logGeneration({ generation }: AlerterHead, { log }: Pick<AlerterPorts, "log">): void {
  if (generation === undefined) return;
  const { number, config, shards } = generation;
  log({ event: "generation", number, config, shards });
}
