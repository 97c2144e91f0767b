import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import { startDeadline } from "../../../functions/lib/deadline.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { packSnapshot, type WireSnapshot } from "../../../functions/model/snapshot-wire.ts";
import { HistoryWriter } from "../../../functions/monitor/history/history-writer.ts";
import { MonitorCore } from "../../../functions/monitor/monitor-core.ts";
import type { RunProbes } from "../../../functions/monitor/monitor-ports.ts";
import { type DispatchPorts, dispatchTasks } from "../../../functions/monitor/tick/dispatch.ts";
import type { Lane } from "../../../functions/monitor/tick/lanes.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import type { RegionProber } from "../../../functions/probe/region.ts";
import type { Head } from "../../../functions/store/head.ts";
import { SampleBacklog } from "../../../functions/store/history/history-backlog.ts";
import type { MonitorAsked, StateReport, TicksAsked, TicksReport } from "../asked.ts";
import { type MeteredStorage, meter } from "./metered-storage.ts";
import { type Rehearsed, rehearse } from "./rehearsal.ts";
import type { StubProber } from "./stub-prober.ts";

/** Some time after a slot begins, ms: when its tick runs. */
const LAG_MS = 100;

interface MonitorEnv {
  REGION_PROBER: DurableObjectNamespace<RegionProber>;
  STUB_PROBER: DurableObjectNamespace<StubProber>;
}

/** The Monitor's own parts under a clock and with probers that the bench chooses. */
export class BenchMonitor extends DurableObject<MonitorEnv> {
  #asked: MonitorAsked | undefined;
  #core: MonitorCore | undefined;
  #manager: HistoryWriter | undefined;
  #metered: MeteredStorage | undefined;
  #rehearsed: Rehearsed | undefined;
  /** What the clock is ahead of the real one, ms. */
  #aheadMs = 0;
  #report = emptyReport();
  #keptAlive: ReturnType<typeof setInterval> | undefined;

