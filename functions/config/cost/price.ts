import { METERS, type MeterName, PRICES } from "./prices.ts";
import type { Usage } from "./usage.ts";

const DAYS_PER_MONTH = 30;

/** A month's bill, dollars. */
export interface Bill {
  total: number;
  /** What each meter adds to the base; what is included costs nothing and is left out. */
  parts: Partial<Record<MeterName | "d1Storage", number>>;
}

/** The bill of 30 such days on the paid plan. Each meter is billed by the started unit. Pure. */
export function monthlyBill(day: Usage, databaseBytes: number): Bill {
  const parts: Bill["parts"] = {};
  for (const name of METERS) {
    const { included, unit, dollars } = PRICES.paid.perMonth[name];
    const over = day[name] * DAYS_PER_MONTH - included;
    if (over > 0) parts[name] = Math.ceil(over / unit) * dollars;
  }
  const { databaseIncludedBytes, databaseDollarsPerGb } = PRICES.paid;
  const stored = Math.min(databaseBytes, PRICES.paid.databaseBytes) - databaseIncludedBytes;
  if (stored > 0) parts.d1Storage = (stored / 1e9) * databaseDollarsPerGb;
  const total = Object.values(parts).reduce((sum, one) => sum + one, PRICES.baseDollars);
  return { total, parts };
}

/** What an hour of this costs where nothing is included any more, dollars, not rounded up. Pure. */
export const priceOf = (usage: Usage): number =>
  METERS.reduce((sum, name) => {
    const { unit, dollars } = PRICES.paid.perMonth[name];
    return sum + (usage[name] / unit) * dollars;
  }, 0);
