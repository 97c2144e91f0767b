import type { Protocol } from "./protocol.ts";

/** A header that carries a secret. The value is `scheme`, a space and the secret; without a scheme the secret alone. */
export interface SecretHeader {
  header: string;
  scheme?: string;
  /** Name of the Worker binding that holds the secret, never the secret itself. */
  secret: string;
}

/** How the token of `GetTransportDetails` travels on transfers; the contract has no field for it. */
export interface TokenHeader {
  header: string;
  scheme?: string;
}

/** When failing evaluated slots make a probe `down`, and when good ones make it `up` again. */
export interface Thresholds {
  /** Failing slots needed among the last `outOf` evaluated ones. */
  failures: number;
  outOf: number;
  /** Good evaluated slots in a row that end an incident. */
  recoveries: number;
}

/** An endpoint beside the target's CAS and Transport. The URL has no trailing slash. */
export interface Outside {
  url: string;
  auth?: SecretHeader;
}

/** One probe of one target, all defaults filled in. */
export interface ProbePlan {
  /** A kind of the registry, such as `transport.upload`. */
  kind: string;
  intervalMs: number;
  /** Deadline of one run, counted from its admission. */
  timeoutMs: number;
  /** Time between runs while it fails, where that is shorter than the interval; absent: it is asked in its own turn only. */
  recheckMs?: number;
  /** A successful run that takes longer is `degraded`; absent: never. */
  degradedAfterMs?: number;
  /** Whether this probe's verdict can make the target `down`. */
  critical: boolean;
  thresholds: Thresholds;
  /** What the kind's own schema made of the kind's own keys. */
  options: Readonly<Record<string, unknown>>;
  /** What it asks in place of the target's CAS and Transport; absent for kinds that ask those. */
  outside?: Outside;
}

/** A Zako deployment that is watched. URLs have no trailing slash. */
export interface Target {
  /** Unique; the `target` label of every series. */
  name: string;
  casUrl: string;
  transportUrl: string;
  protocol: Protocol;
  auth?: SecretHeader;
  transportAuth?: TokenHeader;
  /** The address that `GetTransportDetails` is expected to hand out, `host:port`. */
  address?: string;
  /** Free labels for routing and rules; never on metrics. */
  labels: Readonly<Record<string, string>>;
  /** The most that probes may make the target keep on one UTC day: bytes of canaries, and minted tokens. */
  budgets: { writeBytesPerDay: number; tokensPerDay: number };
  probes: readonly ProbePlan[];
}
