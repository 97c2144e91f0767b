import type { Reason } from "../../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { SELF } from "../../../functions/monitor/tick/wanted-series.ts";
import { type Fate, type Fleet, MINUTE, type Server, type Size } from "./fleet.ts";

/** How a fleet breaks in the way that a rule warns of. */
export interface Story {
  /** Changes the fleet for good; `mend` of all stories puts everything back. */
  breaks(fleet: Fleet): void;
  /** Minutes of healthy life before, where a rule must have learnt something; else an hour. */
  after?: number;
  size?: Partial<Size>;
  /** What runs of a kind observe, where the fleet does not know the kind. */
  observes?: Fleet["observes"];
  /** What it may take beside `for` and window until the break shows in what is counted: intervals of probes. */
  shownWithin?: number;
  /** The same after mending: recovery takes three good slots of each probe. */
  mendedWithin?: number;
}

const is =
  (parts: Partial<Server>): Story["breaks"] =>
  (fleet) =>
    void Object.assign(fleet.server, parts);

const failing =
  (fate: Exclude<Fate, "silent" | undefined>, hits: (task: ProbeTask, fleet: Fleet) => boolean): Story["breaks"] =>
  (fleet) => {
    fleet.fate = (task) => (hits(task, fleet) ? fate : undefined);
  };

const failed = (
  reason: Reason,
  more: { step?: string; broke?: boolean } = {},
): Exclude<Fate, "silent" | undefined> => ({
  outcome: "failed",
  reason,
  ...more,
});

const kind =
  (name: string) =>
  ({ plan }: ProbeTask): boolean =>
    plan.kind === name;

/** One in so many scheduled runs of a probe, while confirmations go well: less than what opens an incident. */
const oneIn =
  (many: number, name: string, intervalMs: number) =>
  ({ plan, slot, attempt }: ProbeTask): boolean =>
    attempt === 0 && plan.kind === name && Math.floor(slot / intervalMs) % many === 0;

const TEN = 10 * MINUTE;

