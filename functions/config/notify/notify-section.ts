import * as z from "zod";
import { formatDuration } from "../../lib/duration.ts";
import { durationWithin, optional, required } from "../../lib/leaf.ts";
import { SEVERITIES, type Severity } from "../../model/alerting/alert.ts";
import { CHANNELS } from "../../notify/channels/registry.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import type { Read } from "../read.ts";
import { intervalSection } from "./time-interval-section.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const { route: ROOT, severities: SEVERITY_DEFAULTS } = DEFAULT_NOTIFY.policy;

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const named = z
  .string()
  .regex(NAME, "is not a name; use letters, digits, - _ and . (the ends a letter or digit), at most 63");
const matchers = z.union([z.string(), z.array(z.string())], {
  error: 'is neither a text nor a list of texts; write matchers as team="build"',
});
const labelName = z
  .string()
  .regex(/^([A-Za-z_][A-Za-z0-9_]*|\.\.\.)$/, "is not a label name; use letters, digits and _, or ... for all");
const muteNames = optional(z.array(z.string()), {
  description: "Names of `intervals` in which nobody is told of new alerts.",
  example: ["nights"],
});

/** One way to tell somebody: the section of one channel. */
const endpoint = z.strictObject({
  ...Object.fromEntries(
    CHANNELS.map(({ channel, doc, options }) => [channel, optional(options as z.ZodType, { description: doc })]),
  ),
  send_resolved: optional(z.boolean(), { description: "Tell it when alerts end.", default: true }),
});

const routeKeys = {
  receiver: optional(z.string(), {
    description: "Who is told; none: the receiver of the route around it, or the only one.",
    example: "oncall",
  }),
  group_by: optional(z.array(labelName), {
    description: "Alerts that agree in these labels come in one message; `...`: each alert by itself.",
    default: ROOT.groupBy,
  }),
  group_wait: optional(durationWithin(0, 60 * MINUTE_MS), {
    description:
      "How long a new group waits for more; critical alerts do not, but up to 3 s for other targets that are down by the same cause.",
    default: formatDuration(ROOT.groupWaitMs),
  }),
  group_interval: optional(durationWithin(0, DAY_MS), {
    description: "How long a group waits until it tells of changes.",
    default: formatDuration(ROOT.groupIntervalMs),
  }),
  repeat_interval: optional(durationWithin(MINUTE_MS, 30 * DAY_MS), {
    description: "Time between reminders; none: that of the severity.",
    example: "4h",
  }),
  mute: muteNames,
};
const routesKey = {
  description:
    "Routes inside it, each with `match`, `continue` and the keys of the outermost one; the first that matches takes the alert.",
  example: [{ match: ['team="build"'], receiver: "oncall" }],
};

const innerRoute = z.strictObject({
  match: required(matchers, { description: "Matchers that all must hold.", example: ['team="build"'] }),
  ...routeKeys,
  continue: optional(z.boolean(), { description: "Go on to the next route after this one.", default: false }),
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
    description: "Time since the alert's first notification.",
    example: "15m",
  }),
  receiver: required(z.string(), { description: "Who is told then.", example: "oncall" }),
  unless: optional(z.array(z.enum(["acknowledged", "silenced"])), {
    description: "What keeps the step from being taken.",
    default: ["acknowledged", "silenced"],
  }),
});

const severitySection = (severity: Severity) =>
  z.strictObject({
    mute: muteNames,
    repeat_interval: optional(durationWithin(MINUTE_MS, 30 * DAY_MS), {
      description: "Time between reminders while an alert fires and nobody has acknowledged it.",
      default: formatDuration(SEVERITY_DEFAULTS[severity].repeatIntervalMs),
    }),
    escalation: optional(z.array(escalationStep), { description: "Who is told as well if it goes on." }),
  });

const inhibition = z.strictObject({
  source: required(matchers, { description: "The alert that mutes.", example: ['alertname="ZakoTargetDown"'] }),
  target: required(matchers, { description: "What it mutes.", example: ['severity="info"'] }),
  equal: optional(z.array(labelName), { description: "Labels that both must agree in.", default: ["target"] }),
});

/** The `notify` key: who is told of alerts, when and how. */
export const notifySection = z.strictObject({
  receivers: required(z.record(named, z.array(endpoint)), {
    description: "Who can be told: by name, a list of ways to tell them.",
    example: { oncall: [{ slack: { webhook_url: "SLACK_WEBHOOK" } }] },
  }),
  route: optional(rootRoute, {
    description: "Who is told of what; none: the only receiver, of everything.",
  }),
  severities: optional(
    z.strictObject(
      Object.fromEntries(
        SEVERITIES.map((severity) => [
          severity,
          optional(severitySection(severity), { description: `What holds for alerts of severity ${severity}.` }),
        ]),
      ) as Record<Severity, z.ZodOptional<ReturnType<typeof severitySection>>>,
    ),
    { description: "Reminders, mute windows and escalation by severity." },
  ),
  intervals: optional(z.record(named, z.array(intervalSection)), {
    description: "Recurring stretches of time, by name; each a list of spans, in Alertmanager's syntax.",
    example: { nights: [{ times: [{ start_time: "22:00", end_time: "24:00" }], location: "Europe/Berlin" }] },
  }),
  inhibit: optional(z.array(inhibition), { description: "Alerts that mute others, beside the shipped ones." }),
  shipped_inhibitions: optional(z.boolean(), {
    description: "A target that is down mutes what follows from it, and a probe those above it in the ladder.",
    default: true,
  }),
  heartbeats: optional(
    z.array(
      z.strictObject({
        name: required(named, { description: "Name, for logs.", example: "deadman" }),
        url: required(z.string(), {
          description: "Name of the secret binding that holds the URL to call.",
          example: "DEADMAN_URL",
        }),
      }),
    ),
    {
      description: "URLs that are called every minute while every part of the prober is alive and nothing is overdue.",
    },
  ),
  stale_after: optional(durationWithin(2 * MINUTE_MS, DAY_MS), {
    description: "A part of the prober that has been silent for so long raises `ZakoProberStale`.",
    default: formatDuration(DEFAULT_NOTIFY.staleAfterMs),
  }),
});

export type ReadNotify = Read<z.output<typeof notifySection>>;
export type ReadSeverity = Read<z.output<ReturnType<typeof severitySection>>>;
