import { availableParallelism, totalmem } from "node:os";
import { create } from "@bufbuild/protobuf";
import { type ResourceValues, ResourceValuesSchema } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import type { PoolSettings } from "../../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import type { ZakoState } from "../../zako-control.ts";
import { derive, type Host } from "./derive.ts";
import { addExceptions } from "./isolated.ts";
import { ProcessMeter } from "./process-meter.ts";
import type { Exceptions } from "./thread-orders.ts";
import { type PoolOptions, WorkerPool } from "./worker-pool.ts";

/** What a Zako has inside: its host, the settings that follow, its two pools, and what they have done. */
export class Inside {
  readonly host: Host = { memoryBytes: totalmem(), cores: availableParallelism() };
  readonly derived: ResourceValues = create(ResourceValuesSchema, derive(this.host));
  readonly pools: Readonly<Record<"oxc" | "v8", WorkerPool>>;
  readonly meter = new ProcessMeter();
  /** Of all modules and conversions since the start or the last reset. */
  exceptions: Exceptions = {};

  constructor(settings: Partial<Record<"oxc" | "v8", Partial<PoolOptions>>> = {}) {
    this.pools = {
      oxc: new WorkerPool({ ...optionsOf(this.derived.oxcPool), ...settings.oxc }),
      v8: new WorkerPool({ ...optionsOf(this.derived.v8Pool), ...settings.v8 }),
    };
  }

  /** The settings in force. */
  get effective(): ResourceValues {
    const { oxc, v8 } = this.pools;
    return { ...this.derived, oxcPool: settingsOf(oxc.options), v8Pool: settingsOf(v8.options) };
  }

  countExceptions(thrown: Exceptions): void {
    this.exceptions = addExceptions(this.exceptions, thrown);
  }

  /** For `GET /state`. */
  snapshot(): ZakoState["pools"] {
    const of = (pool: WorkerPool) => {
      const { activeThreads, busyThreads, queueLength, idleTimeouts, gcRuns } = pool.snapshot();
      return { activeThreads, busyThreads, queueLength, idleTimeouts, gcRuns };
    };
    return { oxc: of(this.pools.oxc), v8: of(this.pools.v8) };
  }

  /** Totals at 0. */
  reset(): void {
    this.exceptions = {};
    this.meter.reset();
    for (const pool of Object.values(this.pools)) pool.reset();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.pools).map((pool) => pool.close()));
  }
}

function optionsOf(settings: PoolSettings | undefined): PoolOptions {
  if (settings === undefined) throw new Error("the rules derive settings for every pool");
  const { minWorkers, maxWorkers, idleTimeoutMillis, queueCapacity } = settings;
  return { minWorkers, maxWorkers, idleTimeoutMs: Number(idleTimeoutMillis), queueCapacity };
}

/** A pool's options as the contract has them. */
export function settingsOf({ minWorkers, maxWorkers, idleTimeoutMs, queueCapacity }: PoolOptions): PoolSettings {
  return {
    $typeName: "zako.diagnostics.v1.PoolSettings",
    minWorkers,
    maxWorkers,
    idleTimeoutMillis: BigInt(idleTimeoutMs),
    queueCapacity,
  };
}
