import { INSIDE_FAMILIES as I } from "../../../functions/model/families/inside-families.ts";
import { PROBE_SOURCE, ZAKO_FAMILIES as Z } from "../../../functions/model/families/zako-families.ts";
import type { Family, Observation } from "../../../functions/model/metric.ts";
import { failure as makeFailure, type Reason } from "../../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";
import type { Outcome, Sample } from "../../../functions/model/probing/sample.ts";
import type { ProbePlan } from "../../../functions/model/probing/target.ts";
import type { AlerterPort } from "../../../functions/monitor/alerts/alert-sender.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { config, START, sampleOf, target, World } from "../../monitor/world.ts";

export const MINUTE = 60_000;
const POOLS = ["oxc", "v8"] as const;
const MINUTES_PER_DAY = 1_440;

/** Sources of metrics about the inside of servers. Today's Zako has no diagnostics, and few are scraped. */
export interface MetricSources {
  diagnostics: boolean;
  scrape: boolean;
}

/** What a server is like; stories replace parts of it. All times in seconds. */
export interface Server {
  download: () => number;
  upload: () => number;
  gc: () => number;
  module: () => number;
  build: () => number;
  recommended: () => number;
  concurrency: () => number;
  connections: () => number;
  queue: () => number;
  idleTimeoutsPerMinute: () => number;
  exceptionsPerMinute: () => number;
  missing: () => number;
  commits: boolean;
  converts: boolean;
  hitRatio: () => number;
  resident: () => number;
  cores: () => number;
  diskFree: () => number;
  deviation: () => number;
}

/** What becomes of a run; `undefined`: what the server is like. `silent`: nothing is ever heard of it. */
export type Fate = { outcome: Outcome; reason: Reason; step?: string; broke?: boolean } | "silent" | undefined;

interface Totals {
  since: number;
  idleTimeouts: number;
  exceptions: number;
  cpuSeconds: number;
  builds: { counts: number[]; sum: number };
}

/** Servers, the probes that ask them, and a real Monitor that counts, judges and evaluates the shipped rules. */
export class Fleet {
  readonly world: World;
  readonly server: Server;
  fate: (task: ProbeTask) => Fate = () => undefined;
  /** What runs of further kinds observe when they go well, by kind. */
  readonly observes: Record<string, () => Observation[]> = {};
  minute = 0;
  /** Names of rules by what became of their alerts, in order. */
  readonly changes: { alert: string; change: string; minute: number }[] = [];
  readonly #sources: MetricSources;
  readonly #totals: Totals;
  readonly #random: () => number;
  readonly #hour: number;
  #committed = -1;
  #freshVotes = 0;

