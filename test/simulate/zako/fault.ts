import type { Reason } from "../../../functions/model/probing/failure.ts";

/** One run as the target is asked. */
export interface Ask {
  target: string;
  /** Kind of probe. */
  probe: string;
  vantage: string;
  /** When the run begins, true epoch ms. */
  at: number;
  attempt: number;
  timeoutMs: number;
  /** An even number in [0, 1) for this run alone. */
  chance: number;
}

/** What comes of a run. */
export interface Answer {
  outcome: "ok" | "degraded" | "failed" | "skipped";
  /** Present unless `ok`. */
  reason?: Reason;
  /** The server said something. */
  answered?: boolean;
  httpStatus?: number;
  takesMs: number;
  /** The step that fails; the kind's first where it is left out. */
  step?: string;
}

/** How something in the world changes a run; undefined where it does not touch it. */
export type Fault = (ask: Ask) => Answer | undefined;

const originals = new WeakMap<Fault, Fault>();

/** The same fault as another object, so that two outages of one fault end apart. */
export function copyOf(fault: Fault): Fault {
  const copy: Fault = (ask) => fault(ask);
  originals.set(copy, originalOf(fault));
  return copy;
}

/** What a fault is a copy of; itself where it is none. */
export const originalOf = (fault: Fault): Fault => originals.get(fault) ?? fault;

const failing = (reason: Reason, answered: boolean, takesMs: number, step?: string): Answer => ({
  outcome: "failed",
  reason,
  answered,
  takesMs,
  ...(step === undefined ? {} : { step }),
});

/** Nobody listens. */
export const refused: Fault = () => failing("connect", false, 3);
/** It takes the whole deadline and says nothing. */
export const hangs: Fault = ({ timeoutMs }) => failing("timeout", false, timeoutMs);
/** The server says that it cannot serve. */
export const unavailable: Fault = () => failing("rpc_unavailable", true, 20);
/** A front in place of the server. */
export const badGateway: Fault = () => ({ ...failing("http_status", true, 15), httpStatus: 502 });
/** The edge cannot reach the origin. */
export const edgeError: Fault = () => failing("edge", true, 900);
/** Answers come, but after the deadline. */
export const tooSlow: Fault = hangs;

/** Only some probes are touched. */
export const only =
  (probes: readonly string[], fault: Fault): Fault =>
  (ask) =>
    probes.includes(ask.probe) ? fault(ask) : undefined;

/** Only from some vantages. */
export const from =
  (vantages: readonly string[], fault: Fault): Fault =>
  (ask) =>
    vantages.includes(ask.vantage) ? fault(ask) : undefined;

/** Only a share of the runs, drawn for each by itself. */
export const share =
  (part: number, fault: Fault): Fault =>
  (ask) =>
    ask.chance < part ? fault(ask) : undefined;

/** Comes and goes: bad for so long, then good for so long. */
export const flapping =
  (badMs: number, goodMs: number, fault: Fault): Fault =>
  (ask) =>
    ask.at % (badMs + goodMs) < badMs ? fault(ask) : undefined;

/** The first of several that touches a run. */
export const first =
  (...faults: readonly Fault[]): Fault =>
  (ask) => {
    for (const fault of faults) {
      const answer = fault(ask);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };

const WRITES = ["transport.upload", "transport.journey"];

/** Nothing more can be stored. */
export const fullDisk: Fault = only(WRITES, () => failing("rpc_resource_exhausted", true, 30, "upload"));
/** Bytes come back that were never stored. */
export const corrupt: Fault = only(["transport.download", ...WRITES], ({ probe }) =>
  failing("corrupt", true, 40, probe === "transport.download" ? "whole" : "download"),
);
/** The store denies what it holds, also to whoever has just written it. */
export const lyingNegotiate: Fault = only(["cas.negotiate", ...WRITES], () =>
  failing("missing_but_present", true, 25, "present"),
);
/** Clients are sent to another address. */
export const addressDrift: Fault = only(["cas.details"], () => failing("address_drift", true, 25));
/** Uploads break, those of journeys too; all else works. */
export const uploadFails: Fault = only(WRITES, () => failing("rpc_internal", true, 30, "upload"));
/** A finding of a probe that is not critical. */
export const engineBroken: Fault = only(["engine.execute"], () => failing("wrong_value", true, 30));
/** The prober's own trouble. */
export const proberBug: Fault = () => ({ outcome: "skipped", reason: "internal", answered: false, takesMs: 5 });
