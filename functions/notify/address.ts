import type { Acknowledgement, KnownAlert } from "../model/alert-book.ts";
import type { EscalationStep, NotifyPolicy, Route } from "../model/route.ts";
import { type FindMute, type Mute, severityOf } from "./mute.ts";
import { takeRoutes } from "./route.ts";

/** Somebody to tell of an alert. */
export interface Address {
  receiver: string;
  /** Whose grouping and timing it is told with. */
  route: Route;
  /** `route`: the routing tree says so; `step`: an escalation step is due; `failover`: one before cannot be reached. */
  via: "route" | "step" | "failover";
}

/** Somebody who is not told for now, and why. */
export interface Held {
  receiver: string;
  /** A phrase of ours, such as `silenced by 3f2a`. */
  why: string;
  /** When that may change by itself, epoch ms. */
  until?: number;
  /** Present where a silence, a window or another alert keeps it quiet. */
  mute?: Mute["by"];
}

export interface Addressing {
  told: readonly Address[];
  held: readonly Held[];
}

/** What the addressing of one alert depends on beside the alert itself. */
export interface AddressInput {
  policy: NotifyPolicy;
  findMute: FindMute;
  acknowledgement: Acknowledgement | undefined;
  /** Whether no message about the alert gets through to the receiver. */
  isBroken: (receiver: string) => boolean;
  /** Epoch ms. */
  now: number;
}

/** Who shall know of a firing alert now, and who shall not and why. */
export function address(alert: KnownAlert, input: AddressInput): Addressing {
  const told: Address[] = [];
  const held: Held[] = [];
  const isTold = (receiver: string): boolean => told.some((one) => one.receiver === receiver);
  const routes = takeRoutes(input.policy.route, alert.labels);
  for (const route of routes) {
    if (isTold(route.receiver)) continue;
    const mute = input.findMute(alert, route);
    if (mute === undefined) told.push({ receiver: route.receiver, route, via: "route" });
    else held.push({ receiver: route.receiver, ...muteWords(mute) });
  }
  const [route = input.policy.route] = routes;
  // What keeps one route quiet is no silence where another one tells.
  const mute = told.length > 0 ? undefined : input.findMute(alert, route);
  const { escalation } = input.policy.severities[severityOf(alert)];
  for (const step of escalation) {
    if (isTold(step.receiver)) continue;
    const why = holdsStep(step, alert, mute, input);
    if (why === undefined) told.push({ receiver: step.receiver, route, via: "step" });
    else held.push(why);
  }
  if (severityOf(alert) === "critical" && told.length > 0 && input.acknowledgement === undefined) {
    const chain = [...escalation.map(({ receiver }) => receiver), input.policy.route.receiver];
    for (const receiver of failover(told, chain, input.isBroken)) told.push({ receiver, route, via: "failover" });
  }
  return { told, held: held.filter(({ receiver }) => !isTold(receiver)) };
}

function holdsStep(
  step: EscalationStep,
  alert: KnownAlert,
  mute: Mute | undefined,
  { acknowledgement, now }: AddressInput,
): Held | undefined {
  const { receiver } = step;
  if (alert.notifiedAt === undefined) return { receiver, why: "escalation begins with the first notification" };
  if (step.unless.includes("acknowledged") && acknowledgement !== undefined)
    return { receiver, why: `acknowledged by ${acknowledgement.by}` };
  if (step.unless.includes("silenced") && mute !== undefined) return { receiver, ...muteWords(mute) };
  const until = alert.notifiedAt + step.afterMs;
  return now < until ? { receiver, why: "its escalation step is not due yet", until } : undefined;
}

/** The next in the chain, up to the first that can be reached, where somebody who is told cannot be; else empty. */
function failover(told: readonly Address[], chain: readonly string[], isBroken: AddressInput["isBroken"]): string[] {
  // One way that is broken is enough: whoever else was told may not be the one who answers at night.
  if (!told.some(({ receiver }) => isBroken(receiver))) return [];
  const added: string[] = [];
  const spare = new Set(chain.filter((receiver) => !told.some((one) => one.receiver === receiver)));
  for (const receiver of spare) {
    added.push(receiver);
    if (!isBroken(receiver)) break;
  }
  return added;
}

/** A mute in words. */
export function muteWords({ by, name, until }: Mute): Omit<Held, "receiver"> {
  const words = {
    silence: `silenced by ${name}`,
    inhibition: `muted while ${name} fires`,
    "severity window": `in the mute window ${name} of its severity`,
    "route window": `in the mute window ${name} of its route`,
  };
  return { why: words[by], mute: by, ...(until === undefined ? {} : { until }) };
}
