import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type Assumptions, USUAL } from "./assumptions.ts";
import { type HistorySize, historySize } from "./history-size.ts";
import { breachesOf, type PlanBreach } from "./judge-plan.ts";
import { type Bill, monthlyBill, priceOf } from "./price.ts";
import { type PlanName, PRICES } from "./prices.ts";
import { type UsageReport, usageOf } from "./usage.ts";
import { type WorstInvocation, worstInvocations } from "./worst-minute.ts";

/** All that a configuration uses of the platform, and what that costs. */
export interface PlatformCost {
  plan: PlanName;
  assumed: Pick<Assumptions, "roundTripMs" | "scrapesPerMinute">;
  worst: readonly WorstInvocation[];
  usage: UsageReport;
  history: HistorySize;
  breaches: readonly PlanBreach[];
  /** On the paid plan: 30 healthy days, and what one hour of total outage adds, dollars. */
  bill?: Bill & { outageHour: number };
}

/** Estimates what a configuration uses of a plan. Pure. */
export function platformCost(
  config: Config,
  all: readonly ProbeKind[],
  plan: PlanName,
  assumed: Assumptions = USUAL,
): PlatformCost {
  const kinds = new Map(all.map((kind) => [kind.kind, kind]));
  const usage = usageOf(config, kinds, assumed);
  const worst = worstInvocations(config, kinds, usage.busiestCalls);
  const history = historySize(config, kinds, PRICES[plan].databaseBytes);
  const breaches = breachesOf(config, kinds, plan, { worst, usage, history });
  const { roundTripMs, scrapesPerMinute } = assumed;
  const outageHour = Math.max(0, priceOf(usage.outageHour) - priceOf(usage.day) / 24);
  return {
    plan,
    assumed: { roundTripMs, scrapesPerMinute },
    worst,
    usage,
    history,
    breaches,
    ...(plan === "paid" ? { bill: { ...monthlyBill(usage.day, history.bytes), outageHour } } : {}),
  };
}
