import { formatDuration } from "../../lib/duration.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";

const UNITS_MS = [
  ["day", "a", DAY_MS],
  ["hour", "an", HOUR_MS],
  ["minute", "a", MINUTE_MS],
] as const;

/** A duration as the texts of shipped rules say it: `an hour`, `15 minutes`. */
function words(ms: number): string {
  const [unit, article, unitMs] = UNITS_MS.find(([, , each]) => ms > 0 && ms % each === 0) ?? ["", "", 0];
  if (unitMs === 0) return formatDuration(ms);
  return ms === unitMs ? `${article} ${unit}` : `${ms / unitMs} ${unit}s`;
}

/** What a description says of time: the window that is looked back on, and how long the condition has held. */
export interface Times {
  windowMs: number | undefined;
  forMs: number;
}

/** A shipped rule's description where its times are others: an alert must not speak of 15 minutes that are 30. */
export function reworded(description: string, before: Times, now: Times): string {
  const windowed =
    before.windowMs === undefined || now.windowMs === undefined
      ? description
      : description.replace(`within ${words(before.windowMs)}`, `within ${words(now.windowMs)}`);
  const suppressed = ` for ${words(before.forMs)}`;
  return now.forMs === 0
    ? windowed.replace(`,${suppressed}`, "").replace(suppressed, "")
    : windowed.replace(suppressed, ` for ${words(now.forMs)}`);
}
