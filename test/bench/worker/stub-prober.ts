import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { type BatchResult, runBatch } from "../../../functions/probe/batch.ts";
import { stubZako } from "./stub-zako.ts";

/** A RegionProber whose targets all answer after a fixed delay; the law of six connections is the batch's own. */
export class StubProber extends DurableObject {
  async run(tasks: readonly ProbeTask[], timeoutMs: number, delayMs: number): Promise<BatchResult & { calls: number }> {
    let calls = 0;
    const result = await runBatch(tasks, {
      installation: "bench",
      timeoutMs,
      secret: () => undefined,
      fetcher: () => undefined,
      newHash: () => new Blake3(),
      onBug: (_place, error) => {
        throw error;
      },
      fetch: stubZako(delayMs, () => {
        calls++;
      }),
    });
    return { ...result, calls };
  }
}
