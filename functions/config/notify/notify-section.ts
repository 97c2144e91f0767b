import * as z from "zod";
import { formatDuration } from "../../lib/duration.ts";
import { isMapping } from "../../lib/is-mapping.ts";
import { durationWithin, optional, required } from "../../lib/leaf.ts";
import { DAY_MS, MINUTE_MS } from "../../lib/time-units.ts";
import { SEVERITIES, type Severity } from "../../model/alerting/alert.ts";
import { CHANNELS } from "../../notify/channels/registry.ts";
import { MESSAGE_FIELDS } from "../../notify/message/message-template.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import type { Read } from "../read.ts";
import { intervalSection } from "./time-interval-section.ts";

const { route: ROOT, severities: SEVERITY_DEFAULTS } = DEFAULT_NOTIFY.policy;

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
/** A name that users choose. */
export const nameText = z
  .string()
  .regex(
    NAME,
    "is not a valid name; use at most 63 letters, digits, - _ and ., starting and ending with a letter or digit",
  );
/** A mapping of labels to values, which older Alertmanagers take, as matchers; else an example. */
function asMatchers(written: unknown): string {
  const pairs = isMapping(written) ? Object.entries(written).filter(([, value]) => typeof value === "string") : [];
  const texts = pairs.slice(0, 3).map(([name, value]) => `'${name}=${JSON.stringify(value)}'`);
  return texts.length === 0 ? 'team="build"' : `[${texts.join(", ")}]`;
}

/** Matchers, as one text or several. */
export const matchersText = z.union([z.string(), z.array(z.string())], {
  error: ({ input }) => `is neither a string nor a list of strings; write matchers as ${asMatchers(input)}`,
});
const labelName = z
  .string()
  .regex(/^([A-Za-z_][A-Za-z0-9_]*|\.\.\.)$/, "is not a label name; use letters, digits and _, or ... for all");
const muteNames = optional(z.array(z.string()), {
  description: "Names of `intervals` during which new alerts notify nobody.",
  example: ["nights"],
});

