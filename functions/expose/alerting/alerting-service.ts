import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { AlertingService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { spellTime } from "../../lib/spell-time.ts";
import type { AlertRef } from "../../model/alert.ts";
import { matchesAll } from "../../model/matches.ts";
import type { NotifyConfig } from "../../model/notify-config.ts";
import { routeTest } from "../../notify/route-test.ts";
import type { AlertingPort, StandingAlert } from "./alerting-port.ts";
import { quoted, readAuthor, readWords } from "./field-issue.ts";
import { readDrillLabels } from "./read-drill.ts";
import { readMatchers } from "./read-matchers.ts";
import { accepted, refused } from "./refused.ts";
import { alertMessage, deadLetterMessage, incidentMessage } from "./to-proto.ts";

const FINGERPRINT = /^[0-9a-f]{16}$/;

/** Who is told of what, as the Alerter decides it. */
export type Notified = Pick<NotifyConfig, "policy" | "receivers">;

/** AlertingService of watch.v1 over the Alerter. `now`: epoch ms. */
export const alertingService = (
  port: AlertingPort,
  { policy, receivers }: Notified,
  now: () => number,
): ServiceImpl<typeof AlertingService> => ({
  async listAlerts({ matchers, includeEnded }) {
    const wanted = accepted(readMatchers(matchers));
    const alerts = await port.alerts(includeEnded ? "kept" : "firing");
    return { alerts: alerts.filter(({ labels }) => matchesAll(wanted, labels)).map(alertMessage) };
  },

  async acknowledge({ fingerprint, author, comment, startsAt }) {
    if (!FINGERPRINT.test(fingerprint))
      throw refused(
        Code.InvalidArgument,
        `fingerprint: ${quoted(fingerprint)} is none. Give the 16 hex digits that ListAlerts shows.`,
      );
    const by = accepted(readAuthor(author));
    const words = accepted(readWords("comment", comment));
    const alert = await firing(port, fingerprint, startsAt === undefined ? undefined : timestampMs(startsAt));
    if (!(await port.acknowledge(alert, by, words))) throw refused(Code.FailedPrecondition, ended(alert, now()));
    return { alert: alertMessage((await find(port, alert)) ?? alert) };
  },

  async listIncidents({ target, openOnly }) {
    const incidents = (await port.incidents()).filter(
      (one) => (target === "" || one.target === target) && (!openOnly || one.closedAt === undefined),
    );
    return { incidents: incidents.map(incidentMessage) };
  },

  async listDeadLetters() {
    return { deadLetters: (await port.deadLetters()).map(deadLetterMessage) };
  },

  async startDrill({ labels, author }) {
    const wanted = accepted(readDrillLabels(labels));
    const by = accepted(readAuthor(author));
    const alert = await find(port, await port.drill(wanted, by));
    if (alert === undefined) throw new Error("The Alerter does not keep the drill that it has begun.");
    const { told } = routeTest(policy, await port.silences(), alert.labels, alert.startsAt);
    const named = new Set(told.map(({ receiver }) => receiver));
    const reached = receivers.filter(({ name, endpoints }) => named.has(name) && endpoints.length > 0);
    return { alert: alertMessage(alert), receivers: reached.map(({ name }) => name) };
  },
});

const find = async (port: AlertingPort, ref: AlertRef): Promise<StandingAlert | undefined> =>
  (await port.alerts("kept")).find(
    ({ fingerprint, startsAt }) => fingerprint === ref.fingerprint && startsAt === ref.startsAt,
  );

/** The firing that is meant; throws where it is not known or over. */
async function firing(port: AlertingPort, fingerprint: string, startsAt?: number): Promise<StandingAlert> {
  const known = (await port.alerts("kept")).filter((one) => one.fingerprint === fingerprint);
  const meant = known.filter((one) => startsAt === undefined || one.startsAt === startsAt);
  const fires = meant.find(({ resolvedAt }) => resolvedAt === undefined);
  if (fires !== undefined) return fires;
  const last = meant.at(-1);
  if (last !== undefined) throw refused(Code.FailedPrecondition, ended(last, last.resolvedAt as number));
  const began = startsAt === undefined ? "" : ` that began at ${spellTime(startsAt)}`;
  throw refused(
    Code.NotFound,
    `No alert ${fingerprint}${began} is known. ListAlerts shows those that fire; one that ended is kept for 5 minutes.`,
  );
}

const ended = ({ labels, fingerprint }: StandingAlert, at: number): string =>
  `${labels["alertname"]} (${fingerprint}) fires no longer; it ended at ${spellTime(at)}. There is nothing to acknowledge.`;
