import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Alert } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { formatCause } from "../../notify/message/format-reason.ts";
import { formatWhy } from "../../notify/policy/format-why.ts";
import { spellMoment } from "./moment.ts";
import { spellLabels } from "./read-labels.ts";

const OWN_PLACE = ["alertname", "severity", "pager"];

/** An alert in a few lines, for somebody who has just been paged. `now`: epoch ms. */
export function formatAlert(alert: Alert, now: number): string {
  const { labels, annotations, startsAt, endedAt, acknowledgement, notified, suppressed, fingerprint } = alert;
  const about = spellLabels(labels, OWN_PLACE);
  const words = [annotations["summary"], annotations["description"]].filter((text) => text !== undefined).join(" ");
  const facts = [
    words,
    ...formatCause(annotations, now),
    `since ${startsAt === undefined ? "an unknown time" : spellMoment(timestampMs(startsAt), now)}`,
    ...(endedAt === undefined ? [] : [`resolved ${spellMoment(timestampMs(endedAt), now)}`]),
    ...(acknowledgement === undefined ? [] : [formatAcknowledgement(acknowledgement)]),
    notified.length === 0 ? "no receiver was notified" : `notified: ${notified.join(", ")}`,
    ...suppressed.map(({ receiver, why, until }) => {
      const untilMs = until === undefined ? undefined : timestampMs(until);
      return `not notified: ${receiver}: ${formatWhy(why, untilMs)}`;
    }),
    `fingerprint ${fingerprint}`,
  ];
  const head = `${labels["severity"] ?? ""} ${labels["alertname"] ?? ""} ${about}`;
  return [cleanLine(head), ...facts.filter((fact) => fact !== "").map((fact) => `  ${cleanLine(fact)}`)].join("\n");
}

/** Who acknowledged an alert, with their comment. */
export const formatAcknowledgement = ({ author, comment }: { author: string; comment: string }): string =>
  `acknowledged by ${author}${comment === "" ? "" : `: ${comment}`}`;
