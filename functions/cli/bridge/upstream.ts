import { type ClientHttp2Session, connect } from "node:http2";
import type { Failure } from "../../model/probing/failure.ts";
import type { BridgeTimes } from "./bridge-times.ts";

/** How an upstream is connected to. */
export interface UpstreamOptions {
  /** Certificates, PEM, that are trusted instead of the usual ones. */
  ca?: string;
}

/** The HTTP/2 connection to one origin: opened when needed, and anew when the origin gives it up. */
export class Upstream {
  readonly origin: URL;
  readonly #options: UpstreamOptions;
  readonly #times: BridgeTimes;
  #current: ClientHttp2Session | undefined;
  #lastFailure: { cause: Failure; at: number; isOver: boolean } | undefined;
  /** Sessions that may have streams: the current one, and those that an origin has said farewell to. */
  readonly #open = new Set<ClientHttp2Session>();

  constructor(origin: URL, times: BridgeTimes, options: UpstreamOptions) {
    this.origin = origin;
    this.#times = times;
    this.#options = options;
  }

  /** How many connections there are, those that are being opened or drained included. */
  get sessions(): number {
    return this.#open.size;
  }

  /**
   * Why the newest call without an answer got none. Calls of several targets and probes run side by side: who has just
   * seen one fail learns why, whatever became of the next.
   */
  get lastFailure(): Failure | undefined {
    const last = this.#lastFailure;
    if (last?.isOver === true && performance.now() - last.at >= this.#times.causeMs) return undefined;
    return last?.cause;
  }

  /** A call got no answer. */
  failed(cause: Failure): void {
    this.#lastFailure = { cause, at: performance.now(), isOver: false };
  }

  /** A call got an answer. */
  answered(): void {
    if (this.#lastFailure !== undefined) this.#lastFailure.isOver = true;
  }

  /**
   * A session that takes new streams, connected or about to be. Its failures reach its streams. Node closes a session for
   * new streams as soon as the origin says farewell (GOAWAY).
   */
  session(): ClientHttp2Session {
    const current = this.#current;
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const session = connect(this.origin, this.#options);
    this.#current = session;
    this.#open.add(session);
    const late = setTimeout(
      () => session.destroy(Object.assign(new Error("cannot connect in time"), { code: "ETIMEDOUT" })),
      this.#times.connectMs,
    );
    session.once("connect", () => clearTimeout(late));
    session.once("close", () => {
      clearTimeout(late);
      this.#open.delete(session);
    });
    // Streams learn of it by themselves; a session without streams has nobody to tell.
    session.on("error", () => {});
    return session;
  }

  /** Gives a session up where the other side no longer answers: TCP would notice only after many minutes. */
  check(session: ClientHttp2Session): void {
    if (session.closed || session.destroyed || session.connecting) return;
    const timer = setTimeout(() => session.destroy(), this.#times.pingMs);
    session.once("close", () => clearTimeout(timer));
    session.ping(() => clearTimeout(timer));
  }

  close(): void {
    for (const session of this.#open) session.destroy();
  }
}
