import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AlertSchema,
  type DeadLetterSchema,
  type IncidentSchema,
  type SilenceSchema,
  SilenceState,
  type UptimeSchema,
} from "../../../proto/gen/watch/v1/alerting_pb.ts";
import type { Uptime } from "../../evaluate/verdict/uptime.ts";
import type { DeadLetter } from "../../model/alerting/alerter-state.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import type { ActiveAlert, ListedSilence } from "./alerting-port.ts";

/** An alert as the API gives it. */
export const alertMessage = (alert: ActiveAlert): MessageInitShape<typeof AlertSchema> => ({
  fingerprint: alert.fingerprint,
  labels: { ...alert.labels },
  annotations: { ...alert.annotations },
  startsAt: timestampFromMs(alert.startsAt),
  notified: [...alert.notified],
  suppressed: alert.suppressed.map(({ receiver, why, until }) => ({ receiver, why, ...at("until", until) })),
  ...(alert.acknowledgement === undefined
    ? {}
    : {
        acknowledgement: {
          author: alert.acknowledgement.by,
          comment: alert.acknowledgement.comment,
          at: timestampFromMs(alert.acknowledgement.at),
        },
      }),
  ...at("notifiedAt", alert.notifiedAt),
  ...at("endedAt", alert.resolvedAt),
});

const STATES = {
  pending: SilenceState.PENDING,
  active: SilenceState.ACTIVE,
  expired: SilenceState.EXPIRED,
} as const;

/** A silence as the API gives it. */
export const silenceMessage = (silence: ListedSilence): MessageInitShape<typeof SilenceSchema> => ({
  id: silence.id,
  matchers: silence.matchers.map(printMatcher),
  startsAt: timestampFromMs(silence.startsAt),
  endsAt: timestampFromMs(silenceEnd(silence)),
  author: silence.author,
  reason: silence.reason,
  maintenance: silence.maintenance,
  state: STATES[silence.state],
  expiredReason: silence.expiredReason ?? "",
});

/** An incident as the API gives it. */
export const incidentMessage = (incident: Incident): MessageInitShape<typeof IncidentSchema> => ({
  id: incident.id,
  target: incident.target,
  openedAt: timestampFromMs(incident.openedAt),
  ...at("closedAt", incident.closedAt),
  removed: incident.why === "removed",
  acknowledgedBy: incident.acknowledgedBy ?? "",
  causes: incident.causes.map((cause) => ({ ...cause, at: timestampFromMs(cause.at) })),
});

/** A target's uptime as the API gives it. */
export const uptimeMessage = (
  target: string,
  { ratio, downMs, countedMs }: Uptime,
): MessageInitShape<typeof UptimeSchema> => ({
  target,
  ...(ratio === undefined ? {} : { ratio }),
  downSeconds: downMs / 1000,
  countedSeconds: countedMs / 1000,
});

/** A message that was given up, as the API gives it. */
export const deadLetterMessage = (letter: DeadLetter): MessageInitShape<typeof DeadLetterSchema> => ({
  messageId: letter.id,
  receiver: letter.receiver,
  channel: letter.channel,
  reason: letter.failure,
  givenUpAt: timestampFromMs(letter.at),
  tries: letter.tries,
  why: letter.why,
  critical: letter.critical,
  resolved: letter.status === "resolved",
  alerts: letter.alerts,
  names: [...letter.names],
});

const at = <Name extends string>(name: Name, ms: number | undefined): { [key in Name]?: Timestamp } =>
  (ms === undefined ? {} : { [name]: timestampFromMs(ms) }) as { [key in Name]?: Timestamp };
