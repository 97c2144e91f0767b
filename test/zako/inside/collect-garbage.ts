import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ThreadOrder, ThreadResults } from "./thread-orders.ts";

// Threads cannot be started with V8's flags, but a flag that is set later counts for contexts made after it.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is reachable; of a thread that leaks the last garbage stays. */
const kept: unknown[] = [];

const usedBytes = (): number => getHeapStatistics().used_heap_size;

/** Makes garbage, lets go of it and collects; what the thread's own heap held before and after. */
export function collectGarbage({
  garbageBytes,
  delayMs,
  leaks,
}: Extract<ThreadOrder, { kind: "gc" }>): ThreadResults["gc"] {
  makeGarbage(garbageBytes);
  const beforeBytes = usedBytes();
  const startedAt = process.hrtime.bigint();
  if (delayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  if (!leaks) {
    kept.length = 0;
    collect();
  }
  const durationNanos = process.hrtime.bigint() - startedAt;
  return { beforeBytes, afterBytes: usedBytes(), durationNanos };
}

/** In a frame of its own: what a function has had in its hands stays reachable until it returns. */
function makeGarbage(bytes: number): void {
  // An array of doubles: eight bytes each on the heap.
  kept[0] = new Array<number>(Math.ceil(bytes / 8)).fill(0.5);
}