/** One story per shipped rule that no kind of probe brings. */
export const STORIES: Readonly<Record<string, Story>> = {
  ZakoTargetDown: { breaks: failing(failed("connect"), () => true), shownWithin: 2, mendedWithin: 45 },
  ZakoTargetRegional: {
    breaks: failing(failed("timeout"), ({ plan, vantage }) => plan.kind === "transport.download" && vantage === "enam"),
    shownWithin: 3,
    mendedWithin: 5,
  },
  ZakoTargetDegraded: {
    breaks: failing({ outcome: "degraded", reason: "slow" }, kind("health")),
    shownWithin: 4,
    mendedWithin: 5,
  },
  ZakoTargetUnknown: {
    breaks: (fleet) => {
      fleet.fate = () => "silent";
    },
    shownWithin: 10,
    mendedWithin: 45,
  },
  ZakoProbeDown: { breaks: failing(failed("timeout"), kind("cas.negotiate")), shownWithin: 2, mendedWithin: 5 },
  ZakoVantageSuspect: {
    breaks: failing(failed("connect"), ({ vantage }) => vantage === "enam"),
    size: { names: ["a", "b", "c"] },
    shownWithin: 3,
    mendedWithin: 5,
  },
  ZakoProberFault: { breaks: failing(failed("internal"), kind("health")), shownWithin: 4 },
  ZakoProberGaps: {
    breaks: (fleet) => {
      fleet.fate = ({ vantage }) => (vantage === "enam" ? "silent" : undefined);
    },
    shownWithin: 5,
    mendedWithin: 40,
  },
  ZakoTokensRefused: {
    breaks: ({ observes, world }) => {
      const labels = { route: "metrics", reason: "wrong" };
      // Nothing to do with a run; but somebody tries as often as runs come.
      observes["health"] = () => {
        world.core.record(({ table }) =>
          table.observe(SELF, { family: "zako_watch_tokens_refused_total", labels, value: 10 }, world.now),
        );
        return [];
      };
    },
    observes: { health: () => [] },
  },
  ZakoSeriesDropped: {
    breaks: (fleet) => {
      const labels = { source: "push", reason: "series" };
      fleet.observes["health"] = () => [{ family: "zako_watch_readings_refused_total", labels, value: 1 }];
    },
    observes: { health: () => [] },
  },
  ZakoCasMissingRatioHigh: {
    breaks: (fleet) => {
      fleet.server.missing = () => 1;
      fleet.fate = (task) => (kind("cas.negotiate")(task) ? failed("missing_but_present", { broke: true }) : undefined);
    },
  },
  ZakoCasTransportDetailsErrors: { breaks: failing(failed("timeout"), oneIn(2, "cas.details", 5 * MINUTE)) },
  // What is an hour old soon takes another level for the usual one; after a day it does not.
  ZakoCasConcurrencyAnomaly: { breaks: is({ recommended: () => 4 }), after: 1_500, shownWithin: 5, mendedWithin: 5 },
  ZakoCasConnectionsAnomaly: { breaks: is({ connections: () => 400 }), after: 1_500, shownWithin: 5, mendedWithin: 5 },
  ZakoCasConcurrencyMismatch: { breaks: is({ concurrency: () => 80 }), shownWithin: 5, mendedWithin: 5 },
  ZakoTransportUploadFailures: {
    breaks: failing(failed("timeout"), oneIn(2, "transport.upload", TEN)),
    shownWithin: 10,
    mendedWithin: 10,
  },
  ZakoTransportDownloadFailures: { breaks: failing(failed("timeout"), oneIn(4, "transport.download", MINUTE)) },
  ZakoTransportDownloadLatencyP95High: { breaks: is({ download: () => 4 }) },
  ZakoTransportDownloadLatencyP99High: { breaks: is({ download: () => 9 }) },
  ZakoTransportUploadLatencyP95High: { breaks: is({ upload: () => 4 }), shownWithin: 10, mendedWithin: 10 },
  ZakoTransportUploadLatencyP99High: { breaks: is({ upload: () => 9 }), shownWithin: 10, mendedWithin: 10 },
  ZakoTransportChunkErrors: {
    breaks: failing(failed("truncated", { broke: true }), oneIn(4, "transport.download", MINUTE)),
  },
  ZakoTransportIntegrityFailure: {
    breaks: failing(failed("corrupt", { broke: true }), kind("transport.download")),
    shownWithin: 1,
  },
  ZakoTransportAlreadyExistsOnFresh: {
    breaks: failing(failed("rpc_already_exists", { step: "upload" }), kind("transport.upload")),
    shownWithin: 10,
    mendedWithin: 10,
  },
  ZakoTransportBadRequestAccepted: {
    breaks: failing(failed("accepted_bad_upload", { step: "wrong_content" }), kind("transport.negative")),
    size: { more: ["transport.negative"] },
    shownWithin: 60,
    mendedWithin: 60,
  },
  ZakoTransportNoCommit: { breaks: is({ commits: false }), shownWithin: 120, mendedWithin: 10 },
  ZakoWorkerQueueGrowing: {
    breaks: (fleet) => {
      const from = fleet.minute;
      fleet.server.queue = () => 2 + Math.floor((fleet.minute - from) / 2);
    },
    shownWithin: 5,
    mendedWithin: 5,
  },
  ZakoWorkerIdleTimeoutsFrequent: { breaks: is({ idleTimeoutsPerMinute: () => 3 }), shownWithin: 5, mendedWithin: 5 },
  ZakoWorkerGcSlow: { breaks: is({ gc: () => 3 }), shownWithin: 15, mendedWithin: 15 },
  ZakoWorkerThreadsShort: { breaks: is({ queue: () => 9 }), shownWithin: 5, mendedWithin: 5 },
  ZakoEngineModuleExecutionSlow: { breaks: is({ module: () => 9 }), shownWithin: 5, mendedWithin: 5 },
  ZakoEngineJsonConversionFailures: {
    breaks: (fleet) => {
      fleet.server.converts = false;
      fleet.fate = (task) => (kind("engine.context")(task) ? failed("conversion_failed") : undefined);
    },
    shownWithin: 5,
    mendedWithin: 5,
  },
  ZakoEngineExceptionsSurge: { breaks: is({ exceptionsPerMinute: () => 3 }), shownWithin: 5, mendedWithin: 5 },
  ZakoCacheHitRatioLow: { breaks: is({ hitRatio: () => 0.3 }), shownWithin: 2, mendedWithin: 2 },
  ZakoDiskLow: { breaks: is({ diskFree: () => 2 ** 30 }), shownWithin: 5, mendedWithin: 5 },
  ZakoHeuristicsDeviate: { breaks: is({ deviation: () => 0.4 }), shownWithin: 5, mendedWithin: 5 },
  ZakoBuildSlow: { breaks: is({ build: () => 4_000 }), mendedWithin: 7 },
  ZakoProcessMemoryHigh: { breaks: is({ resident: () => 0.97 }), shownWithin: 5, mendedWithin: 5 },
  ZakoProcessCpuHigh: { breaks: is({ cores: () => 15 }), shownWithin: 5, mendedWithin: 5 },
  // A third of the runs of one probe: far from `down`, and a tenth of all.
  ZakoErrorBudgetBurnFast: {
    breaks: failing(failed("timeout"), oneIn(3, "health", MINUTE)),
  },
  ZakoErrorBudgetBurnSlow: {
    breaks: failing(
      failed("timeout"),
      ({ plan, slot }) => kind("health")({ plan } as ProbeTask) && (slot / MINUTE) % 30 === 0,
    ),
  },
};
