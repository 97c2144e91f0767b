import { severityOf } from "../../model/alerting/alert.ts";
import type { Acknowledgement, KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { EscalationStep, NotifyPolicy, Route } from "../../model/alerting/route.ts";
import type { FindMute, Mute } from "./mute.ts";
import { takeRoutes } from "./route.ts";

/** Somebody to tell of an alert. */
export interface RoutedReceiver {
  receiver: string;
  /** Whose grouping and timing it is told with. */
  route: Route;
  /** `route`: the routing tree says so; `step`: an escalation step is due; `failover`: one before cannot be reached. */
  via: "route" | "step" | "failover";
}

/** Somebody who is not told for now, and why. */
export interface Suppression {
  receiver: string;
  /** A phrase of ours, such as `silenced by 3f2a`. */
  why: string;
  /** When that may change by itself, epoch ms. */
  until?: number;
  /** Present where a silence, a window or another alert keeps it quiet. */
  mute?: Mute["by"];
}

export interface Routing {
  recipients: readonly RoutedReceiver[];
  suppressed: readonly Suppression[];
}

/** What the addressing of one alert depends on beside the alert itself. */
export interface RoutingInput {
  policy: NotifyPolicy;
  findMute: FindMute;
  acknowledgement: Acknowledgement | undefined;
  /** Whether no message about the alert gets through to the receiver. */
  isBroken: (receiver: string) => boolean;
  /** Epoch ms. */
  now: number;
}

/** Who shall know of a firing alert now, and who shall not and why. */
export function routeAlert(alert: KnownAlert, input: RoutingInput): Routing {
  const recipients: RoutedReceiver[] = [];
  const suppressed: Suppression[] = [];
  const isRecipient = (receiver: string): boolean => recipients.some((one) => one.receiver === receiver);
  const routes = takeRoutes(input.policy.route, alert.labels);
  for (const route of routes) {
    if (isRecipient(route.receiver)) continue;
    const mute = input.findMute(alert, route);
    if (mute === undefined) recipients.push({ receiver: route.receiver, route, via: "route" });
    else suppressed.push({ receiver: route.receiver, ...formatMute(mute) });
  }
  const [route = input.policy.route] = routes;
  // What keeps one route quiet is no silence where another one tells.
  const mute = recipients.length > 0 ? undefined : input.findMute(alert, route);
  const { escalation } = input.policy.severities[severityOf(alert.labels)];
  for (const step of escalation) {
    if (isRecipient(step.receiver)) continue;
    const why = holdsStep(step, alert, mute, input);
    if (why === undefined) recipients.push({ receiver: step.receiver, route, via: "step" });
    else suppressed.push(why);
  }
  if (severityOf(alert.labels) === "critical" && recipients.length > 0 && input.acknowledgement === undefined) {
    const chain = [...escalation.map(({ receiver }) => receiver), input.policy.route.receiver];
    for (const receiver of failover(recipients, chain, input.isBroken))
      recipients.push({ receiver, route, via: "failover" });
  }
  return { recipients, suppressed: suppressed.filter(({ receiver }) => !isRecipient(receiver)) };
}

function holdsStep(
  step: EscalationStep,
  alert: KnownAlert,
  mute: Mute | undefined,
  { acknowledgement, now }: RoutingInput,
): Suppression | undefined {
  const { receiver } = step;
  if (alert.notifiedAt === undefined) return { receiver, why: "escalation begins with the first notification" };
  if (step.unless.includes("acknowledged") && acknowledgement !== undefined)
    return { receiver, why: `acknowledged by ${acknowledgement.by}` };
  if (step.unless.includes("silenced") && mute !== undefined) return { receiver, ...formatMute(mute) };
  const until = alert.notifiedAt + step.afterMs;
  return now < until ? { receiver, why: "its escalation step is not due yet", until } : undefined;
}

/** The next in the chain, up to the first that can be reached, where somebody who is told cannot be; else empty. */
function failover(
  recipients: readonly RoutedReceiver[],
  chain: readonly string[],
  isBroken: RoutingInput["isBroken"],
): string[] {
  // One way that is broken is enough: whoever else was told may not be the one who answers at night.
  if (!recipients.some(({ receiver }) => isBroken(receiver))) return [];
  const added: string[] = [];
  const spare = new Set(chain.filter((receiver) => !recipients.some((one) => one.receiver === receiver)));
  for (const receiver of spare) {
    added.push(receiver);
    if (!isBroken(receiver)) break;
  }
  return added;
}

/** A mute in words. */
export function formatMute({ by, name, until }: Mute): Omit<Suppression, "receiver"> {
  const words = {
    silence: `silenced by ${name}`,
    inhibition: `muted while ${name} fires`,
    "severity window": `in the mute window ${name} of its severity`,
    "route window": `in the mute window ${name} of its route`,
  };
  return { why: words[by], mute: by, ...(until === undefined ? {} : { until }) };
}
