import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { AlertingService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import type { PlannedWork } from "../../model/alerting/maintenance.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { NotifyConfig } from "../../model/alerting/notify-config.ts";
import { routeTest } from "../../notify/policy/route-test.ts";
import { acknowledgeAlert, findAlert } from "./acknowledge-alert.ts";
import type { ActiveAlert, AlertingPort, ListedSilence } from "./alerting-port.ts";
import { formatIssue, readAuthor } from "./field-issue.ts";
import { readDrillLabels } from "./read-drill.ts";
import { readMatchers } from "./read-matchers.ts";
import { accepted, refused } from "./refused.ts";
import { readPage, takePage } from "./take-page.ts";
import { targetUptime } from "./target-uptime.ts";
import { alertMessage, deadLetterMessage, incidentMessage, uptimeMessage } from "./to-proto.ts";

/** The parts of the configuration that decide notifications. */
export interface Notified extends Pick<NotifyConfig, "policy" | "receivers"> {
  planned: PlannedWork;
}

/** AlertingService of watch.v1 over the Alerter. `now`: epoch ms; `watchedSince`: the same, by target. */
export const alertingService = (
  port: AlertingPort,
  notified: Notified,
  now: () => number,
  watchedSince: () => Promise<ReadonlyMap<string, number>>,
): ServiceImpl<typeof AlertingService> => ({
  async listAlerts({ matchers, includeEnded, ...asked }) {
    const wanted = accepted(readMatchers(matchers));
    const cursor = accepted(readPage(asked, ["alerts", `${includeEnded}`, ...matchers], now()));
    const alerts = (await port.alerts(includeEnded ? "kept" : "firing")).filter(({ labels }) =>
      matchesAll(wanted, labels),
    );
    const { items, nextPageToken } = takePage(alerts, cursor, (one) => [one.startsAt, one.fingerprint]);
    return { alerts: items.map(alertMessage), nextPageToken };
  },

  async acknowledge({ fingerprint, author, comment, startsAt }) {
    const draft = { fingerprint, author, comment, startsAt: startsAt && timestampMs(startsAt) };
    const taken = await acknowledgeAlert(port, draft, now());
    if (taken.ok) return { alert: alertMessage(taken.alert) };
    if (taken.why === "invalid") throw refused(Code.InvalidArgument, formatIssue(taken.issues));
    const words = taken.issues.map(({ problem }) => problem).join(" ");
    throw refused(taken.why === "unknown" ? Code.NotFound : Code.FailedPrecondition, words);
  },

  async listIncidents({ target, openOnly, ...asked }) {
    const cursor = accepted(readPage(asked, ["incidents", target, `${openOnly}`], now()));
    const incidents = (await port.incidents()).filter(
      (one) =>
        one.state === "down" && (target === "" || one.target === target) && (!openOnly || one.closedAt === undefined),
    );
    const { items, nextPageToken } = takePage(incidents, cursor, (one) => [-one.openedAt, one.id]);
    return { incidents: items.map(incidentMessage), nextPageToken };
  },

  async listUptimes(asked) {
    const cursor = accepted(readPage(asked, ["uptimes"], now()));
    const [watched, incidents, silences] = await Promise.all([watchedSince(), port.incidents(), port.silences()]);
    const facts = { incidents, silences, planned: notified.planned, now: now() };
    const { items, nextPageToken } = takePage([...watched], cursor, ([target]) => [target]);
    return {
      uptimes: items.map(([target, since]) => uptimeMessage(target, targetUptime(target, since, facts))),
      nextPageToken,
    };
  },

  async listDeadLetters(asked) {
    const cursor = accepted(readPage(asked, ["dead letters"], now()));
    // By the first of those that were given up for the same reason: when the last was may still change.
    const page = takePage(await port.deadLetters(), cursor, (one) => [-one.createdAt, one.id]);
    return { deadLetters: page.items.map(deadLetterMessage), nextPageToken: page.nextPageToken };
  },

  async startDrill({ labels, author }) {
    const alert = await begunDrill(port, accepted(readDrillLabels(labels)), accepted(readAuthor(author)));
    return { alert: alertMessage(alert), receivers: reachedBy(alert, notified, await port.silences()) };
  },
});

async function begunDrill(port: AlertingPort, ...drill: Parameters<AlertingPort["drill"]>): Promise<ActiveAlert> {
  const alert = await findAlert(port, await port.drill(...drill));
  if (alert === undefined) throw new Error("The Alerter does not keep the drill that it has begun.");
  return alert;
}

/** Names of the receivers that an alert reaches as it begins. */
function reachedBy(
  { labels, startsAt }: ActiveAlert,
  { policy, receivers, planned }: Notified,
  silences: readonly ListedSilence[],
): string[] {
  const { recipients } = routeTest({ policy, receivers, maintenance: planned.windows }, silences, labels, startsAt);
  const named = new Set(recipients.map(({ receiver }) => receiver));
  return receivers.filter(({ name, endpoints }) => named.has(name) && endpoints.length > 0).map(({ name }) => name);
}
