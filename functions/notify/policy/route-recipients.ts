import { severityOf } from "../../model/alerting/alert.ts";
import type { Acknowledgement, KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { EscalationStep, NotifyPolicy, Route } from "../../model/alerting/route.ts";
import { ESCALATES } from "./format-why.ts";
import type { FindMute, Mute } from "./mute.ts";
import { takeRoutes } from "./route.ts";

/** A receiver that an alert goes to. */
export interface RoutedReceiver {
  receiver: string;
  /** Its grouping and timing apply. */
  route: Route;
  /** `route`: the routing tree says so; `step`: an escalation step is due; `failover`: one before cannot be reached. */
  via: "route" | "step" | "failover";
}

/** A receiver that is not notified for now, and why. */
export interface Suppression {
  receiver: string;
  /** A phrase such as `silenced by 3f2a`; `formatWhy` adds the time. */
  why: string;
  /** When that may change without anybody acting, epoch ms. */
  until?: number;
  /** Present where a silence, a mute interval or another alert mutes it. */
  mute?: Mute["by"];
}

export interface Routing {
  recipients: readonly RoutedReceiver[];
  suppressed: readonly Suppression[];
}

/** Inputs of the routing of one alert, beside the alert itself. */
export interface RoutingInput {
  policy: NotifyPolicy;
  findMute: FindMute;
  acknowledgement: Acknowledgement | undefined;
  /** Whether messages about the alert fail to reach the receiver. */
  isBroken: (receiver: string) => boolean;
  /** Epoch ms. */
  now: number;
}

/** The receivers that a firing alert goes to now, and those that it does not, with the reason. */
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
  // A mute of one route does not hold back escalation where another route notifies.
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
  if (alert.notifiedAt === undefined) return { receiver, why: "escalation starts after the first notification" };
  if (step.unless.includes("acknowledged") && acknowledgement !== undefined)
    return { receiver, why: `acknowledged by ${acknowledgement.by}` };
  if (step.unless.includes("silenced") && mute !== undefined) return { receiver, ...formatMute(mute) };
  const until = alert.notifiedAt + step.afterMs;
  return now < until ? { receiver, why: ESCALATES, until } : undefined;
}

/** Where a recipient cannot be reached: the next of the chain, up to the first that can be. Else empty. */
function failover(
  recipients: readonly RoutedReceiver[],
  chain: readonly string[],
  isBroken: RoutingInput["isBroken"],
): string[] {
  // One broken receiver is enough: the others may not be the one who answers at night.
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
function formatMute({ by, name, until }: Mute): Omit<Suppression, "receiver"> {
  const words = {
    silence: `silenced by ${name}`,
    inhibition: `inhibited by ${name}`,
    "severity window": `muted by interval ${name} of its severity`,
    "route window": `muted by interval ${name} of its route`,
  };
  return { why: words[by], mute: by, ...(until === undefined ? {} : { until }) };
}
