import { type AlertLabels, severityOf } from "../../model/alerting/alert.ts";
import type { KnownAlert } from "../../model/alerting/alerter-state.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { NotifyPolicy } from "../../model/alerting/route.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { groupOf } from "./group.ts";
import { findMutes } from "./mute.ts";
import { routeAlert, type Suppression } from "./route-recipients.ts";

/** Somebody who would be told. */
export interface WouldNotify {
  receiver: string;
  /** Key of the route. */
  route: string;
  groupKey: string;
  /** Epoch ms; later than the beginning where the group waits. */
  at: number;
}

/** Who would be told of an alert that begins at some time, and why not the others. */
export interface RouteTest {
  recipients: readonly WouldNotify[];
  /** Escalation steps among them: `until` is when they come if nobody acts. */
  suppressed: readonly Suppression[];
}

/**
 * Who would be told of an alert with these labels that begins at `at` (epoch ms), by the functions that decide in
 * earnest. `firing`: labels of alerts that fire meanwhile, since one may mute another.
 */
export function routeTest(
  policy: NotifyPolicy,
  silences: readonly Silence[],
  labels: AlertLabels,
  at: number,
  firing: readonly AlertLabels[] = [],
): RouteTest {
  const begun = (of: AlertLabels): KnownAlert => ({
    fingerprint: fingerprint(of),
    labels: of,
    annotations: {},
    startsAt: at,
    shard: 0,
    receivedAt: at,
    notifiedAt: at,
  });
  const alert = begun(labels);
  const { recipients, suppressed } = routeAlert(alert, {
    policy,
    findMute: findMutes(policy, silences, [alert, ...firing.map(begun)], at),
    acknowledgement: undefined,
    isBroken: () => false,
    now: at,
  });
  return {
    recipients: recipients.map(({ receiver, route }) => ({
      receiver,
      route: route.key,
      groupKey: groupOf(route, alert).key,
      at: severityOf(labels) === "critical" ? at : at + route.groupWaitMs,
    })),
    suppressed:
      recipients.length > 0
        ? suppressed
        : suppressed.filter(({ until, mute }) => mute !== undefined || until === undefined),
  };
}
