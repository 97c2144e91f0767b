import { DAY_MS } from "../../lib/time-units.ts";
import { isCanary, isLost, thinCanaries } from "./canary.ts";
import type { Canary, CanaryName, Look, MemoryPatch, TargetMemory } from "./memory.ts";

type CanaryFacts = NonNullable<MemoryPatch["canaries"]>[number];

/** Combines two patches into one. */
export function joinPatches(first: MemoryPatch, second: MemoryPatch): MemoryPatch {
  return {
    ...first,
    ...second,
    ...(first.canaries !== undefined || second.canaries !== undefined
      ? { canaries: [...(first.canaries ?? []), ...(second.canaries ?? [])] }
      : {}),
    ...(first.offers !== undefined || second.offers !== undefined
      ? { offers: { ...first.offers, ...second.offers } }
      : {}),
    ...(first.looks !== undefined || second.looks !== undefined ? { looks: { ...first.looks, ...second.looks } } : {}),
    ...sum("writtenBytes", first, second),
    ...sum("tokens", first, second),
    ...(first.unsent !== undefined || second.unsent !== undefined
      ? { unsent: [...(first.unsent ?? []), ...(second.unsent ?? [])] }
      : {}),
  };
}

function sum(key: "writtenBytes" | "tokens", first: MemoryPatch, second: MemoryPatch): MemoryPatch {
  return first[key] === undefined && second[key] === undefined ? {} : { [key]: (first[key] ?? 0) + (second[key] ?? 0) };
}

/**
 * A target's memory after a patch. Facts of one slot may arrive in any order: the first attempt, commit and loss are kept,
 * and the last read and the highest count of attempts. Spending restarts with each UTC day of `now`.
 */
export function remember(memory: TargetMemory, patch: MemoryPatch, now: number): TargetMemory {
  const day = Math.floor(now / DAY_MS);
  const spent = memory.spent.day === day ? memory.spent : { day, writtenBytes: 0, tokens: 0 };
  if (patch.unsent !== undefined) {
    const { unsent, ...rest } = patch;
    return remember(takeBack({ ...memory, spent }, unsent), rest, now);
  }
  const token = patch.token ?? memory.token;
  const pushedAt = later(memory.pushedAt, patch.pushedAt);
  const offers = patch.offers === undefined ? memory.offers : { ...memory.offers, ...patch.offers };
  const looks = patch.looks === undefined ? memory.looks : newestLooks({ ...memory.looks, ...patch.looks });
  return {
    ...(token === undefined ? {} : { token }),
    ...(memory.origins === undefined ? {} : { origins: memory.origins }),
    ...((patch.bidiWorked ?? memory.bidiWorked) === true ? { bidiWorked: true } : {}),
    ...(offers === undefined ? {} : { offers }),
    ...(looks === undefined ? {} : { looks }),
    ...(pushedAt === undefined ? {} : { pushedAt }),
    canaries: patch.canaries === undefined ? memory.canaries : thinCanaries(withFacts(memory.canaries, patch.canaries)),
    spent: {
      day,
      writtenBytes: spent.writtenBytes + (patch.writtenBytes ?? 0),
      tokens: spent.tokens + (patch.tokens ?? 0),
    },
  };
}

/** A target has two origins, and those that it had before are of no use. */
const KEPT_LOOKS = 2;

const newestLooks = (looks: Readonly<Record<string, Look>>): Readonly<Record<string, Look>> =>
  Object.fromEntries(
    Object.entries(looks)
      .toSorted(([, a], [, b]) => b.at - a.at)
      .slice(0, KEPT_LOOKS),
  );

/** Forgets writes that were not sent; a blob that nothing was ever sent of costs nothing. */
function takeBack(memory: TargetMemory, unsent: readonly CanaryName[]): TargetMemory {
  let { canaries, spent } = memory;
  for (const name of unsent) {
    const known = canaries.find((canary) => isCanary(canary, name));
    if (known === undefined) continue;
    const attempts = known.attempts - 1;
    canaries = canaries.flatMap((canary) =>
      canary !== known ? [canary] : attempts > 0 ? [{ ...known, attempts }] : [],
    );
    if (attempts <= 0) spent = { ...spent, writtenBytes: Math.max(0, spent.writtenBytes - known.sizeBytes) };
  }
  return { ...memory, canaries, spent };
}

function withFacts(canaries: readonly Canary[], facts: readonly CanaryFacts[]): readonly Canary[] {
  const known = new Map(canaries.map((canary) => [keyOf(canary), canary]));
  for (const fact of facts) {
    const key = keyOf(fact);
    const before = known.get(key);
    const after = before === undefined ? began(fact) : merged(before, fact);
    if (after !== undefined) known.set(key, after);
  }
  return [...known.values()];
}

const keyOf = ({ probe, period, recheck }: CanaryName): string => `${period} ${recheck ?? ""} ${probe}`;

/** A canary from its first facts; undefined if its size is unknown, because it then cannot be derived again. */
function began(fact: CanaryFacts): Canary | undefined {
  const { sizeBytes } = fact;
  const attemptedAt = fact.attemptedAt ?? fact.committedAt ?? fact.readAt;
  if (sizeBytes === undefined || attemptedAt === undefined) return undefined;
  return { ...fact, sizeBytes, attemptedAt, attempts: fact.attempts ?? 1 };
}

function merged(before: Canary, fact: CanaryFacts): Canary {
  // Another size means other content: the known facts are about a blob that is no longer used.
  if (fact.sizeBytes !== undefined && fact.sizeBytes !== before.sizeBytes) return began(fact) ?? before;
  const committedAt = earlier(before.committedAt, fact.committedAt);
  const readAt = later(before.readAt, fact.readAt);
  const lostAt = isLost(before) ? before.lostAt : (fact.lostAt ?? before.lostAt);
  const digest = fact.digest ?? before.digest;
  return {
    probe: before.probe,
    period: before.period,
    ...(before.recheck === undefined ? {} : { recheck: before.recheck }),
    sizeBytes: before.sizeBytes,
    ...(digest === undefined ? {} : { digest }),
    attemptedAt: Math.min(before.attemptedAt, fact.attemptedAt ?? before.attemptedAt),
    attempts: Math.max(before.attempts, fact.attempts ?? 0),
    ...(committedAt === undefined ? {} : { committedAt }),
    ...(readAt === undefined ? {} : { readAt }),
    ...(lostAt === undefined ? {} : { lostAt }),
  };
}

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
