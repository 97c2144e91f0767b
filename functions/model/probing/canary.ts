import type { Canary, CanaryName } from "./memory.ts";

/** How many of a probe's newest canaries are kept regardless of age. */
const NEWEST_KEPT = 6;

/** Of older ones, each that is kept is at least this much younger than the one before it. */
const AGE_RATIO = 2;

/** When the store was first known to hold it, epoch ms; undefined if never. */
export const storedSince = (canary: Canary): number | undefined => canary.committedAt ?? canary.readAt;

/** Whether the store had it and has since lost it, as last observed. */
export const isLost = (canary: Canary): boolean =>
  canary.lostAt !== undefined && canary.lostAt > (canary.readAt ?? Number.NEGATIVE_INFINITY);

/** A probe's canary of one period; with `recheck`, the one that this recheck wrote. */
export const canaryOf = (
  canaries: readonly Canary[],
  probe: string,
  period: number,
  recheck?: number,
): Canary | undefined =>
  canaries.find((canary) => isCanary(canary, { probe, period, ...(recheck === undefined ? {} : { recheck }) }));

/** Whether a canary has this name. */
export const isCanary = (canary: CanaryName, name: CanaryName): boolean =>
  canary.probe === name.probe && canary.period === name.period && canary.recheck === name.recheck;

/** A canary whose bytes and place in the store are known. */
export type StoredCanary = Canary & { digest: string };

/**
 * Our newest blob that the store has held, whichever probe wrote it. A store that has lost it is still asked for it;
 * otherwise the loss would look like health.
 */
export function newestStored(canaries: readonly Canary[]): StoredCanary | undefined {
  let newest: StoredCanary | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;
  for (const canary of canaries) {
    const at = storedSince(canary);
    if (at === undefined || canary.digest === undefined || at <= newestAt) continue;
    newest = { ...canary, digest: canary.digest };
    newestAt = at;
  }
  return newest;
}

/** A probe's oldest canary before `period` that the store is not known to have lost. */
export function oldestStored(canaries: readonly Canary[], probe: string, period: number): StoredCanary | undefined {
  let oldest: StoredCanary | undefined;
  for (const canary of canaries) {
    if (canary.probe !== probe || canary.recheck !== undefined) continue;
    if (canary.period >= period || canary.digest === undefined) continue;
    if (storedSince(canary) === undefined || isLost(canary)) continue;
    if (oldest === undefined || canary.period < oldest.period) oldest = { ...canary, digest: canary.digest };
  }
  return oldest;
}

/**
 * Whether a write of the last `periods` periods was sent and not acknowledged. If so, it is unclear whether writing
 * works, and `already_exists` does not prove that it does.
 */
export const writingInDoubt = (canaries: readonly Canary[], probe: string, period: number, periods: number): boolean =>
  canaries.some(
    (canary) =>
      canary.probe === probe &&
      canary.attempts > 0 &&
      canary.committedAt === undefined &&
      canary.period >= period - periods &&
      canary.period <= period,
  );

/**
 * Thins each probe's canaries: keeps the newest few, about one per doubling of age among the older ones, and always the
 * oldest that may still be readable. Older ones that never arrived or are lost are dropped. Of those that rechecks wrote,
 * only the newest and the newest stored one stay, so that they do not take the place of the periods' own. Oldest first.
 */
export function thinCanaries(canaries: readonly Canary[]): readonly Canary[] {
  const rechecks = canaries.filter(({ recheck }) => recheck !== undefined);
  if (rechecks.length === 0) return thinOwn(canaries);
  const own = thinOwn(canaries.filter(({ recheck }) => recheck === undefined));
  return byAge([...own, ...newestRechecks(rechecks)]);
}

const byAge = (canaries: readonly Canary[]): Canary[] =>
  canaries.toSorted(
    (a, b) =>
      a.period - b.period ||
      a.attemptedAt - b.attemptedAt ||
      (a.probe === b.probe ? (a.recheck ?? 0) - (b.recheck ?? 0) : a.probe < b.probe ? -1 : 1),
  );

/** Each probe's newest canary of a recheck, and the newest that the store is known to have held. */
function newestRechecks(canaries: readonly Canary[]): Canary[] {
  const newest = new Map<string, Canary>();
  for (const canary of byAge(canaries)) {
    newest.set(canary.probe, canary);
    if (storedSince(canary) !== undefined) newest.set(`${canary.probe} stored`, canary);
  }
  return [...new Set(newest.values())];
}

function thinOwn(canaries: readonly Canary[]): readonly Canary[] {
  const sorted = byAge(canaries);
  const newest = new Map<string, number>();
  for (const { probe, period } of sorted) newest.set(probe, period);
  const rank = new Map<string, number>();
  const recent = new Set(
    sorted.toReversed().filter(({ probe }) => {
      const place = rank.get(probe) ?? 0;
      rank.set(probe, place + 1);
      return place < NEWEST_KEPT;
    }),
  );
  const ageOfLastKept = new Map<string, number>();
  return sorted.filter((canary) => {
    if (recent.has(canary)) return true;
    if (storedSince(canary) === undefined || isLost(canary)) return false;
    const age = (newest.get(canary.probe) ?? canary.period) - canary.period;
    const before = ageOfLastKept.get(canary.probe);
    if (before !== undefined && before < AGE_RATIO * age) return false;
    ageOfLastKept.set(canary.probe, age);
    return true;
  });
}
