import { USUAL } from "../../config/cost/assumptions.ts";
import { platformCost } from "../../config/cost/platform-cost.ts";
import { type PlanName, PRICES } from "../../config/cost/prices.ts";
import { parseDuration } from "../../lib/duration.ts";
import { type Command, UsageError } from "../command.ts";
import { onlyOne, readOptions } from "../read-options.ts";
import { formatCost } from "./format-cost.ts";
import { loadOrComplain } from "./read-config.ts";

const OPTIONS = {
  plan: { type: "string" },
  json: { type: "boolean" },
  "round-trip": { type: "string" },
  scrapes: { type: "string" },
  local: { type: "boolean" },
} as const;

const PLANS: readonly PlanName[] = ["free", "paid"];

/** Shows what a configuration uses of the platform, against the plan's limits and in dollars. */
export const configCost: Command = {
  name: "config cost",
  usage: "[FILE] [--plan free|paid] [--round-trip 80ms] [--scrapes N] [--json] [--local]",
  summary: "Shows what a configuration uses of Cloudflare's plans, and what it costs a month.",
  run(args, context) {
    const { values, positionals } = readOptions(args, OPTIONS);
    const plan = PLANS.find((name) => name === (values.plan ?? "paid"));
    if (plan === undefined) throw new UsageError(`${JSON.stringify(values.plan)} is not a plan; give free or paid`);
    const file = onlyOne(positionals, "file") ?? (context.env["WATCH_CONFIG"] || "watch.yaml");
    const loaded = loadOrComplain(file, values.local ?? context.env["WATCH_LOCAL"] === "1", context);
    if (loaded === undefined) return 1;
    const cost = platformCost(loaded.config, context.kinds, plan, {
      roundTripMs: roundTripOf(values["round-trip"]),
      scrapesPerMinute: scrapesOf(values.scrapes),
    });
    if (values.json === true) context.print(JSON.stringify({ pricesAsOf: PRICES.asOf, ...cost }, null, 2));
    else context.print(formatCost(loaded.config, cost));
    return cost.breaches.length === 0 ? 0 : 1;
  },
};

function roundTripOf(text: string | undefined): number {
  if (text === undefined) return USUAL.roundTripMs;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    throw new UsageError(`--round-trip ${JSON.stringify(text)} is not a time; give 80ms`);
  return ms;
}

function scrapesOf(text: string | undefined): number {
  if (text === undefined) return USUAL.scrapesPerMinute;
  const count = Number(text);
  if (text.trim() === "" || !Number.isFinite(count) || count < 0)
    throw new UsageError(`--scrapes ${JSON.stringify(text)} is not a number; give how often a minute /metrics is read`);
  return count;
}
