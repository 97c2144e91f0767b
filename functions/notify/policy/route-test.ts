import { type AlertLabels, severityOf } from "../../model/alerting/alert.ts";
import { alertKey, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { contextOf } from "./decide-context.ts";
import type { DecideInput } from "./decide-input.ts";
import { Flow, suppressionsOf } from "./flow.ts";
import { groupOf } from "./group.ts";
import { escalate } from "./stages/escalate.ts";
import { inhibit } from "./stages/inhibit.ts";
import { maintain } from "./stages/maintain.ts";
import { mute } from "./stages/mute.ts";
import { reach } from "./stages/reach.ts";
import { route } from "./stages/route.ts";
import { silence } from "./stages/silence.ts";
import type { Suppression } from "./suppression.ts";

/** Somebody who would be told. */
interface WouldNotify {
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
 * Who would be told of an alert with these labels that begins at `at` (epoch ms), by the stages that decide in
 * earnest. `firing`: labels of alerts that fire meanwhile, since one may mute another. Pure.
 */
export function routeTest(
  config: Pick<DecideInput, "policy" | "receivers" | "maintenance">,
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
  const alerts = new Map([alert, ...firing.map(begun)].map((one) => [alertKey(one), one]));
  const context = contextOf({ ...NOBODY_NOTIFIED, ...config, silences, alerts, now: at });
  const routed = new Flow([alert], context).through(route).through(maintain);
  const muted = routed.through(silence).through(inhibit).through(mute).through(reach);
  const { items, results } = muted.through(escalate);
  const suppressed = suppressionsOf(results, [], items).suppressed.get(alertKey(alert)) ?? [];
  return {
    recipients: items.map((notice) => ({
      receiver: notice.receiver,
      route: notice.route.key,
      groupKey: groupOf(notice.route, alert).key,
      at: severityOf(labels) === "critical" ? at : at + notice.route.groupWaitMs,
    })),
    suppressed:
      items.length > 0 ? suppressed : suppressed.filter((one) => one.mute !== undefined || one.until === undefined),
  };
}

/** Before anything was sent. */
const NOBODY_NOTIFIED: Omit<DecideInput, "policy" | "receivers" | "silences" | "alerts" | "now"> = {
  refreshOf: () => undefined,
  acknowledgements: new Map(),
  endpoints: new Map(),
  notificationGroups: new Map(),
  notificationLog: [],
  outbox: [],
};
