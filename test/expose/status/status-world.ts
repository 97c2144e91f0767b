import type { AppPorts } from "../../../functions/expose/app.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { SELF_FAMILIES } from "../../../functions/model/families/self-families.ts";
import type { Family } from "../../../functions/model/metric.ts";
import { STATES, type State } from "../../../functions/model/probing/verdict.ts";
import type { Snapshot } from "../../../functions/model/snapshot.ts";
import type { FleetHistory } from "../../../functions/store/history/read-history.ts";
import { asking, portsWith } from "../api/api-world.ts";
import { MemoryAlerting } from "../api/memory-alerting.ts";
import { pack } from "../metrics/arbitrary.ts";
import { readHtml } from "../pages/html.ts";

export const NOW = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;
export const TODAY = Date.UTC(2026, 10, 22);

const FAMILIES: readonly Family[] = [...PROBE_FAMILIES, ...SELF_FAMILIES];
const familyOf = (name: string): Family => FAMILIES.find((one) => one.name === name) as Family;

/** A Monitor's numbers: targets in these states. */
export function present(
  states: Readonly<Record<string, State>>,
  { gaps = 0, open = false }: { gaps?: number; open?: boolean } = {},
): Snapshot {
  return pack(
    Object.entries(states).map(([target, state]) => ({
      target,
      series: [
        { family: familyOf("zako_v1_target_state"), labels: {}, values: [STATES.indexOf(state)] },
        {
          family: familyOf("zako_v1_target_incident_open"),
          labels: {},
          values: [open || state === "down" ? 1 : 0],
        },
        { family: familyOf("zako_watch_target_gap_probes"), labels: {}, values: [gaps] },
      ],
      exemplars: [],
      createdAt: NOW - 10 * DAY,
      createdLater: new Map(),
    })),
    "v1",
  );
}

/** Starts of the last days, today included. */
export const lastDays = (count: number): Set<number> =>
  new Set(Array.from({ length: count }, (_, back) => TODAY - back * DAY));

/** History in which these targets were watched for so many days. */
export const historyOf = (names: readonly string[], days = 30, over: Partial<FleetHistory> = {}): FleetHistory => ({
  days: new Map(names.map((name) => [name, lastDays(days)])),
  hours: new Map(
    names.map((name) => [
      name,
      [2, 1, 0].map((back) => ({ hour: NOW - back * HOUR, attempts: 60, failures: 0, meanMs: 20 + back })),
    ]),
  ),
  incidents: [],
  ...over,
});

/** Targets by name, with labels; `open`: those that are public. */
export const targetsOf = (labels: Readonly<Record<string, Record<string, string>>>, open: readonly string[] = []) =>
  Object.entries(labels).map(([name, own]) => ({
    name,
    labels: own,
    ...(open.includes(name) ? { public: true as const } : {}),
  }));

/** The app with a status page of these, and whoever asks it. */
export function statusWorld(status: Partial<AppPorts["status"]>, over: Partial<AppPorts> = {}) {
  const alerting = new MemoryAlerting();
  alerting.now = () => NOW;
  const reported: unknown[] = [];
  const targets = status.targets ?? targetsOf({ "cas-eu": {} });
  const ask = asking(
    portsWith({
      alerting,
      now: () => NOW,
      health: async () => [{ lastSlot: NOW - MINUTE, since: 0 }],
      planned: { windows: [], targets },
      report: (error) => void reported.push(error),
      ...over,
      status: {
        page: undefined,
        targets,
        present: async () => [present(Object.fromEntries(targets.map(({ name }) => [name, "up" as const])))],
        history: async () => ({ ok: true, value: historyOf(targets.map(({ name }) => name)) }),
        ...status,
      },
    }),
  );
  return { alerting, ask, reported };
}

export const readPage = async (response: Response): Promise<ReturnType<typeof readHtml>> =>
  readHtml(await response.text());
