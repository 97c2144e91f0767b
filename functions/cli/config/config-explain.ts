import { formatDuration } from "../../lib/duration.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import { trimCharacter } from "../../lib/trim-character.ts";
import type { Maintenance } from "../../model/alerting/maintenance.ts";
import { casAccess, type OriginAccess, outsideAccess, routeKey, transportAccess } from "../../model/origin-access.ts";
import type { Target } from "../../model/probing/target.ts";
import { isAbout, maintenanceSpans } from "../../notify/policy/windows/maintenance.ts";
import { URL_OPTION } from "../alerting/connection.ts";
import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { formatRules } from "../rules/rules-notified.ts";
import { table } from "../table.ts";
import { readConfig } from "./read-config.ts";
import { askVantages, formatVantages, type VantagesSeen } from "./vantages-seen.ts";

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
  usage: "[FILE] [--local] [--url URL]",
  summary:
    "Shows every target and probe with all defaults filled in, vantages, maintenance, and the rules that are changed, off or inactive. With --url also where the vantages of that installation run.",
  run(args, context) {
    const { values, positionals } = readOptions(args, { ...URL_OPTION, local: { type: "boolean" } });
    const loaded = readConfig([...positionals, ...(values.local === true ? ["--local"] : [])], context);
    if (loaded === undefined) return 1;
    const { config } = loaded;
    const now = Date.now();
    const show = (seen?: VantagesSeen): number => {
      if (seen?.ok === false) context.complain(seen.why);
      const planned = (config.maintenance ?? []).map((window) => formatMaintenance(window, config.targets, now));
      const vantages = formatVantages(config.vantages, seen?.ok === true ? seen.places : undefined);
      const parts = [...config.targets.map(formatTarget), vantages, ...planned, formatRules(config, context.kinds)];
      context.print(parts.join("\n\n"));
      return seen?.ok === false ? 1 : 0;
    };
    if (values.url === undefined) return show();
    return askVantages(installationOf(values.url), context.env["METRICS_TOKEN"]?.trim() || undefined).then(show);
  },
};

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The address of an installation without a slash at the end. The token for it must not travel unencrypted. */
function installationOf(text: string): string {
  const url = URL.parse(text);
  const isFine = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (url === null || !isFine || url.username !== "")
    throw new UsageError(
      `${JSON.stringify(text)} is not the https URL of an installation; give one such as https://watch.example`,
    );
  return `${url.origin}${trimCharacter(url.pathname, "/", "end")}`;
}
