import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { AlertingService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import type { PlannedWork } from "../../model/alerting/maintenance.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { NotifyConfig } from "../../model/alerting/notify-config.ts";
import { routeTest } from "../../notify/policy/route-test.ts";
import { acknowledgeAlert, findAlert } from "./acknowledge-alert.ts";
import type { AlertingPort } from "./alerting-port.ts";
import { formatIssue, readAuthor } from "./field-issue.ts";
import { readDrillLabels } from "./read-drill.ts";
import { readMatchers } from "./read-matchers.ts";
import { accepted, refused } from "./refused.ts";
import { targetUptime } from "./target-uptime.ts";
import { alertMessage, deadLetterMessage, incidentMessage, uptimeMessage } from "./to-proto.ts";

/** The parts of the configuration that decide notifications. */
export interface Notified extends Pick<NotifyConfig, "policy" | "receivers"> {
  planned: PlannedWork;
}

/** AlertingService of watch.v1 over the Alerter. `now`: epoch ms; `watchedSince`: the same, by target. */
export const alertingService = (
  port: AlertingPort,
  { policy, receivers, planned }: Notified,
  now: () => number,
  watchedSince: () => Promise<ReadonlyMap<string, number>>,
): ServiceImpl<typeof AlertingService> => ({
  async listAlerts({ matchers, includeEnded }) {
    const wanted = accepted(readMatchers(matchers));
    const alerts = await port.alerts(includeEnded ? "kept" : "firing");
    return { alerts: alerts.filter(({ labels }) => matchesAll(wanted, labels)).map(alertMessage) };
  },

  async acknowledge({ fingerprint, author, comment, startsAt }) {
    const draft = { fingerprint, author, comment, startsAt: startsAt && timestampMs(startsAt) };
    const taken = await acknowledgeAlert(port, draft, now());
    if (taken.ok) return { alert: alertMessage(taken.alert) };
    if (taken.why === "invalid") throw refused(Code.InvalidArgument, formatIssue(taken.issues));
    const words = taken.issues.map(({ problem }) => problem).join(" ");
    throw refused(taken.why === "unknown" ? Code.NotFound : Code.FailedPrecondition, words);
  },

  async listIncidents({ target, openOnly }) {
    const incidents = (await port.incidents()).filter(
      (one) =>
        one.state === "down" && (target === "" || one.target === target) && (!openOnly || one.closedAt === undefined),
    );
    return { incidents: incidents.map(incidentMessage) };
  },

  async listUptimes() {
    const [watched, incidents, silences] = await Promise.all([watchedSince(), port.incidents(), port.silences()]);
    const facts = { incidents, silences, planned, now: now() };
    return {
      uptimes: [...watched].map(([target, since]) => uptimeMessage(target, targetUptime(target, since, facts))),
    };
  },

  async listDeadLetters() {
    return { deadLetters: (await port.deadLetters()).map(deadLetterMessage) };
  },

  async startDrill({ labels, author }) {
    const wanted = accepted(readDrillLabels(labels));
    const by = accepted(readAuthor(author));
    const alert = await findAlert(port, await port.drill(wanted, by));
    if (alert === undefined) throw new Error("The Alerter does not keep the drill that it has begun.");
    const { recipients } = routeTest(
      { policy, receivers, maintenance: planned.windows },
      await port.silences(),
      alert.labels,
      alert.startsAt,
    );
    const named = new Set(recipients.map(({ receiver }) => receiver));
    const reached = receivers.filter(({ name, endpoints }) => named.has(name) && endpoints.length > 0);
    return { alert: alertMessage(alert), receivers: reached.map(({ name }) => name) };
  },
});
