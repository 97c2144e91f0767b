import type { NotifyConfig } from "../../model/alerting/notify-config.ts";
import type { Inhibition } from "../../model/alerting/route.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Alerts that follow from a target being down, and say nothing new meanwhile. */
const FOLLOWS_FROM_DOWN =
  "ZakoTarget(Degraded|Regional|Unknown)|ZakoProbe.*|ZakoProberFault|Zako.*(Latency|Burn|Failures|Errors|Slow).*";

/** One page for one cause: a failing probe is the cause for the probes that depend on it. */
export const DEFAULT_INHIBITIONS: readonly Inhibition[] = [
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
