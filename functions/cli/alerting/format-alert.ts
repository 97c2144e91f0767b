import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Alert } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { formatCause } from "../../notify/message/format-reason.ts";
import { spellMoment } from "./moment.ts";
import { spellLabels } from "./read-labels.ts";

const OWN_PLACE = ["alertname", "severity", "pager"];

/** An alert in some lines, for somebody who has just been woken. `now`: epoch ms. */
export function formatAlert(alert: Alert, now: number): string {
  const { labels, annotations, startsAt, endedAt, acknowledgement, notified, suppressed, fingerprint } = alert;
  const about = spellLabels(labels, OWN_PLACE);
  const words = [annotations["summary"], annotations["description"]].filter((text) => text !== undefined).join(" ");
  const facts = [
    words,
    ...formatCause(annotations, now),
    `since ${startsAt === undefined ? "an unknown time" : spellMoment(timestampMs(startsAt), now)}`,
    ...(endedAt === undefined ? [] : [`ended ${spellMoment(timestampMs(endedAt), now)}`]),
    ...(acknowledgement === undefined ? [] : [formatAcknowledgement(acknowledgement)]),
    notified.length === 0 ? "nobody was told" : `told: ${notified.join(", ")}`,
    ...suppressed.map(({ receiver, why, until }) => {
      const end = until === undefined ? "" : `, until ${spellTime(timestampMs(until))}`;
      return `not told now: ${receiver}: ${why}${end}`;
    }),
    `fingerprint ${fingerprint}`,
  ];
  const head = `${labels["severity"] ?? ""} ${labels["alertname"] ?? ""} ${about}`;
  return [cleanLine(head), ...facts.filter((fact) => fact !== "").map((fact) => `  ${cleanLine(fact)}`)].join("\n");
}

/** Who has taken an alert on. */
export const formatAcknowledgement = ({ author, comment }: { author: string; comment: string }): string =>
  `acknowledged by ${author}${comment === "" ? "" : `: ${comment}`}`;