/** One endpoint of a receiver: the section of one channel. */
const endpoint = z.strictObject({
  ...Object.fromEntries(
    CHANNELS.map(({ channel, doc, options }) => [channel, optional(options as z.ZodType, { description: doc })]),
  ),
  title: optional(z.string().max(500), {
    description: `Template of the title, in place of the built-in one: \`{{ $labels.NAME }}\`, or ${MESSAGE_FIELDS.map((field) => `\`{{ $${field} }}\``).join(", ")}.`,
    example: "{{ $status }}: {{ $subject }}",
  }),
  text: optional(z.string().max(4_000), {
    description: "Template of the text, in place of the built-in list of alerts and their facts; links stay.",
    example: "{{ $description }} Team {{ $labels.team }}, please look: {{ $url }}",
  }),
  send_resolved: optional(z.boolean(), { description: "Whether to send resolved notifications.", default: true }),
});

const routeKeys = {
  receiver: optional(z.string(), {
    description: "Name of the receiver to notify. Default: that of the parent route, or the only receiver.",
    example: "oncall",
  }),
  group_by: optional(z.array(labelName), {
    description: "Labels to group by: alerts with equal values share a message. `...` sends each alert by itself.",
    default: ROOT.groupBy,
  }),
  group_wait: optional(durationWithin(0, 60 * MINUTE_MS), {
    description:
      "How long a new group waits for more; critical alerts do not, but up to 3 s for other targets that are down by the same cause.",
    default: formatDuration(ROOT.groupWaitMs),
  }),
  group_interval: optional(durationWithin(0, DAY_MS), {
    description: "Time between messages about changes of a group.",
    default: formatDuration(ROOT.groupIntervalMs),
  }),
  repeat_interval: optional(durationWithin(MINUTE_MS, 30 * DAY_MS), {
    description: "Time between reminders. Default: that of the severity.",
    example: "4h",
  }),
  mute: muteNames,
  active_intervals: optional(z.array(z.string()), {
    description:
      "Names of `intervals` in which the route notifies; outside all of them, new alerts notify nobody until one begins. Default: always.",
    example: ["office-hours"],
  }),
};
const routesKey = {
  description:
    "Child routes, each with `match`, `continue` and the keys of the root route. The first that matches takes the alert.",
  example: [{ match: ['team="build"'], receiver: "oncall" }],
};

const innerRoute = z.strictObject({
  match: required(matchersText, {
    description: "Matchers; an alert must match all of them.",
    example: ['team="build"'],
  }),
  ...routeKeys,
  continue: optional(z.boolean(), {
    description: "Whether to continue with the next sibling route after a match.",
    default: false,
  }),
  get routes(): z.ZodOptional<z.ZodArray<z.ZodType>> {
    return optional(z.array(innerRoute), routesKey);
  },
});

const rootRoute = z.strictObject({ ...routeKeys, routes: optional(z.array(innerRoute), routesKey) });

/** A route as far as it could be read; the outermost one has no `match`. */
export interface ReadRoute extends Read<z.output<z.ZodObject<typeof routeKeys>>> {
  match?: string | (string | undefined)[] | undefined;
  continue?: boolean | undefined;
  routes?: (ReadRoute | undefined)[] | undefined;
}

const escalationStep = z.strictObject({
  after: required(durationWithin(0, 7 * DAY_MS), {
    description: "Time after the first notification of the alert.",
    example: "15m",
  }),
  receiver: required(z.string(), { description: "Name of the receiver to notify.", example: "oncall" }),
  unless: optional(z.array(z.enum(["acknowledged", "silenced"])), {
    description: "Conditions that skip the step.",
    default: ["acknowledged", "silenced"],
  }),
});

const severitySection = (severity: Severity) =>
  z.strictObject({
    mute: muteNames,
    repeat_interval: optional(durationWithin(MINUTE_MS, 30 * DAY_MS), {
      description: "Time between reminders while an alert is firing and not acknowledged.",
      default: formatDuration(SEVERITY_DEFAULTS[severity].repeatIntervalMs),
    }),
    escalation: optional(z.array(escalationStep), {
      description: "Receivers to notify as well if the alert keeps firing.",
    }),
  });

const inhibition = z.strictObject({
  source: required(matchersText, {
    description: "Matchers of the alerts that inhibit.",
    example: ['alertname="ZakoTargetDown"'],
  }),
  target: required(matchersText, {
    description: "Matchers of the alerts that are inhibited.",
    example: ['severity="info"'],
  }),
  equal: optional(z.array(labelName), {
    description: "Labels that must have equal values in both alerts.",
    default: ["target"],
  }),
});

/** The `notify` key: who is notified of alerts, when and how. */
export const notifySection = z.strictObject({
  receivers: required(z.record(nameText, z.array(endpoint).nullable()), {
    description:
      "Receivers by name, each with a list of channels, or `null`: such a receiver notifies nobody, and a route may name it for what nobody needs to know.",
    example: { oncall: [{ slack: { webhook_url: "SLACK_WEBHOOK" } }] },
  }),
  route: optional(rootRoute, {
    description: "Routing tree: which receiver gets which alerts. Default: the only receiver gets all alerts.",
  }),
  allow_null_default: optional(z.boolean(), {
    description:
      "Whether the receiver of alerts that no other route matches may be `null` although critical alerts are among them.",
    default: false,
  }),
  severities: optional(
    z.strictObject(
      Object.fromEntries(
        SEVERITIES.map((severity) => [
          severity,
          optional(severitySection(severity), { description: `Settings for alerts of severity ${severity}.` }),
        ]),
      ) as Record<Severity, z.ZodOptional<ReturnType<typeof severitySection>>>,
    ),
    { description: "Reminders, mute intervals and escalation by severity." },
  ),
  intervals: optional(z.record(nameText, z.array(intervalSection)), {
    description: "Time intervals by name, in Alertmanager's syntax.",
    example: {
      nights: [{ times: [{ start_time: "22:00", end_time: "24:00" }], location: "Europe/Berlin" }],
      "office-hours": [{ weekdays: ["monday:friday"], times: [{ start_time: "09:00", end_time: "17:00" }] }],
    },
  }),
  inhibit: optional(z.array(inhibition), { description: "Inhibition rules, in addition to the shipped ones." }),
  shipped_inhibitions: optional(z.boolean(), {
    description:
      "Whether the shipped inhibition rules apply: a target that is down inhibits its own probe, latency and burn alerts, and a failing probe those of the probes that depend on it.",
    default: true,
  }),
  heartbeats: optional(
    z.array(
      z.strictObject({
        name: required(nameText, { description: "Name of the heartbeat, for logs.", example: "deadman" }),
        url: required(z.string(), {
          description: "Name of the secret binding that holds the URL to call.",
          example: "DEADMAN_URL",
        }),
      }),
    ),
    {
      description: "URLs to call every minute while every part of the prober is alive and no message is overdue.",
    },
  ),
  stale_after: optional(durationWithin(2 * MINUTE_MS, DAY_MS), {
    description: "Time without a report after which a part of the prober raises `ZakoProberStale`.",
    default: formatDuration(DEFAULT_NOTIFY.staleAfterMs),
  }),
});

export type ReadNotify = Read<z.output<typeof notifySection>>;
export type ReadSeverity = Read<z.output<ReturnType<typeof severitySection>>>;
