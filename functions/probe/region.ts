import { connect } from "cloudflare:sockets";
import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily } from "../model/probing/reported-metric.ts";
import { type BatchResult, runBatch } from "./batch.ts";
import { bareLook } from "./look/bare-look.ts";
import { localLook } from "./look/local-look.ts";
import type { SecondLook } from "./look/second-look.ts";

/** A Monitor's request to a RegionProber. */
export interface Batch {
  readonly tasks: readonly ProbeTask[];
  readonly installation: string;
  /** Foreign families that the configuration imports. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** Time limit of the whole batch, ms. */
  readonly timeoutMs: number;
  /** Where `npm start` explains failures; absent in deployments. */
  readonly lookUrl?: string | undefined;
}

/** Runs batches of probes in a region. It keeps no state: a task carries everything except secrets. */
export class RegionProber extends DurableObject<Env> {
  run({ tasks, installation, imports, timeoutMs, lookUrl }: Batch): Promise<BatchResult> {
    return runBatch(tasks, {
      installation,
      imports,
      timeoutMs,
      secret: (name) => textOf(Reflect.get(this.env, name)),
      secrets: () => Object.values(this.env).flatMap((value) => textOf(value) ?? []),
      newHash: () => new Blake3(),
      look: lookOf(lookUrl),
      onBug: (place, error) => console.error(`bug in ${place}: ${bugTrace(error)}`),
    });
  }
}

/** A local run has somebody to ask. Elsewhere only a bare connection tells more than a call. */
export const lookOf = (lookUrl: string | undefined): SecondLook =>
  lookUrl === undefined ? bareLook(connect) : localLook(lookUrl);

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