  constructor(
    storage: DurableObjectStorage,
    sources: MetricSources,
    { vantages = ["weur", "enam", "apac"], names = ["main"], seed = 1, hour = 0, more = [] }: Partial<Size> = {},
    alerter?: AlerterPort,
  ) {
    this.#random = randomOf(seed);
    this.#sources = sources;
    this.#hour = hour;
    this.#totals = {
      since: START - MINUTE,
      idleTimeouts: 5_000,
      exceptions: 800,
      cpuSeconds: 12_345.678,
      builds: { counts: new Array<number>(I.buildDuration.buckets.length + 1).fill(0), sum: 0 },
    };
    this.server = this.#healthy();
    const kinds = PROBE_KINDS.filter(
      ({ kind, defaults }) => defaults.enabled || (kind === "scrape" && sources.scrape) || more.includes(kind),
    );
    const plans = kinds.map(
      ({ kind, defaults, options }): ProbePlan => ({
        kind,
        ...defaults,
        thresholds: { failures: 2, outOf: 3, recoveries: 3 },
        options: options.parse({}) as ProbePlan["options"],
      }),
    );
    const targets = names.map((name) => ({
      ...target(name, plans),
      budgets: { writeBytesPerDay: 1 << 24, tokensPerDay: 10_000 },
    }));
    this.world = new World(storage, config(targets, { vantages: [...vantages] as never }), alerter);
    this.world.probe = async (tasks, _deadline, deliver) => deliver(tasks.flatMap((task) => this.#sample(task)));
  }

  /** A minute with its tick and the confirmations of what failed in it. */
  async tick(): Promise<void> {
    this.minute++;
    this.#live();
    this.world.now = START + this.minute * MINUTE;
    await this.world.core.wake(this.world.now, "cron");
    this.world.now += 5_000;
    await this.world.core.confirm();
    await this.world.core.alertsSent();
    for (const event of this.world.events.splice(0)) {
      if (event.event === "alert") this.changes.push({ ...event, minute: this.minute });
      if (event.event === "error") throw new Error(JSON.stringify(event));
    }
  }

  async ticks(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.tick();
  }

  /** Ticks until an alert changes so; answers after how many minutes, or undefined if it has not within `most`. */
  async until(alert: string, change: string, most: number): Promise<number | undefined> {
    for (let waited = 1; waited <= most; waited++) {
      await this.tick();
      const fresh = this.changes.slice(this.#freshVotes);
      this.#freshVotes = this.changes.length;
      if (fresh.some((one) => one.alert === alert && one.change === change)) return waited;
    }
    return undefined;
  }

  /** Rules whose alerts have fired, in order. */
  firing(): string[] {
    return this.changes.filter(({ change }) => change === "firing").map(({ alert }) => alert);
  }

  /** What puts servers and network back to what they are now. */
  asItIs(): () => void {
    const { server, fate, observes } = this;
    const was = { ...server };
    const observed = { ...observes };
    return () => {
      Object.assign(server, was);
      Object.assign(observes, observed);
      this.fate = fate;
    };
  }

  /** The server's process begins again: its totals are at 0, and nobody is connected. */
  restartServer(): void {
    const fresh = { since: this.world.now, idleTimeouts: 0, exceptions: 0, cpuSeconds: 0 };
    const builds = { counts: this.#totals.builds.counts.map(() => 0), sum: 0 };
    Object.assign(this.#totals, fresh, { builds });
  }

  /** Even between two numbers. */
  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** Around `middle` by day, far less by night. */
  daily(middle: number): number {
    const phase = (2 * Math.PI * (this.minute + this.#hour * 60)) / MINUTES_PER_DAY;
    return middle * (1 - 0.7 * Math.cos(phase));
  }

  #healthy(): Server {
    return {
      // Each is slow once in a while, which is no news.
      download: () => (this.chance(0.003) ? this.between(1, 1.9) : this.between(0.02, 0.4)),
      upload: () => (this.chance(0.003) ? this.between(1, 1.9) : this.between(0.05, 0.8)),
      gc: () => ((this.minute + 300) % 600 < 15 ? 2 : this.between(0.005, 0.2)),
      module: () => ((this.minute + 300) % 600 < 5 ? 8 : this.between(0.01, 1)),
      build: () => ((this.minute + 300) % 600 < 7 ? 3_000 : this.between(30, 900)),
      recommended: () => 32,
      concurrency: () => Math.round(this.daily(16) + this.between(-4, 4)),
      connections: () => Math.max(0, Math.round(this.daily(20) + this.between(-3, 3))),
      // Now and then a burst that is worked off within a few minutes.
      queue: () => (this.minute % 97 < 6 ? 4 : this.chance(0.1) ? 1 : 0),
      idleTimeoutsPerMinute: () => Number(this.chance(0.9)),
      exceptionsPerMinute: () => Number(this.chance(0.6)),
      missing: () => 0,
      commits: true,
      converts: true,
      // A clean build finds nothing.
      hitRatio: () => (this.minute % 400 < 30 ? 0.2 : this.between(0.6, 0.95)),
      resident: () => this.between(0.4, 0.7),
      cores: () => this.daily(4),
      diskFree: () => 300 * 2 ** 30 - this.minute * 2 ** 20,
      deviation: () => 0,
    };
  }

  /** What a minute brings to the server itself. */
  #live(): void {
    const totals = this.#totals;
    totals.idleTimeouts += this.server.idleTimeoutsPerMinute();
    totals.exceptions += this.server.exceptionsPerMinute();
    totals.cpuSeconds += this.server.cores() * 60;
    if (this.minute % 7 !== 0) return;
    const seconds = this.server.build();
    const bucket = I.buildDuration.buckets.findIndex((bound) => seconds <= bound);
    const { counts } = totals.builds;
    const at = bucket === -1 ? counts.length - 1 : bucket;
    counts[at] = (counts[at] as number) + 1;
    totals.builds.sum += seconds;
  }

  #sample(task: ProbeTask): Sample[] {
    const fate = this.fate(task);
    if (fate === "silent") return [];
    const { now } = this.world;
    const isInside = PROBE_KINDS.find(({ kind }) => kind === task.plan.kind)?.tier === "inside";
    if (isInside && !this.#sources.diagnostics)
      return [sampleOf(task, now, "skipped", makeFailure("rpc_unimplemented", true))];
    const tale = this.#tale(task, fate);
    if (fate === undefined) return [{ ...sampleOf(task, now), ...tale }];
    const failed = makeFailure(fate.reason, false);
    const step = fate.step === undefined ? [] : [{ name: fate.step, durationMs: 5, failure: failed }];
    const steps = step.map((one) => ({ ...one, outcome: "failed" as const }));
    return [{ ...sampleOf(task, now, fate.outcome, failed), ...tale, steps }];
  }

  /** What a run of a kind observes: as `functions/probe` does, in the same families and labels. */
  #tale({ plan, slot }: ProbeTask, fate: Fate): { observations: Observation[]; metrics?: ReportedMetric[] } {
    const { server } = this;
    const observations: Observation[] = [];
    const see = (family: Family, value: number, more: Record<string, string> = {}): void =>
      void observations.push({ family: family.name, labels: { ...PROBE_SOURCE, ...more }, value });
    const isBad = fate !== undefined && fate !== "silent" && fate.outcome === "failed";
    switch (plan.kind) {
      case "cas.details":
        if (isBad) see(Z.detailsFailures, 1);
        else see(Z.recommendedConcurrency, server.recommended());
        break;
      case "cas.negotiate":
        if (isBad && !fate.broke) break;
        see(Z.requestedBlobs, 2);
        see(Z.missingBlobs, server.missing());
        break;
      case "transport.download":
        if (!isBad) see(Z.downloadDuration, server.download());
        else if (fate.broke) see(Z.chunkErrors, 1, { reason: fate.reason });
        if (isBad && fate.reason === "corrupt") see(Z.integrityFailures, 1, { probe: plan.kind });
        break;
      case "transport.upload": {
        const period = Math.floor(slot / plan.intervalMs);
        if (isBad || !server.commits || period === this.#committed) break;
        this.#committed = period;
        see(Z.uploadDuration, server.upload());
        see(Z.lastCommit, this.world.now / 1_000);
        break;
      }
      case "worker.submit":
      case "worker.gc":
        for (const pool of POOLS) {
          if (plan.kind === "worker.gc") see(I.gcDuration, server.gc(), { pool });
          else for (const { family, value } of this.#poolGauges()) see(family, value, { pool });
        }
        if (plan.kind === "worker.submit") return { observations, metrics: this.#poolTotals("probe") };
        break;
      case "engine.execute":
        see(I.moduleExecution, server.module());
        break;
      case "engine.context":
        if (!server.converts) see(I.jsonConversionFailures, 1);
        return { observations, metrics: [this.#total("probe", I.exceptions, "exceptions", { kind: "type_error" })] };
      case "resource.heuristics":
        for (const { family, value } of this.#hostGauges()) see(family, value);
        see(I.heuristicDeviation, server.deviation(), { value: "cas_cache_capacity_bytes" });
        return { observations, metrics: [this.#total("probe", I.processCpu, "cpuSeconds")] };
      case "scrape":
        return isBad ? { observations } : { observations, metrics: this.#scraped() };
      default:
        if (!isBad) observations.push(...(this.observes[plan.kind]?.() ?? []));
    }
    return { observations };
  }

  #poolGauges(): { family: Family; value: number }[] {
    return [
      { family: I.activeThreads, value: 4 },
      { family: I.maxThreads, value: 4 },
      { family: I.queueLength, value: this.server.queue() },
    ];
  }

  #hostGauges(): { family: Family; value: number }[] {
    const memory = 64 * 2 ** 30;
    return [
      { family: I.memory, value: memory },
      { family: I.diskFree, value: this.server.diskFree() },
      { family: I.activeConnections, value: this.server.connections() },
      { family: I.actualConcurrency, value: this.server.concurrency() },
      { family: I.residentMemory, value: memory * this.server.resident() },
    ];
  }

  #total(
    source: "probe" | "scrape",
    family: Family,
    of: "idleTimeouts" | "exceptions" | "cpuSeconds",
    labels: Record<string, string> = {},
  ): ReportedMetric {
    const { since, [of]: value } = this.#totals;
    return { family: family.name, labels: { source, ...labels }, value, temporality: "total", since };
  }

  #poolTotals(source: "probe" | "scrape"): ReportedMetric[] {
    return POOLS.map((pool) => this.#total(source, I.idleTimeouts, "idleTimeouts", { pool }));
  }

  #scraped(): ReportedMetric[] {
    const source = "scrape";
    const gauge = (
      { family, value }: { family: Family; value: number },
      more: Record<string, string> = {},
    ): ReportedMetric => ({
      family: family.name,
      labels: { source, ...more },
      value,
      temporality: "now",
    });
    const { counts, sum } = this.#totals.builds;
    const builds = { bounds: [...I.buildDuration.buckets], counts: [...counts], sum };
    return [
      ...this.#hostGauges().map((one) => gauge(one)),
      ...POOLS.flatMap((pool) => this.#poolGauges().map((one) => gauge(one, { pool }))),
      gauge({ family: Z.recommendedConcurrency, value: this.server.recommended() }),
      gauge({ family: I.cacheHitRatio, value: this.server.hitRatio() }),
      ...this.#poolTotals(source),
      this.#total(source, I.exceptions, "exceptions", { kind: "type_error" }),
      this.#total(source, I.processCpu, "cpuSeconds"),
      {
        family: I.buildDuration.name,
        labels: { source },
        value: builds,
        temporality: "total",
        since: this.#totals.since,
      },
    ];
  }
}

/** How large a fleet is, and which of its many possible days it lives. */
export interface Size {
  vantages: readonly string[];
  names: readonly string[];
  seed: number;
  /** Kinds of probes that are on beside those that are by default. */
  more: readonly string[];
  /** Of the day in which it is first watched. */
  hour: number;
}

/** Even numbers from 0 to 1 that a seed tells again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
