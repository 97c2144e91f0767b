import { HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { NotifyConfig } from "../../model/alerting/notify-config.ts";
import type { Inhibition } from "../../model/alerting/route.ts";

/** Alerts that follow from a target's being down, so that they say nothing of their own while it is. */
const FOLLOWS_FROM_DOWN =
  "ZakoTarget(Degraded|Regional|Unknown)|ZakoProbe.*|ZakoProberFault|Zako.*(Latency|Burn|Failures|Errors|Slow).*";

/** One page for one cause: what lies above in the ladder of probes is the cause of what fails below. */
const DEFAULT_INHIBITIONS: readonly Inhibition[] = [
  {
    source: [{ name: "alertname", op: "=", value: "ZakoTargetDown" }],
    target: [{ name: "alertname", op: "=~", value: "Zako.*Burn.*" }],
    equal: ["target"],
    // The fast burn looks back 30 minutes: until then it repeats an outage that was notified and has ended.
    lingerMs: 45 * MINUTE_MS,
  },
  {
    source: [{ name: "alertname", op: "=", value: "ZakoTargetDown" }],
    target: [{ name: "alertname", op: "=~", value: FOLLOWS_FROM_DOWN }],
    equal: ["target"],
  },
  {
    // The target is unknown because of the prober's fault.
    source: [{ name: "alertname", op: "=", value: "ZakoProberFault" }],
    target: [{ name: "alertname", op: "=", value: "ZakoTargetUnknown" }],
    equal: ["target"],
  },
  {
    source: [
      { name: "alertname", op: "=", value: "ZakoProbeDown" },
      { name: "probe", op: "=", value: "health" },
    ],
    target: [{ name: "probe", op: "=~", value: "cas[.].*|transport[.].*" }],
    equal: ["target"],
  },
  {
    source: [
      { name: "alertname", op: "=", value: "ZakoProbeDown" },
      { name: "probe", op: "=~", value: "cas[.].*" },
    ],
    target: [{ name: "probe", op: "=~", value: "transport[.].*" }],
    equal: ["target"],
  },
  {
    source: [{ name: "alertname", op: "=", value: "ZakoVantageSuspect" }],
    target: [
      { name: "alertname", op: "!=", value: "ZakoVantageSuspect" },
      { name: "vantage", op: "!=", value: "" },
    ],
    equal: ["vantage"],
  },
];

/** Without `notify` in `watch.yaml`: alerts are kept and shown, and no receiver is notified. */
export const DEFAULT_NOTIFY: NotifyConfig = {
  policy: {
    route: {
      key: "{}",
      matchers: [],
      receiver: "default",
      groupBy: ["target"],
      groupWaitMs: 30_000,
      groupIntervalMs: 5 * MINUTE_MS,
      muteIntervals: [],
      activeIntervals: [],
      continue: false,
      routes: [],
    },
    severities: {
      critical: { muteIntervals: [], repeatIntervalMs: HOUR_MS, escalation: [] },
      warning: { muteIntervals: [], repeatIntervalMs: 12 * HOUR_MS, escalation: [] },
      info: { muteIntervals: [], repeatIntervalMs: 24 * HOUR_MS, escalation: [] },
    },
    intervals: [],
    inhibitions: DEFAULT_INHIBITIONS,
  },
  receivers: [{ name: "default", endpoints: [] }],
  heartbeats: [],
  staleAfterMs: 3 * MINUTE_MS,
};
