import { formatDuration } from "../../lib/duration.ts";
import type { Target } from "../../model/probing/target.ts";
import type { Command } from "../command.ts";
import { formatRules } from "../rules/rules-notified.ts";
import { table } from "../table.ts";
import { readConfig } from "./read-config.ts";

function formatTarget(target: Target): string {
  const facts = [
    ["cas", target.casUrl],
    ["transport", target.transportUrl],
    ["protocol", target.protocol],
    ...(target.auth === undefined ? [] : [["auth", `${target.auth.header} from the secret ${target.auth.secret}`]]),
    ...(target.transportAuth === undefined ? [] : [["transport_auth", `${target.transportAuth.header} from the CAS`]]),
    ...(target.address === undefined ? [] : [["address", target.address]]),
    ...Object.entries(target.labels).map(([name, value]) => [`label ${name}`, value]),
  ];
  const probes = target.probes.map((plan) => [
    plan.kind,
    formatDuration(plan.intervalMs),
    formatDuration(plan.timeoutMs),
    plan.degradedAfterMs === undefined ? "never" : formatDuration(plan.degradedAfterMs),
    plan.critical ? "yes" : "no",
    `${plan.thresholds.failures} of ${plan.thresholds.outOf}`,
    `${plan.thresholds.recoveries} in a row`,
    JSON.stringify(plan.options),
  ]);
  const head = ["probe", "interval", "timeout", "degraded after", "critical", "down", "up again", "options"];
  return [target.name, ...facts.map(([name, value]) => `  ${name}: ${value}`), table([head, ...probes], "  ")].join(
    "\n",
  );
}

/** Shows every target with all defaults filled in, and the rules that differ from the shipped ones. */
export const configExplain: Command = {
  name: "config explain",
  usage: "[FILE] [--local]",
  summary: "Shows every target and probe with all defaults filled in, and the rules that are changed, off or inactive.",
  run(args, context) {
    const loaded = readConfig(args, context);
    if (loaded === undefined) return 1;
    const { config } = loaded;
    context.print([...config.targets.map(formatTarget), formatRules(config, context.kinds)].join("\n\n"));
    return 0;
  },
};
