import { describe, expect, it } from "vitest";
import { type Acknowledgement, alertKey, type KnownAlert } from "../../../functions/model/alerting/alerter-state.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import { type Incident, MAX_CAUSES } from "../../../functions/model/alerting/incident.ts";
import { DRILL_LABEL } from "../../../functions/notify/policy/group.ts";
import { updateIncidents } from "../../../functions/notify/policy/incidents.ts";

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 22);

const known = (
  alertname: string,
  startsAt: number,
  over: Partial<KnownAlert> = {},
  more: Record<string, string> = {},
): KnownAlert => {
  const labels = { alertname, severity: "critical", target: "cas-eu", ...more };
  const annotations = { summary: `${alertname} says so.` };
  return { fingerprint: fingerprint(labels), labels, annotations, startsAt, shard: 0, receivedAt: startsAt, ...over };
};

/** Incidents after each of these states of the Alerter, and how many were written. */
function over(...states: (readonly KnownAlert[])[]): { incidents: Incident[]; written: number } {
  const incidents = new Map<string, Incident>();
  let written = 0;
  for (const alerts of states)
    for (const incident of updateIncidents(incidents, alerts, new Map())) {
      incidents.set(incident.id, incident);
      written++;
    }
  return { incidents: [...incidents.values()], written };
}

describe("an incident", () => {
  it("lasts from when its alert's condition began to hold to the alert's end", () => {
    for (const [alertname, state] of [
      ["ZakoTargetDown", "down"],
      ["ZakoTargetUnknown", "unknown"],
    ] as const) {
      const alert = known(alertname, T0 + 15 * MINUTE, { activeSince: T0 });
      const ended: KnownAlert = { ...alert, resolvedAt: T0 + 20 * MINUTE, why: "recovered" };
      const { incidents, written } = over([alert], [alert], [ended], [ended]);
      expect(incidents).toMatchObject([
        { target: "cas-eu", state, openedAt: T0, closedAt: T0 + 20 * MINUTE, why: "recovered" },
      ]);
      expect(written).toBe(2);
    }
  });

  it("begins with its alert where that says nothing else, or says what cannot be", () => {
    const alerts = [
      known("ZakoTargetDown", T0),
      known("ZakoTargetDown", T0, { activeSince: T0 + MINUTE }, { target: "cas-us" }),
    ];
    expect(over(alerts).incidents).toMatchObject([{ openedAt: T0 }, { openedAt: T0 }]);
  });

  it("is another when the same alert fires again", () => {
    const first = known("ZakoTargetDown", T0, { resolvedAt: T0 + MINUTE, why: "recovered" });
    const { incidents } = over([first], [first, known("ZakoTargetDown", T0 + 5 * MINUTE)]);
    expect(incidents.map(({ openedAt }) => openedAt)).toEqual([T0, T0 + 5 * MINUTE]);
  });

  it("is none for a drill, for what has no target, or for any other alert", () => {
    const drill = known("ZakoTargetDown", T0, {}, { [DRILL_LABEL]: "1" });
    const { target: _, ...labels } = known("ZakoTargetDown", T0).labels;
    expect(over([drill, { ...drill, labels }, known("ZakoProbeDown", T0)]).incidents).toEqual([]);
  });

  it("has what else fired for its target meanwhile as its causes, its opener first, as they were when they came", () => {
    const down = known("ZakoTargetDown", T0 + 5 * MINUTE);
    const probe = known("ZakoProbeDown", T0 + 2 * MINUTE, {}, { probe: "health" });
    const gone = known("ZakoCacheSlow", T0, { resolvedAt: T0 + MINUTE });
    const other = known("ZakoProbeDown", T0, {}, { target: "cas-us" });
    const reworded = { ...probe, annotations: { summary: "Reworded." } };
    const { incidents } = over([gone, other, probe, down], [gone, other, reworded, down]);
    expect(incidents.map(({ causes }) => causes)).toEqual([
      [
        expect.objectContaining({ alertname: "ZakoTargetDown", at: T0 + 5 * MINUTE }),
        expect.objectContaining({ alertname: "ZakoProbeDown", probe: "health", summary: "ZakoProbeDown says so." }),
      ],
    ]);
  });

  it("is caused by the probe that opened it, not by an older alert that still fires", () => {
    const older = known("ZakoProbeDown", T0, {}, { probe: "transport.negative", severity: "warning" });
    const plain = known("ZakoTargetDown", T0 + 60 * MINUTE);
    const evidence = { cause: "transport.download", steps: [], vantages: ["local"], outOf: 1 };
    const { incidents } = over([older, plain], [older, { ...plain, evidence }]);
    expect(incidents).toHaveLength(1);
    expect(over([older, { ...plain, evidence }]).incidents[0]?.causes[0]).toMatchObject({
      alertname: "ZakoTargetDown",
      probe: "transport.download",
    });
  });

  it("keeps a bounded number of causes", () => {
    const many = Array.from({ length: 2 * MAX_CAUSES }, (_, i) =>
      known("ZakoProbeDown", T0 + i, {}, { probe: `probe-${i}` }),
    );
    expect(over([known("ZakoTargetDown", T0), ...many]).incidents[0]?.causes).toHaveLength(MAX_CAUSES);
  });

  it("remembers who acknowledged it", () => {
    const down = known("ZakoTargetDown", T0);
    const ack: Acknowledgement = { by: "ada", at: T0, comment: "" };
    const [acknowledged] = updateIncidents(new Map(), [down], new Map([[alertKey(down), ack]]));
    expect(acknowledged).toMatchObject({ acknowledgedBy: "ada" });
    const before = new Map([[acknowledged?.id ?? "", acknowledged as Incident]]);
    expect(updateIncidents(before, [{ ...down, resolvedAt: T0 + MINUTE }], new Map())).toMatchObject([
      { acknowledgedBy: "ada", closedAt: T0 + MINUTE },
    ]);
  });
});
