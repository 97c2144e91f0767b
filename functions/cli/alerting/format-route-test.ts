import { cleanLine } from "../../lib/clean-text.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import { formatWhy } from "../../notify/policy/format-why.ts";
import type { RouteTest } from "../../notify/policy/route-test.ts";
import { columns } from "../table.ts";
import { spellLabels } from "./read-labels.ts";

/** The receivers that an alert starting at `at` (epoch ms) would notify, and those that it would not, with the reason. */
export function formatRouteTest(
  labels: AlertLabels,
  at: number,
  { recipients, suppressed }: RouteTest,
  receivers: readonly Receiver[],
): string {
  const channelsOf = (name: string): string => {
    const endpoints = receivers.find((receiver) => receiver.name === name)?.endpoints ?? [];
    return endpoints.length === 0 ? "no channel" : endpoints.map(({ channel }) => channel).join(", ");
  };
  const rows = recipients.map((one) => [
    one.receiver,
    channelsOf(one.receiver),
    one.at === at ? "at once" : `after ${spellDuration(one.at - at)}`,
    one.route,
  ]);
  const others = suppressed.map(({ receiver, why, until }) => [receiver, channelsOf(receiver), formatWhy(why, until)]);
  return [
    cleanLine(spellLabels(labels)),
    `starting at ${spellTime(at)}`,
    "",
    rows.length === 0
      ? "no receiver is notified"
      : columns([["notified", "by", "when", "route"], ...rows.map((row) => row.map(cleanLine))]),
    ...(others.length === 0
      ? []
      : ["", columns([["not notified", "by", "why"], ...others.map((row) => row.map(cleanLine))])]),
  ].join("\n");
}
