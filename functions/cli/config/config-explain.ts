import { formatDuration } from "../../lib/duration.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { Maintenance } from "../../model/alerting/maintenance.ts";
import {
  casAccess,
  type OriginAccess,
  outsideAccess,
  routeKey,
  transportAccess,
} from "../../model/probing/origin-access.ts";
import type { Target } from "../../model/probing/target.ts";
import { isAbout, maintenanceSpans } from "../../notify/policy/windows/maintenance.ts";
import type { Command } from "../command.ts";
import { formatRules } from "../rules/rules-notified.ts";
import { table } from "../table.ts";
import { readConfig } from "./read-config.ts";

function formatTarget(target: Target): string {
  const facts = [
    ["cas", target.casUrl],
    ["transport", target.transportUrl],
    ["protocol", target.protocol],
    ...accessFacts("cas", casAccess(target)),
    ...(routeKey(casAccess(target)) === routeKey(transportAccess(target))
      ? []
      : accessFacts("transport", transportAccess(target))),
    ...target.probes.flatMap(({ kind, outside }) =>
      outside === undefined ? [] : accessFacts(kind, outsideAccess(target, outside)),
    ),
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

/** What calls to an origin go through, and which secrets they carry there. */
const accessFacts = (name: string, { via, headers }: OriginAccess): string[][] => [
  ...(via === undefined ? [] : [[`${name} via`, `the binding ${via}`]]),
  ...headers.map(({ header, secret, username }) => [
    `${name} header`,
    `${header} from the secret ${secret}${username === undefined ? "" : ` of the user ${username}`}`,
  ]),
];

/** Planned work, with the targets that it is about and when it is next. */
function formatMaintenance(window: Maintenance, targets: readonly Target[], now: number): string {
  const about = targets.filter(({ name, labels }) => isAbout(window, { ...labels, target: name }));
  const [next] = maintenanceSpans(window, { from: now, to: now + AHEAD_MS });
  const when =
    next === undefined
      ? "not within 31 days"
      : `${next.from === now ? "now" : spellTime(next.from)} until ${spellTime(next.to)}`;
  return `maintenance ${window.name}\n  targets: ${about.map(({ name }) => name).join(", ")}\n  next: ${when}`;
}

const AHEAD_MS = 31 * DAY_MS;

/** Shows every target with all defaults filled in, and the rules that differ from the shipped ones. */
export const configExplain: Command = {
  name: "config explain",
  usage: "[FILE] [--local]",
  summary:
    "Shows every target and probe with all defaults filled in, maintenance, and the rules that are changed, off or inactive.",
  run(args, context) {
    const loaded = readConfig(args, context);
    if (loaded === undefined) return 1;
    const { config } = loaded;
    const now = Date.now();
    const planned = (config.maintenance ?? []).map((window) => formatMaintenance(window, config.targets, now));
    context.print([...config.targets.map(formatTarget), ...planned, formatRules(config, context.kinds)].join("\n\n"));
    return 0;
  },
};