  /** Starts a Monitor; one that was here before is forgotten with its storage. */
  async setUp(asked: MonitorAsked): Promise<void> {
    // What is measured is in memory only, so the object must not be evicted between two questions of the bench.
    this.#keptAlive ??= setInterval(() => {}, 1_000);
    await this.ctx.storage.deleteAll();
    const now = (): number => Date.now() + this.#aheadMs;
    const metered = meter(this.ctx.storage);
    const backlog = new SampleBacklog(metered.storage);
    const kinds = PROBE_KINDS.map((kind) => ({
      ...kind,
      ...(asked.everywhere === true ? { schedule: "every" as const } : {}),
    }));
    this.#asked = asked;
    this.#metered = metered;
    this.#rehearsed = asked.probing === "instant" ? await rehearse(asked.config) : undefined;
    this.#core = new MonitorCore({
      storage: metered.storage,
      config: asked.config,
      base: asked.config.hash,
      kinds: new Map(kinds.map((kind) => [kind.kind, kind])),
      shard: 0,
      alerter: undefined,
      version: "bench",
      probe: (tasks, deadlineAt, deliver, sizes) => {
        const noted = (samples: readonly Sample[]): void => {
          for (const sample of samples) this.#note(sample);
          deliver(samples);
        };
        return this.#prober(asked, now)(tasks, deadlineAt, noted, sizes);
      },
      backlog,
      now,
      startDeadline: (timeoutMs) => startDeadline(timeoutMs, now()),
      log: (event) => {
        if (event.event === "error") throw new Error(`${event.place}: ${event.error}`);
        if (event.event !== "tick") return;
        this.#report.runs += event.runs;
        this.#report.lost += event.lost;
      },
    });
    this.#manager = new HistoryWriter({
      backlog,
      shard: 0,
      retention: asked.config.retention,
      write: async (rows) => ({ ok: true, rowsWritten: rows.length, statements: 1 }),
      sweep: async () => ({ ok: true, stripped: 0, deleted: 0, complete: true }),
      swept: () => ({ nextAt: 0, strippedBefore: 0 }),
      saveSwept: () => {},
      now,
      startDeadline: (timeoutMs) => startDeadline(timeoutMs, now()),
      log: () => {},
    });
  }

  /** Runs ticks one after the other, as fast as they go. */
  async ticks({ from, count, stepMs, ship }: TicksAsked): Promise<TicksReport> {
    const core = this.#core as MonitorCore;
    const metered = this.#metered as MeteredStorage;
    this.#report = emptyReport();
    const startedAt = Date.now();
    const rowsBefore = metered.rows();
    for (let i = 0; i < count; i++) {
      const slot = from + i * stepMs;
      this.#aheadMs = slot + LAG_MS - Date.now();
      const { result } = await core.wake(slot, "cron");
      if (result !== "run") throw new Error(`The tick of slot ${slot} was not run: ${result}.`);
      if (ship === true) await this.#manager?.keep(core);
    }
    return { ...this.#report, wallMs: Date.now() - startedAt, rows: metered.rows() - rowsBefore };
  }

  /** Commits all series again and again, as after ticks that touched every one. */
  async commits(count: number): Promise<void> {
    const head = (this.#core as MonitorCore).head();
    for (let i = 0; i < count; i++) {
      for (const block of head.table.blocks.values()) block.dirty = true;
      head.commit();
      // Lets the storage go on: what is written and not confirmed piles up.
      await this.ctx.storage.sync();
    }
  }

  async state(): Promise<StateReport> {
    const size = (table: string, columns: string): { bytes: number; largest: number } => {
      const sizes = columns.split(" ").map((column) => `length(CAST(${column} AS BLOB))`);
      const sql = `SELECT coalesce(sum(${sizes.join(" + ")}), 0) AS bytes, coalesce(max(${sizes.length > 1 ? `max(${sizes.join()})` : sizes[0]}), 0) AS largest FROM ${table}`;
      return this.ctx.storage.sql.exec<{ bytes: number; largest: number }>(sql).one();
    };
    const [series, memory, head, backlog, windows, minutes] = [
      size("series", "names data"),
      size("memory", "targets"),
      size("head", "meta journal"),
      size("backlog_block", "samples"),
      size("rule_window", "names data"),
      size("rule_minute", "data"),
    ];
    return {
      seriesBytes: series.bytes,
      memoryBytes: memory.bytes,
      windowBytes: windows.bytes,
      minuteBytes: minutes.bytes,
      headBytes: head.bytes,
      backlogBytes: backlog.bytes,
      largestBytes: Math.max(...[series, memory, head, backlog, windows, minutes].map(({ largest }) => largest)),
    };
  }

  async version(): Promise<string> {
    return (this.#core as MonitorCore).version();
  }

  async read(known?: string): Promise<WireSnapshot> {
    const core = this.#core as MonitorCore;
    const { version, blocks } = core.snapshot();
    const head: Head = core.head();
    return packSnapshot(version, `${this.#asked?.config.hash}.${head.table.structure}`, blocks, known);
  }

  /** A tick's own log names some of the bad runs only. */
  #note({ outcome, probe, failure }: Sample): void {
    if (outcome === "ok" || outcome === "skipped") return;
    this.#report.bad++;
    const reason = `${probe} ${outcome} ${failure?.reason ?? ""}`.trimEnd();
    this.#report.reasons[reason] = (this.#report.reasons[reason] ?? 0) + 1;
  }

  #prober(asked: MonitorAsked, now: () => number): RunProbes {
    if (asked.probing === "instant")
      return async (tasks, _deadlineAt, deliver) => {
        const rehearsed = this.#rehearsed as Rehearsed;
        deliver(tasks.map((task) => rehearsed(task, now())));
      };
    const ports: DispatchPorts = {
      here: {
        installation: "bench",
        secret: () => undefined,
        fetcher: () => undefined,
        newHash: () => new Blake3(),
        onBug: (_place, error) => {
          throw error;
        },
        fetch: (input, init) => {
          this.#report.calls++;
          return fetch(input, init);
        },
      },
      prober: (lane) => ({
        run: async ({ timeoutMs }) => ({ samples: await this.#askRegion(asked, lane, timeoutMs), lost: [] }),
      }),
      now,
      log: (event) => {
        throw new Error(JSON.stringify(event));
      },
    };
    return (...batch) => dispatchTasks(ports, ...batch);
  }

  async #askRegion({ probing, delayMs }: MonitorAsked, lane: Lane, timeoutMs: number): Promise<readonly Sample[]> {
    const name = `${lane.vantage}:${lane.index}`;
    const tasks: readonly ProbeTask[] = lane.tasks;
    if (probing === "stub") {
      const { samples, calls } = await this.env.STUB_PROBER.getByName(name).run(tasks, timeoutMs, delayMs ?? 0);
      this.#report.calls += calls;
      return samples;
    }
    const { samples } = await this.env.REGION_PROBER.getByName(name).run({ tasks, installation: "bench", timeoutMs });
    return samples;
  }
}

const emptyReport = (): Omit<TicksReport, "wallMs" | "rows"> => ({ runs: 0, bad: 0, reasons: {}, lost: 0, calls: 0 });
