import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import { fetcherOf } from "../lib/fetcher-of.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily } from "../model/probing/reported-metric.ts";
import { type BatchResult, runBatch } from "./batch.ts";

/** A Monitor's request to a RegionProber. */
export interface Batch {
  readonly tasks: readonly ProbeTask[];
  readonly installation: string;
  /** Foreign families that the configuration imports. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** Time limit of the whole batch, ms. */
  readonly timeoutMs: number;
}

/** Runs batches of probes in a region. It keeps no state: a task carries everything except secrets. */
export class RegionProber extends DurableObject<Env> {
  run({ tasks, installation, imports, timeoutMs }: Batch): Promise<BatchResult> {
    return runBatch(tasks, {
      installation,
      imports,
      timeoutMs,
      fetcher: (name) => fetcherOf(this.env, name),
      secret: (name) => textOf(Reflect.get(this.env, name)),
      secrets: () => Object.values(this.env).flatMap((value) => textOf(value) ?? []),
      newHash: () => new Blake3(),
      onBug: (place, error) => console.error(`bug in ${place}: ${bugTrace(error)}`),
    });
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
