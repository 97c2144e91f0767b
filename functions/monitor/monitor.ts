import { DurableObject } from "cloudflare:workers";
import { COMPILED_CONFIG } from "../config/compiled.ts";
import { fetcherOf } from "../lib/fetcher-of.ts";
import { secretOf } from "../lib/secret-of.ts";
import { ALERTER_NAME } from "../model/alerting/alerter-state.ts";
import { shownFamilies } from "../model/families/shown-families.ts";
import { type ProberName, proberName } from "../model/probing/placement.ts";
import type { ProbeAnswer, ProbeRequest } from "../model/probing/probe-request.ts";
import type { PushAnswer, PushBatch } from "../model/probing/push.ts";
import type { RefusedTokens } from "../model/refused-tokens.ts";
import { packSnapshot, type WireSnapshot } from "../model/snapshot-wire.ts";
import { PROBE_KINDS } from "../probe/kinds/registry.ts";
import { lookOf, type RegionProber } from "../probe/region.ts";
import type { OfferedOverride } from "../store/override-kv.ts";
import { ExposedNumbers, type ExposedState, type NumbersAsked } from "./exposed-numbers.ts";
import type { WakeAnswer } from "./monitor-core.ts";
import { type MonitorParts, type MonitorPlatform, wireMonitor } from "./monitor-wiring.ts";
import { SELF } from "./tick/wanted-series.ts";

const RETIRED_RETRY_MS = 600_000;

/** What a Monitor tells of its ticks, for `/healthz`; epoch ms. */
export interface MonitorReport {
  lastSlot?: number;
  since: number;
  /** Grid of the active configuration. */
  gridMs: number;
}

/** The Durable Object that watches one shard of the targets: a thin shell around its parts. */
export class Monitor extends DurableObject<Env> {
  readonly #parts: MonitorParts;
  /** Tells structures of two lives of this object apart. */
  readonly #life = crypto.randomUUID();
  readonly #since = Date.now();
  /** What is exposed under the configuration of that hash. */
  #numbers: { hash: string; numbers: ExposedNumbers } | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#parts = wireMonitor(platformOf(ctx, env), COMPILED_CONFIG);
  }

  /**
   * Runs the slot of `time` (epoch ms) unless it has been run; returns when it is committed. The wake carries the override
   * from KV, which is applied before the slot.
   */
  async wake(time: number, offered?: OfferedOverride): Promise<WakeAnswer> {
    return this.#parts.wakes.wake(time, offered);
  }

  /** Accepts a push for a target; returns once it is stored, rejects if that failed. */
  async push(target: string, batch: PushBatch): Promise<PushAnswer> {
    return this.#parts.pushes.push(target, batch);
  }

  /** The result of a probe for somebody who asks for it: of a run made now, or the last one. */
  async probe(request: ProbeRequest): Promise<ProbeAnswer> {
    return this.#parts.onRequest.ask(request);
  }

  /** Counts tokens that the HTTP side refused. */
  async countRefusedTokens(refused: readonly RefusedTokens[]): Promise<void> {
    const now = Date.now();
    this.#parts.core.record(({ table }) => {
      for (const { route, reason, count } of refused)
        table.observe(
          SELF,
          { family: "zako_watch_tokens_refused_total", labels: { route, reason }, value: count },
          now,
        );
    });
  }

  override async alarm(): Promise<void> {
    if (!this.#parts.isRetired) return this.#parts.wakes.alarm();
    // A shard that the config has no more only hands over what history has not taken yet. It runs no slots, so an hour
    // that has passed is whole.
    await this.#parts.history.keep({ settledBefore: () => Date.now() });
    if (this.#parts.history.isBehind()) await this.ctx.storage.setAlarm(Date.now() + RETIRED_RETRY_MS);
  }

  /** The version of the numbers that `read` would return, and how large their text can be. */
  async exposed(asked: NumbersAsked): Promise<ExposedState> {
    return this.#exposed().state(this.#parts.core.snapshot(), asked);
  }

  /** The last committed numbers that `/metrics` shows; with names only if the reader does not have the structure `known`. */
  async read(asked: NumbersAsked, known?: string): Promise<WireSnapshot> {
    const { core } = this.#parts;
    const structure = `${this.#life}.${core.structure()}.${core.config.hash}`;
    return this.#exposed().pack(core.snapshot(), structure, asked, known);
  }

  /** All numbers of one target; no block where it is not watched. */
  async ofTarget(name: string): Promise<WireSnapshot> {
    const { version, blocks } = this.#parts.core.snapshot();
    // With the prober's own numbers, which say where its vantages run.
    const shown = blocks.filter(({ target }) => target === name || target === "");
    return packSnapshot({ version, structure: "", blocks: shown }, undefined);
  }

  /** The runs of a target since `from` (epoch ms) that history may lack, as one packed block. */
  async recentRuns(target: string, from: number): Promise<Uint8Array> {
    return this.#parts.history.recent(target, from);
  }

  /** When each target began to be watched, epoch ms. */
  async watchedSince(): Promise<{ target: string; since: number }[]> {
    const { blocks } = this.#parts.core.snapshot();
    return blocks.flatMap(({ target, createdAt }) => (target === "" ? [] : [{ target, since: createdAt }]));
  }

  /** The active configuration of the whole fleet as JSON, for printing; nothing if the reader has the version `known`. */
  async inForce(known: string): Promise<string | undefined> {
    const { config } = this.#parts.override;
    return config.hash === known ? undefined : JSON.stringify(config);
  }

  #exposed(): ExposedNumbers {
    const { config } = this.#parts.core;
    if (this.#numbers?.hash !== config.hash)
      this.#numbers = {
        hash: config.hash,
        numbers: new ExposedNumbers(config, shownFamilies(PROBE_KINDS, config.imports)),
      };
    return this.#numbers.numbers;
  }

  async report(): Promise<MonitorReport> {
    const { lastSlot } = this.#parts.core.head().meta;
    const known = { since: this.#since, gridMs: this.#parts.core.config.gridMs };
    return lastSlot === 0 ? known : { ...known, lastSlot };
  }
}

function platformOf(ctx: DurableObjectState, env: Env): MonitorPlatform {
  return {
    name: ctx.id.name,
    storage: ctx.storage,
    db: env.DB,
    kv: env.KV,
    secret: (name) => secretOf(env, name),
    fetcher: (name) => fetcherOf(env, name),
    secrets: () => Object.keys(env).flatMap((name) => secretOf(env, name) ?? []),
    alerter: () => env.ALERTER.getByName(ALERTER_NAME),
    prober: (name) => proberOf(env, name),
    lookOf,
  };
}

function proberOf(env: Env, name: ProberName): DurableObjectStub<RegionProber> {
  const id = env.REGION_PROBER.idFromName(proberName(name));
  return env.REGION_PROBER.get(id, { locationHint: name.vantage as DurableObjectLocationHint });
}
