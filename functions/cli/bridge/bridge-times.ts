/** How long a bridge waits for what. */
export interface BridgeTimes {
  /** After a call's deadline, for the origin's own word of it to come through. */
  graceMs: number;
  /** For a connection to the origin, TLS included. */
  connectMs: number;
  /** For the origin to answer a ping, once a call went unanswered. */
  pingMs: number;
  /** For the cause of a failed call to be asked for, though a later call is answered meanwhile. */
  causeMs: number;
}

/** 19 s is what the edge documents for a TCP connection to an origin ("Connection limits"). */
export const BRIDGE_TIMES: BridgeTimes = { graceMs: 1_000, connectMs: 19_000, pingMs: 5_000, causeMs: 2_000 };
