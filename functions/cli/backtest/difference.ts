import { formatDuration } from "../../lib/duration.ts";
import type { ReplayedAlert } from "./alert-log.ts";
import type { Compared } from "./compare.ts";

/** How an alert of the new configuration differs from what the present one raised, in words; `same` where it does not. */
export function differenceOf({ alert, counterparts }: Compared): string {
  const [other, ...more] = counterparts;
  if (other === undefined) return "new";
  if (more.length > 0) return `merges ${counterparts.length}`;
  const words = [
    moved("fires", other.firedAt, alert.firedAt),
    ended(other, alert),
    changed(other.labels["severity"], alert.labels["severity"]),
    changed(other.labels["pager"], alert.labels["pager"]),
  ];
  return words.filter((word) => word !== undefined).join(", ") || "same";
}

function moved(verb: string, from: number, to: number): string | undefined {
  if (from === to) return undefined;
  return `${verb} ${formatDuration(Math.abs(to - from))} ${to > from ? "later" : "earlier"}`;
}

function ended({ resolvedAt: from }: ReplayedAlert, { resolvedAt: to }: ReplayedAlert): string | undefined {
  if (from !== undefined && to !== undefined) return moved("resolves", from, to);
  if (from === to) return undefined;
  return to === undefined ? "does not resolve" : "resolves";
}

const changed = (from: string | undefined, to: string | undefined): string | undefined =>
  from === to ? undefined : `${to}, was ${from}`;
