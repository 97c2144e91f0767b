import { cleanLine } from "../../lib/clean-text.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import type { RouteTest } from "../../notify/policy/route-test.ts";
import { columns } from "../table.ts";
import { spellLabels } from "./read-labels.ts";

/** Who would be told of an alert that begins at `at` (epoch ms), and who not and why. */
export function formatRouteTest(
  labels: AlertLabels,
  at: number,
  { recipients, suppressed }: RouteTest,
  receivers: readonly Receiver[],
): string {
  const channelsOf = (name: string): string => {
    const endpoints = receivers.find((receiver) => receiver.name === name)?.endpoints ?? [];
    return endpoints.length === 0
      ? "no channel, so it reaches nobody"
      : endpoints.map(({ channel }) => channel).join(", ");
  };
  const rows = recipients.map((one) => [
    one.receiver,
    channelsOf(one.receiver),
    one.at === at ? "at once" : `after ${spellDuration(one.at - at)}`,
    one.route,
  ]);
  const others = suppressed.map(({ receiver, why, until, mute }) => {
    // What waits for a time and is muted by nothing is an escalation step.
    const isLater = until !== undefined && mute === undefined;
    const when = until === undefined ? "" : `${isLater ? "told after" : "until"} ${spellTime(until)}`;
    return [
      receiver,
      channelsOf(receiver),
      isLater ? `if nobody acts: ${when}` : `${why}${when === "" ? "" : `, ${when}`}`,
    ];
  });
  return [
    cleanLine(spellLabels(labels)),
    `beginning at ${spellTime(at)}`,
    "",
    rows.length === 0
      ? "nobody is told"
      : columns([["told", "by", "when", "route"], ...rows.map((row) => row.map(cleanLine))]),
    ...(others.length === 0
      ? []
      : ["", columns([["not told", "by", "why"], ...others.map((row) => row.map(cleanLine))])]),
  ].join("\n");
}
