import { type Cost, costOf, totalCost } from "../../config/targets/budget.ts";
import { capacityOf } from "../../config/targets/capacity.ts";
import { formatSize } from "../../lib/size.ts";
import type { Config } from "../../model/config.ts";
import type { Target } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { Command } from "../command.ts";
import { formatNotified } from "../format-notified.ts";
import { rulesLine } from "../rules/rules-notified.ts";
import { table } from "../table.ts";
import { readConfig } from "./read-config.ts";
import { DEV_VARS, readDevVars, weakTokens } from "./weak-tokens.ts";

function costsOf(target: Target, config: Config, kinds: readonly ProbeKind[]): Cost[] {
  return target.probes.flatMap((plan) => {
    const kind = kinds.find((known) => known.kind === plan.kind);
    return kind === undefined ? [] : [costOf(plan, kind, config.vantages.length)];
  });
}

const number = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 1 });

/** What a configuration does to its targets, as text for its owner. */
function summary(config: Config, kinds: readonly ProbeKind[]): string {
  const rows = config.targets.map((target) => {
    const total = totalCost(costsOf(target, config, kinds));
    return [
      target.name,
      target.protocol,
      String(target.probes.length),
      number(total.callsPerMinute),
      formatSize(total.writtenBytesPerDay),
      number(total.tokensPerDay),
    ];
  });
  const sum = totalCost(config.targets.flatMap((target) => costsOf(target, config, kinds)));
  const { lanes } = capacityOf(config, kinds);
  const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
  return [
    `${plural(config.targets.length, "target")}, ${plural(config.targets.flatMap(({ probes }) => probes).length, "probe")}, from ${config.vantages.join(", ")}: ${number(sum.callsPerMinute)} calls a minute`,
    `${plural(config.shards, "shard")}, ${plural(config.lanes, "lane")} (needed when every target is down: ${lanes}), hash ${config.hash}`,
    rulesLine(config, kinds),
    ...formatNotified(config),
    "",
    table([["target", "protocol", "probes", "calls/min", "written/day", "tokens/day"], ...rows]),
  ].join("\n");
}

/** Checks a configuration file and shows the load that it puts on each target. */
export const configCheck: Command = {
  name: "config check",
  usage: "[FILE] [--local]",
  summary: "Checks a configuration and shows the load that it puts on each target.",
  run(args, context) {
    const loaded = readConfig(args, context);
    if (loaded === undefined) return 1;
    const weak = weakTokens(loaded.config, readDevVars());
    for (const words of weak) context.complain(`${DEV_VARS}: ${words}`);
    if (weak.length > 0) return 1;
    context.print(summary(loaded.config, context.kinds));
    for (const line of loaded.warnings) context.complain(`warning: ${line}`);
    return 0;
  },
};
