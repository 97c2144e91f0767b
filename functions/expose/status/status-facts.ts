import { orLate, startDeadline } from "../../lib/deadline.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import type { PlannedWork } from "../../model/alerting/maintenance.ts";
import type { Target } from "../../model/probing/target.ts";
import { STATES, type State } from "../../model/probing/verdict.ts";
import type { Block, Snapshot } from "../../model/snapshot.ts";
import type { StatusPageConfig } from "../../model/status-page.ts";
import type { FleetHistory, HistoryRead } from "../../store/history/read-history.ts";
import type { AlertingPort, ListedSilence } from "../api/alerting-port.ts";
import { type HealthJudgement, judgeHealth, type MonitorHealth } from "../judge-health.ts";
import { HistoryCache, type KnownHistory } from "./history-cache.ts";

/** What the status page reads. */
export interface StatusPorts {
  status: {
    page: StatusPageConfig | undefined;
    targets: readonly Pick<Target, "name" | "labels" | "public">[];
    /** Numbers of these families by shard; undefined where the Monitor does not answer in time. */
    present(families: readonly string[]): Promise<readonly (Snapshot | undefined)[]>;
    /** History of so many days, from D1. */
    history(now: number, days: number): Promise<HistoryRead<FleetHistory>>;
  };
  alerting: AlertingPort;
  planned: PlannedWork;
  health(): Promise<readonly (MonitorHealth | undefined)[]>;
  gridMs: number;
  /** Epoch ms. */
  now(): number;
  report(error: unknown): void;
}

/** How a target is now, as its Monitor says. */
export interface Present {
  state: State;
  incidentOpen: boolean;
  /** Critical probes have had no result for three intervals or longer, through the prober's own fault. */
  isStale: boolean;
  /** Epoch ms. */
  watchedSince: number;
}

/** Everything that the status page is made from. It holds names of people: only `projectStatus` reads it. */
export interface StatusFacts {
  /** Epoch ms. */
  now: number;
  page: StatusPageConfig | undefined;
  targets: readonly Pick<Target, "name" | "labels" | "public">[];
  /** By shard; undefined where the Monitor did not answer. */
  shards: readonly (ReadonlyMap<string, Present> | undefined)[];
  health: HealthJudgement;
  /** Undefined where the Alerter did not answer. */
  alerter: { incidents: readonly Incident[]; silences: readonly ListedSilence[] } | undefined;
  history: KnownHistory | undefined;
  planned: PlannedWork;
}

/** Days that the page shows, today included. */
export const SHOWN_DAYS = 90;

const STATE = "zako_v1_target_state";
const INCIDENT = "zako_v1_target_incident_open";
const GAPS = "zako_watch_target_gap_probes";
/** How long the same facts are shown again: the page is open to everybody, and each reading asks every Monitor. */
const FACTS_MS = 5_000;
const ALERTER_TIMEOUT_MS = 3_000;

/** Reads what the status page is made from. Make it once per isolate. */
export function createFactsReader(ports: StatusPorts): () => Promise<StatusFacts> {
  const cache = new HistoryCache({
    read: (now) => ports.status.history(now, SHOWN_DAYS),
    now: () => ports.now(),
  });
  let known: StatusFacts | undefined;
  return async () => {
    const now = ports.now();
    if (known !== undefined && Math.abs(now - known.now) < FACTS_MS) return known;
    const [shards, health, alerter, history] = await Promise.all([
      ports.status.present([STATE, INCIDENT, GAPS]),
      ports.health(),
      askAlerter(ports),
      cache.history(),
    ]);
    const { page, targets } = ports.status;
    known = {
      now,
      page,
      targets,
      shards: shards.map((one) => one && presentOf(one)),
      health: judgeHealth(health, ports.gridMs, now),
      alerter,
      history,
      planned: ports.planned,
    };
    return known;
  };
}

async function askAlerter({ alerting, now, report }: StatusPorts): Promise<StatusFacts["alerter"]> {
  using deadline = startDeadline(ALERTER_TIMEOUT_MS, now());
  const asked = Promise.all([alerting.incidents(), alerting.silences()]).catch((error: unknown) => {
    report(error);
    return undefined;
  });
  const answers = await orLate(asked, deadline.signal, undefined);
  return answers && { incidents: answers[0], silences: answers[1] };
}

const presentOf = ({ blocks }: Snapshot): ReadonlyMap<string, Present> =>
  new Map(blocks.filter(({ target }) => target !== "").map((block) => [block.target, presentOfBlock(block)]));

function presentOfBlock({ layout, values, createdAt }: Block): Present {
  const value = (family: string): number => {
    const column = layout.columns.find((one) => one.family === family);
    return (column && values[column.offset]) ?? Number.NaN;
  };
  return {
    state: STATES[value(STATE)] ?? "unknown",
    incidentOpen: value(INCIDENT) === 1,
    isStale: value(GAPS) > 0,
    watchedSince: createdAt,
  };
}
