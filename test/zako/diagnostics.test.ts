import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Pool } from "../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { clientsOf, codeOf, ways } from "./clients.ts";
import { startZako } from "./server.ts";

const zako = await startZako({ pools: { v8: { maxWorkers: 2, queueCapacity: 4, idleTimeoutMs: 1 } } });
const upstream = await startZako({ diagnostics: false });
afterAll(() => Promise.all([zako.close(), upstream.close()]));
beforeEach(() => zako.reset());

/** Looks again at once: what is waited for comes with the next turns of the event loop. */
const withDeadline = { interval: 1, timeout: 10_000 };

describe.each(ways)("$name", (way) => {
  const { diagnostics } = clientsOf(way, zako);

  it("runs a task and says how its pool was", async () => {
    const { ran, runNanos, queueWaitNanos, state } = await diagnostics.submitTask({ pool: Pool.OXC });
    expect([ran, runNanos > 0n, queueWaitNanos > 0n]).toEqual([true, true, true]);
    expect(state).toMatchObject({ activeThreads: 1, busyThreads: 0, queueLength: 0, gcRunsTotal: 0n });
    expect(state?.settings).toMatchObject({ minWorkers: 1, maxWorkers: 1, idleTimeoutMillis: 60_000n });
  });

  it.each([
    ["a task for no pool", () => diagnostics.submitTask({})],
    ["a task for an unknown pool", () => diagnostics.submitTask({ pool: 7 as Pool })],
    ["a broadcast to no pool", () => diagnostics.broadcastGc({})],
    ["too much garbage", () => diagnostics.broadcastGc({ pool: Pool.V8, garbageBytes: 2 ** 20 + 1 })],
    ["a large argument", () => diagnostics.runModule({ input: 65_536 })],
    ["a context that is no JSON", () => diagnostics.injectContext({ contextJson: "{" })],
    ["a context that is no object", () => diagnostics.injectContext({ contextJson: "[]" })],
    ["a large context", () => diagnostics.injectContext({ contextJson: `{"a":"${"x".repeat(16_384)}"}` })],
    ["a deep context", () => diagnostics.injectContext({ contextJson: `{"a":${"[".repeat(64)}${"]".repeat(64)}}` })],
  ])("refuses %s", async (_, ask) => {
    expect(await codeOf(ask())).toBe("invalid_argument");
  });

  it("is not there where it is switched off, as in the public server", async () => {
    const there = clientsOf(way, upstream).diagnostics;
    expect(await codeOf(there.submitTask({ pool: Pool.V8 }))).toBe("unimplemented");
    expect(await codeOf(there.describeHost({}))).toBe("unimplemented");
  });
});

describe("the service", () => {
  const { diagnostics, cas } = clientsOf(ways[2] as (typeof ways)[number], zako);

  it("takes a task back at the deadline of its call", async () => {
    zako.faults.set("stuck-queue");
    const call = diagnostics.submitTask({ pool: Pool.V8, maxWaitMillis: 10_000 }, { timeoutMs: 30 });
    expect(await codeOf(call)).toBe("deadline_exceeded");
    await vi.waitFor(() => expect(zako.state().pools["v8"]?.queueLength).toBe(0), withDeadline);
  });

  it("refuses a task where the queue is full", async () => {
    zako.faults.set("stuck-queue");
    const leave = new AbortController();
    const { signal } = leave;
    const waiting = [1, 2, 3, 4].map(() =>
      codeOf(diagnostics.submitTask({ pool: Pool.V8, maxWaitMillis: 10_000 }, { signal })),
    );
    await vi.waitFor(() => expect(zako.state().pools["v8"]?.queueLength).toBe(4), withDeadline);
    expect(await codeOf(diagnostics.submitTask({ pool: Pool.V8, maxWaitMillis: 1 }))).toBe("resource_exhausted");
    leave.abort();
    await Promise.all(waiting);
    await vi.waitFor(() => expect(zako.state().pools["v8"]?.queueLength).toBe(0), withDeadline);
  });

  it("grows a pool while tasks wait, ends what is idle, and tells of both", async () => {
    await Promise.all([1, 2, 3, 4].map(() => diagnostics.injectContext({ contextJson: "{}" })));
    await vi.waitFor(
      () => expect(zako.state().pools["v8"]).toMatchObject({ activeThreads: 1, busyThreads: 0 }),
      withDeadline,
    );
    const { state } = await diagnostics.submitTask({ pool: Pool.V8 });
    expect(state?.idleTimeoutsTotal).toBe(BigInt(zako.state().pools["v8"]?.idleTimeouts ?? -1));
    expect(state?.sinceUnixMillis).toBeGreaterThan(0n);
  });

  it("collects garbage in every thread, and adds it to the totals", async () => {
    const { threads, durationNanos, state } = await diagnostics.broadcastGc({ pool: Pool.V8, garbageBytes: 262_144 });
    expect(threads.length).toBeGreaterThan(0);
    for (const { beforeBytes, afterBytes } of threads) expect(beforeBytes - afterBytes).toBeGreaterThan(131_072n);
    expect([state?.gcRunsTotal, state?.gcTimeNanosTotal]).toEqual([1n, durationNanos]);
    expect(zako.state().pools["v8"]?.gcRuns).toBe(1);
  });

  it("adds exceptions of all calls up", async () => {
    zako.faults.set("exception-storm", { count: 3, times: 2 });
    const counts = async () => {
      const { exceptions, exceptionsTotal } = await diagnostics.injectContext({ contextJson: "{}" });
      return [exceptions, exceptionsTotal].map((all) => all.map(({ count }) => Number(count)));
    };
    expect([await counts(), await counts(), await counts()]).toEqual([
      [[3], [3]],
      [[3], [6]],
      [[], [6]],
    ]);
  });

  it("tells of its host, its store and its process", async () => {
    zako.store.put(new Uint8Array(1_000));
    await cas.getTransportDetails({ supportedProtocols: [0] });
    const answer = await diagnostics.describeHost({});
    expect(Number(answer.host?.memoryBytes)).toBeGreaterThan(2 ** 20);
    expect(answer.cas).toMatchObject({ tokensHeld: 1n, directoryBytes: 1_000n, cacheHitsTotal: 0n });
    expect(answer.cas?.connections).toBeGreaterThan(0);
    expect(answer.disk?.totalBytes).toBeGreaterThanOrEqual(answer.disk?.freeBytes ?? 0n);
    expect(answer.process?.residentMemoryBytes).toBeGreaterThan(0n);
    expect(answer.derived?.v8Pool).toMatchObject({ maxWorkers: 1, queueCapacity: 2, idleTimeoutMillis: 60_000n });
    expect(answer.effective?.v8Pool).toMatchObject({ maxWorkers: 2, queueCapacity: 4, idleTimeoutMillis: 1n });
  });
});
