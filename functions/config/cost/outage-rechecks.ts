import type { Config } from "../../model/config.ts";
import { type GroupPlace, rootsOf } from "../../model/probing/dependency-group.ts";
import { CONNECTIONS, laneOf, shardOf, slotRoomMs } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import { type Attempt, CRON_LATE_MS, lanesAtOnce, REPORT_MS } from "./attempt.ts";
import { ConnectionLine } from "./batch-time.ts";

/** Rechecks end so long before the next slot. */
const MARGIN_MS = 750;

/** The rechecks between two slots where nothing answers, as `functions/monitor/schedule/plan-rechecks.ts` plans them. */
export function rechecksOf(
  config: Config,
  shard: number,
  placeOf: (kind: string) => GroupPlace,
  first: Attempt,
): Attempt[] {
  const { gridMs, vantages, lanes } = config;
  const targets = config.targets.filter(({ name }) => shardOf(name, config.shards) === shard);
  const roots = targets.flatMap((target) =>
    [...rootsOf(target, {}, placeOf).values()].flatMap((plan) =>
      plan.recheckMs === undefined ? [] : [{ lane: laneOf(target.name, lanes), ...plan, recheckMs: plan.recheckMs }],
    ),
  );
  if (roots.length === 0) return [];
  const everyMs = Math.min(...roots.map(({ recheckMs }) => recheckMs));
  const endAt = gridMs - MARGIN_MS;
  const roomMs = (slotRoomMs(gridMs) * CONNECTIONS) / 2;
  const attempts: Attempt[] = [];
  let at = Math.max(CRON_LATE_MS + first.monitorMs, CRON_LATE_MS + everyMs);
  const used = new Map<number, number>();
  while (at < endAt) {
    const perLane = new Map<number, { line: ConnectionLine; takenMs: number }>();
    for (const { lane, timeoutMs } of roots) {
      const own = perLane.get(lane) ?? { line: new ConnectionLine(), takenMs: used.get(lane) ?? 0 };
      perLane.set(lane, own);
      if (own.takenMs + timeoutMs > roomMs || at + nextEnd(own.line, timeoutMs) > endAt) continue;
      own.line.take(0, timeoutMs);
      own.takenMs += timeoutMs;
    }
    const lanesMs = [...perLane.values()].map(({ line }) => line.endsAt).filter((ms) => ms > 0);
    if (lanesMs.length === 0) break;
    for (const [lane, { takenMs }] of perLane) used.set(lane, takenMs);
    const isLocal = vantages[0] === LOCAL_VANTAGE;
    const attempt = isLocal
      ? { monitorMs: Math.max(...lanesMs) + REPORT_MS, proberMs: 0, probers: 0, writes: false }
      : lanesAtOnce(
          vantages.flatMap(() => lanesMs),
          false,
        );
    attempts.push(attempt);
    at += Math.max(attempt.monitorMs, everyMs);
  }
  return attempts;
}

const nextEnd = (line: ConnectionLine, ms: number): number => line.nextFree + ms;
