import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily } from "../model/probing/reported-metric.ts";
import { type BatchResult, runBatch } from "./batch.ts";

/** What a Monitor asks of a RegionProber. */
export interface Batch {
  readonly tasks: readonly ProbeTask[];
  readonly installation: string;
  /** Families of others that the configuration lets in. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** How long the whole batch may take, ms. */
  readonly timeoutMs: number;
}

/** Runs batches of probes near somewhere. Keeps nothing: all that a run needs comes with its order, but for secrets. */
export class RegionProber extends DurableObject<Env> {
  run({ tasks, installation, imports, timeoutMs }: Batch): Promise<BatchResult> {
    return runBatch(tasks, {
      installation,
      imports,
      timeoutMs,
      secret: (name) => textOf(Reflect.get(this.env, name)),
      secrets: () => Object.values(this.env).flatMap((value) => textOf(value) ?? []),
      newHash: () => new Blake3(),
      onBug: (place, error) => console.error(`bug in ${place}: ${bugTrace(error)}`),
    });
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
