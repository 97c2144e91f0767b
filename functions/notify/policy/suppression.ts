/** Why nobody is notified of an alert for now. */
export interface Mute {
  by: "silence" | "inhibition" | "severity window" | "route window" | "active interval" | "maintenance";
  /** The silence's id, the muting alert's name, the interval's name; for active intervals, the names of all. */
  name: string;
  /** When to look again, epoch ms; absent where only a change can end it. */
  until?: number;
}

/** Somebody who is not notified for now, and why. */
export interface Suppression {
  receiver: string;
  /** A phrase of ours, such as `silenced by 3f2a`. */
  why: string;
  /** When that may change by itself, epoch ms. */
  until?: number;
  /** Present where a silence, a window or another alert keeps it quiet, or the receiver has no channel. */
  mute?: Mute["by"] | "receiver";
}

/** A mute in words. */
export function formatMute({ by, name, until }: Mute): Omit<Suppression, "receiver"> {
  const words = {
    silence: `silenced by ${name}`,
    inhibition: `inhibited by ${name}`,
    "severity window": `muted by interval ${name} of its severity`,
    "route window": `muted by interval ${name} of its route`,
    maintenance: `in the maintenance window ${name}`,
    "active interval": `outside the active ${name.includes(", ") ? "intervals" : "interval"} ${name} of its route`,
  };
  return { why: words[by], mute: by, ...(until === undefined ? {} : { until }) };
}
