import { expect, it } from "vitest";
import { failure } from "../../functions/model/probing/failure.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { blockedBy, blocksRest } from "../../functions/probe/blocked-by.ts";
import { taskOf } from "./tasks.ts";

const sample = (steps: Sample["steps"], outcome: Sample["outcome"] = "failed"): Sample => ({
  target: "a",
  probe: "health",
  vantage: "local",
  slot: 0,
  attempt: 0,
  startedAt: 0,
  durationMs: 1,
  outcome,
  failure: failure("connect", false),
  steps,
  observations: [],
  traceId: "0".repeat(31).concat("1"),
});
const step = (cause?: ReturnType<typeof failure>): Sample["steps"][number] =>
  cause === undefined
    ? { name: "s", outcome: "ok", durationMs: 1 }
    : { name: "s", outcome: "failed", durationMs: 1, failure: cause };

it("blocks only where every step of the root met silence", () => {
  expect(blocksRest(sample([step(failure("connect", false))]))).toBe(true);
  expect(blocksRest(sample([step(failure("dns", false)), step(failure("timeout", false))]))).toBe(true);
  expect(blocksRest(sample([step(failure("timeout", true))]))).toBe(false);
  expect(blocksRest(sample([step(failure("connect", false)), step()]))).toBe(false);
  expect(blocksRest(sample([step(failure("internal", false))]))).toBe(false);
  expect(blocksRest(sample([step(failure("convert_refused", false))]))).toBe(false);
  expect(blocksRest(sample([]))).toBe(false);
  expect(blocksRest(sample([step(failure("connect", false))], "degraded"))).toBe(false);
});

it("says of a blocked run what its root met, and under which trace", () => {
  const root = sample([step(failure("connect", false))]);
  const blocked = blockedBy(root, taskOf("cas.negotiate"), 77);
  expect(blocked).toMatchObject({
    probe: "cas.negotiate",
    outcome: "blocked",
    startedAt: 77,
    steps: [],
    traceId: root.traceId,
  });
  expect(blocked.failure).toMatchObject({
    reason: "connect",
    message: expect.stringContaining("health got no answer"),
  });
});
