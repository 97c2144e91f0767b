import { spellDuration } from "../../lib/spell-time.ts";
import type { ShownIncident } from "./status-view.ts";
import { Time } from "./time-text.tsx";

/** Incidents, each with its timeline unfolded on demand; what is open is unfolded. `now`: epoch ms. */
export const IncidentList = ({ incidents, now }: { incidents: readonly ShownIncident[]; now: number }) => (
  <>
    {incidents.map((one) => (
      <IncidentItem incident={one} now={now} />
    ))}
  </>
);

const IncidentItem = ({ incident, now }: { incident: ShownIncident; now: number }) => {
  const { id, target, openedAt, closedAt, removed, reason, timeline } = incident;
  const lasted = spellDuration((closedAt ?? now) - openedAt);
  const end = removed ? `removed after ${lasted}` : closedAt === undefined ? `down for ${lasted}` : `lasted ${lasted}`;
  return (
    <details id={`incident-${id}`} open={closedAt === undefined}>
      <summary>
        <strong class={closedAt === undefined ? "down" : undefined}>{target}</strong> {end}, from <Time at={openedAt} />
        <br />
        <span class="dim">{reason}</span>
      </summary>
      <ol class="tl">
        {timeline.map(({ at, text }) => (
          <li>
            {at === undefined ? "Now" : <Time at={at} />}: {text}
          </li>
        ))}
      </ol>
    </details>
  );
};
