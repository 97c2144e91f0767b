import type { Protocol } from "./protocol.ts";

/**
 * A header that carries a secret. The value is `scheme`, a space and the secret, or just the secret without a scheme. With a
 * `username` it is HTTP basic authentication, and the secret is the password.
 */
export interface SecretHeader {
  /** In lower case. */
  header: string;
  scheme?: string;
  /** Name of the Worker binding with the secret, never the secret itself. */
  secret: string;
  username?: string;
}

/** Header for the token of `GetTransportDetails` on transfers; the contract has no field for it. */
export interface TokenHeader {
  header: string;
  scheme?: string;
}

/** How many failing evaluations make a probe `down`, and how many good ones make it `up` again. */
export interface Thresholds {
  /** Failing evaluations needed among the last `outOf`. */
  failures: number;
  outOf: number;
  /** Good evaluations in a row that end an incident. */
  recoveries: number;
}

/** An endpoint other than the target's CAS and Transport. The URL has no trailing slash. */
export interface Outside {
  url: string;
  /** Name of the fetcher binding that leads to it; absent: see `outsideAccess`. */
  via?: string;
  /** Its own secrets; absent: see `outsideAccess`. */
  headers?: readonly SecretHeader[];
}

/** One probe of one target, with all defaults. */
export interface ProbePlan {
  /** A kind of the registry, such as `transport.upload`. */
  kind: string;
  intervalMs: number;
  /** Deadline of one run, from its admission. */
  timeoutMs: number;
  /** Time between runs while it fails, if shorter than the interval; absent: it is asked in its own turn only. */
  recheckMs?: number;
  /** A successful run that takes longer is `degraded`; absent: no limit. */
  degradedAfterMs?: number;
  /** Whether this probe's verdict can make the target `down`. */
  critical: boolean;
  thresholds: Thresholds;
  /** The kind's own keys, parsed by the kind's schema. */
  options: Readonly<Record<string, unknown>>;
  /** The endpoint it calls instead of the target's CAS and Transport; absent for kinds that call those. */
  outside?: Outside;
}

/** A watched Zako deployment. URLs have no trailing slash. */
export interface Target {
  /** Unique; the `target` label of every series. */
  name: string;
  casUrl: string;
  transportUrl: string;
  protocol: Protocol;
  /** Name of the fetcher binding that all calls go through, but for endpoints outside; absent: the public internet. */
  via?: string;
  /** The same for the Transport alone; absent: `via`. */
  transportVia?: string;
  /** Secrets for the CAS's origin. */
  headers?: readonly SecretHeader[];
  /** Secrets for a Transport on another origin; absent: see `transportAccess`. */
  transportHeaders?: readonly SecretHeader[];
  transportAuth?: TokenHeader;
  /** The address that `GetTransportDetails` is expected to return, `host:port`. */
  address?: string;
  /** User-defined labels for routing and rules; never on metrics. */
  labels: Readonly<Record<string, string>>;
  /** Everybody may see its state on the status page; absent: only readers with a token. */
  public?: true;
  /** Limits per UTC day on what probes make the target store: bytes of canaries, and issued tokens. */
  budgets: { writeBytesPerDay: number; tokensPerDay: number };
  probes: readonly ProbePlan[];
}
