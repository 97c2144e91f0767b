import type { Answer, Ask, Fault } from "./fault.ts";

/** What a server offers beside CAS and Transport. */
export type Offers = "upstream" | "everything";

/** How long a good run takes, ms. */
const GOOD_MS: Readonly<Record<string, number>> = {
  health: 12,
  "cas.details": 40,
  "cas.negotiate": 25,
  "transport.download": 90,
  "transport.upload": 120,
  "transport.journey": 200,
};
/** Probes that ask for what is stored. */
const READS = new Set(["cas.negotiate", "transport.download"]);
const NOT_UPSTREAM = new Set([
  "health",
  "worker.submit",
  "worker.gc",
  "engine.execute",
  "engine.context",
  "resource.heuristics",
]);

const NOT_OFFERED_MS = 10;

/** How long a good run of a kind takes, ms. */
export const goodMs = (kind: string, offers: Offers): number =>
  offers === "upstream" && NOT_UPSTREAM.has(kind) ? NOT_OFFERED_MS : (GOOD_MS[kind] ?? 50);

/** A server as the script made it: what it offers, what it has stored, and what is wrong with it now. */
export class Zako {
  readonly name: string;
  offers: Offers;
  /** How much slower it answers than it should; 1: not at all. */
  slowness = 1;
  /** Wrong now, the newest first. */
  readonly faults = new Set<Fault>();
  /** Digests of committed canaries. */
  readonly stored = new Set<string>();
  /** What was stored is gone, and nothing has been stored since. */
  #hasLost = false;
  /** Runs after a canary was committed. */
  onCommit: () => void = () => {};

  /** How long a good run of a kind takes where a world says so itself, ms. */
  readonly #runMs: ((kind: string) => number) | undefined;

  constructor(name: string, offers: Offers, runMs?: (kind: string) => number) {
    this.name = name;
    this.offers = offers;
    this.#runMs = runMs;
  }

  answer(ask: Ask, network: Iterable<Fault>): Answer {
    for (const fault of network) {
      const answer = fault(ask);
      if (answer !== undefined) return answer;
    }
    for (const fault of [...this.faults].reverse()) {
      const answer = fault(ask);
      if (answer !== undefined) return answer;
    }
    if (this.offers === "upstream" && NOT_UPSTREAM.has(ask.probe))
      return { outcome: "skipped", reason: "rpc_unimplemented", answered: true, takesMs: NOT_OFFERED_MS };
    if (this.#hasLost && READS.has(ask.probe))
      return { outcome: "failed", reason: "rpc_not_found", answered: true, takesMs: 20 };
    const goodRunMs = this.#runMs?.(ask.probe) ?? goodMs(ask.probe, this.offers);
    const takesMs = goodRunMs * this.slowness * (0.8 + 0.4 * ask.chance);
    if (takesMs >= ask.timeoutMs)
      return { outcome: "failed", reason: "timeout", answered: false, takesMs: ask.timeoutMs };
    return { outcome: "ok", takesMs };
  }

  commit(digest: string): void {
    this.#hasLost = false;
    this.stored.add(digest);
    this.onCommit();
  }

  /** All blobs are gone. */
  loseBlobs(): void {
    this.#hasLost = true;
    this.stored.clear();
  }
}
