import { parentPort } from "node:worker_threads";
import { collectGarbage } from "./collect-garbage.ts";
import { convertContext, runModule } from "./isolated.ts";
import type { Asked, NotificationLogEntry, ThreadOrder, ThreadResults } from "./thread-orders.ts";

// What a thread of a pool runs: one order after the other, in the order they came.
parentPort?.on("message", ({ id, order }: Asked) => {
  const startedAt = process.hrtime.bigint();
  const message: NotificationLogEntry = { id, startedAt, result: carryOut(order, startedAt) };
  parentPort?.postMessage(message);
});

function carryOut(order: ThreadOrder, startedAt: bigint): ThreadResults[keyof ThreadResults] {
  switch (order.kind) {
    case "task":
      return { runNanos: work(startedAt) };
    case "gc":
      return collectGarbage(order);
    case "module":
      return runModule(order.source, order.input);
    case "context":
      return convertContext(order.json, order.bent);
  }
}

/** A trivial task: enough to have been run at all. */
function work(startedAt: bigint): bigint {
  let sum = 0;
  for (let at = 0; at < 10_000; at++) sum = (sum * 31 + at) % 1_000_003;
  // The sum is looked at, or the loop could be left out.
  return sum < 0 ? 0n : process.hrtime.bigint() - startedAt;
}
