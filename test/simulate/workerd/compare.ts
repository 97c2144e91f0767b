import type { Delays } from "../delays.ts";
import type { Ledger } from "../ledger.ts";
import { deliveries, type OutageRow, recordsOf, rowsOf, type Side } from "./side.ts";

/**
 * How far times may be apart, ms. The simulator lets a run take up to 250 ms, a hop between objects 4 ms and a way to a
 * receiver 60 ms; in workerd the clock stands still meanwhile. The longest chain, from a slot by its confirmation to an
 * answer, is below a second, and D1 keeps ends in whole seconds.
 */
export const TOLERANCE_MS = 2_000;

/** In what two worlds differ, in words; empty where they agree. */
export function differences(a: Side, b: Side): string[] {
  const found: string[] = [];
  const text = ({ source: { truth } }: Side): string =>
    JSON.stringify([truth.outages, truth.muted, truth.deaf, truth.troubles]);
  if (text(a) !== text(b)) found.push("the scripts differ");
  found.push(...ledgerDifferences(a.ledger, b.ledger));
  const [countsA, countsB] = [deliveries(a), deliveries(b)];
  for (const endpoint of new Set([...countsA.keys(), ...countsB.keys()]))
    if (countsA.get(endpoint) !== countsB.get(endpoint))
      found.push(`messages to ${endpoint}: ${countsA.get(endpoint) ?? 0} and ${countsB.get(endpoint) ?? 0}`);
  const rowsB = rowsOf(b);
  for (const [i, row] of rowsOf(a).entries()) {
    const other = rowsB[i];
    if (other !== undefined) found.push(...rowDifferences(row, other));
  }
  found.push(...recordDifferences(a, b));
  return found;
}

function ledgerDifferences(a: Ledger, b: Ledger): string[] {
  return Object.keys(a).flatMap((key) => {
    const [one, other] = [a[key as keyof Ledger], b[key as keyof Ledger]];
    if (typeof one === "number") return one === other ? [] : [`${key}: ${one} and ${other}`];
    if (Array.isArray(one)) return [];
    return delayDifferences(key, one as Delays, other as Delays);
  });
}

const delayDifferences = (name: string, a: Delays, b: Delays): string[] =>
  Object.keys(a).flatMap((key) => {
    const [one, other] = [a[key as keyof Delays], b[key as keyof Delays]];
    const isSame = key === "count" ? one === other : areNear(one, other);
    return isSame ? [] : [`${name}.${key}: ${one} and ${other}`];
  });

function rowDifferences(a: OutageRow, b: OutageRow): string[] {
  const name = `${a.outage.target} ${a.outage.cause} at ${new Date(a.outage.startAt).toISOString().slice(11, 19)}`;
  const found: string[] = [];
  if (a.pages.join() !== b.pages.join()) {
    const only = (pages: string[], others: string[]): string =>
      pages.filter((page) => !others.includes(page)).join("; ");
    found.push(`${name}: pages: only here: ${only(a.pages, b.pages)}; only there: ${only(b.pages, a.pages)}`);
  }
  for (const key of ["foundMs", "overMs", "openedMs", "closedMs"] as const)
    if (!areNear(a[key] ?? Number.NaN, b[key] ?? Number.NaN)) found.push(`${name}: ${key}: ${a[key]} and ${b[key]}`);
  return found;
}

function recordDifferences(a: Side, b: Side): string[] {
  const [one, other] = [recordsOf(a), recordsOf(b)];
  if (one.length !== other.length) return [`recorded incidents: ${one.length} and ${other.length}`];
  return one.flatMap(({ target, openedAt, closedAt = Number.NaN }, i) => {
    const pair = other[i];
    const isSame =
      pair?.target === target && areNear(openedAt, pair.openedAt) && areNear(closedAt, pair.closedAt ?? Number.NaN);
    return isSame ? [] : [`the record of ${target} at ${new Date(openedAt).toISOString()} has no like`];
  });
}

/** NaN stands for what never was. */
const areNear = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= TOLERANCE_MS;
