import type { Span } from "../../lib/time-spans.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import { maintenanceLabels } from "../../model/alerting/maintenance.ts";
import { isAbout, maintenanceSpans } from "../../notify/policy/windows/maintenance.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import { isMaintenanceOf } from "../api/target-uptime.ts";
import type { StatusFacts } from "./status-facts.ts";
import type { ShownMaintenance } from "./status-view.ts";

/** How far ahead planned work is shown. */
const AHEAD_MS = 14 * DAY_MS;
/** Name of work that a silence announces: its reason is for the team alone. */
const UNNAMED = "Maintenance";

type Planned = Pick<StatusFacts, "now" | "planned" | "alerter">;

/** Planned work of each target over the last `days` days and until the end of what is under way, each window read once. */
export function plannedSpans(
  { now, planned, alerter }: Planned,
  targets: readonly { name: string }[],
  days: number,
): ReadonlyMap<string, readonly Span[]> {
  // A moment more, so that what is under way ends after now.
  const span = { from: now - (now % DAY_MS) - (days - 1) * DAY_MS, to: now + 1 };
  const windows = planned.windows.map((window) => ({ window, spans: maintenanceSpans(window, span) }));
  const silences = maintenanceSilences(alerter);
  return new Map(
    targets.map(({ name }) => {
      const labels = maintenanceLabels(planned, name);
      return [
        name,
        [
          ...windows.filter(({ window }) => isAbout(window, labels)).flatMap(({ spans }) => spans),
          ...silences
            .filter((silence) => isMaintenanceOf(silence, name))
            .map((silence) => ({ from: silence.startsAt, to: silenceEnd(silence) })),
        ],
      ];
    }),
  );
}

/** Work on these targets that is under way, and the next of each in the coming two weeks; the earliest first. */
export function showMaintenance({ now, planned, alerter }: Planned, names: ReadonlySet<string>): ShownMaintenance[] {
  const span = { from: now, to: now + AHEAD_MS };
  const windows = planned.windows.flatMap((window) => {
    const targets = [...names].filter((name) => isAbout(window, maintenanceLabels(planned, name)));
    const [next] = targets.length === 0 ? [] : maintenanceSpans(window, span);
    return next === undefined ? [] : [{ name: window.name, targets, ...next }];
  });
  const silences = maintenanceSilences(alerter).flatMap((silence) => {
    const targets = [...names].filter((name) => isMaintenanceOf(silence, name));
    const to = silenceEnd(silence);
    const isShown = targets.length > 0 && to > now && silence.startsAt < span.to;
    return isShown ? [{ name: UNNAMED, targets, from: Math.max(silence.startsAt, now), to }] : [];
  });
  return [...windows, ...silences]
    .map((one) => ({ ...one, active: one.from <= now }))
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

const maintenanceSilences = (alerter: Planned["alerter"]) =>
  (alerter?.silences ?? []).filter(({ maintenance }) => maintenance);
