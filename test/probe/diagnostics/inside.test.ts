import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { runTask } from "../../../functions/probe/run.ts";
import {
  InjectContextResponseSchema,
  RunModuleResponseSchema,
} from "../../../proto/gen/zako/diagnostics/v1/engine_pb.ts";
import { DescribeHostResponseSchema } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import {
  BroadcastGcResponseSchema,
  Pool,
  SubmitTaskRequestSchema,
  SubmitTaskResponseSchema,
} from "../../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { INSIDE } from "../../fuzz/honest-inside.ts";
import { frame, join, type Script, scriptedFetch } from "../scripted-fetch.ts";
import { depsOf, lineOf, planOf, taskOf } from "../tasks.ts";

type Change = (answer: Uint8Array) => Uint8Array;

/** Changes fields of an honest answer. */
function change<M extends DescMessage>(schema: M, own: MessageInitShape<M>): Change {
  return (bytes) => {
    // What has a type name is taken for a whole message, parts and all.
    const { $typeName: _, ...rest } = fromBinary(schema, bytes);
    return toBinary(schema, create(schema, { ...rest, ...own } as MessageInitShape<M>));
  };
}

const ok = (message: Uint8Array): Script => ({
  headers: { "content-type": "application/grpc-web+proto" },
  chunks: [join(frame(0, message), frame(0x80, "grpc-status: 0\r\n"))],
});
const refused = (status: number): Script => ({
  headers: { "content-type": "application/grpc-web+proto", "grpc-status": String(status) },
});

/** A run against a server that is honest but for the change, or that answers everything with a script. */
async function runAgainst(kind: string, answer: Change | Script): Promise<{ sample: Sample; asked: Uint8Array[] }> {
  const { fetch, requests } = scriptedFetch(({ url, body }) => {
    if (typeof answer !== "function") return answer;
    const honest = INSIDE[url.slice(url.lastIndexOf("/") + 1)]?.(body.slice(5));
    return honest === undefined ? new Error(`not asked for: ${url}`) : ok(answer(honest));
  });
  const sample = await runTask(taskOf(kind), depsOf({ fetch, now: () => 1_000 }));
  return { sample, asked: requests.map(({ body }) => body.slice(5)) };
}

const honest: Change = (bytes) => bytes;
const lineAgainst = async (kind: string, answer: Change | Script) => lineOf((await runAgainst(kind, answer)).sample);

const observed = ({ observations }: Sample) =>
  Object.fromEntries(
    observations.map(({ family, labels, value }) => [
      [family.replace("zako_v1_", ""), ...Object.entries(labels).flatMap(([k, v]) => (k === "source" ? [] : [v]))].join(
        " ",
      ),
      value,
    ]),
  );

const KINDS = ["worker.submit", "worker.gc", "engine.execute", "engine.context", "resource.heuristics"];

describe("a server without the service", () => {
  it.each(KINDS)("is skipped by %s, with a hint at what it would have to offer", async (kind) => {
    for (const script of [refused(12), { status: 404 }]) {
      const { sample, asked } = await runAgainst(kind, script);
      expect(sample.outcome).toBe("skipped");
      expect(sample.failure?.hint).toContain("proto/README.md");
      // There is nothing more to ask of it.
      expect(asked).toHaveLength(1);
    }
  });

  it.each(KINDS)("is not what HTTP 403, or a service that fails, looks like to %s", async (kind) => {
    for (const script of [{ status: 403 }, refused(13)]) {
      expect((await runAgainst(kind, script)).sample.outcome).toBe("failed");
    }
  });
});

describe("worker.submit", () => {
  it("reports each pool, with totals as totals", async () => {
    const { sample, asked } = await runAgainst("worker.submit", honest);
    expect(observed(sample)).toMatchObject({
      "worker_active_threads oxc": 1,
      "worker_active_threads v8": 1,
      "worker_max_threads v8": 1,
      "worker_queue_length v8": 0,
      "worker_queue_wait_seconds v8": 9e-9,
      "worker_task_duration_seconds v8": 99e-9,
    });
    const totals = sample.metrics?.map(({ family, labels, value, temporality, since }) => [
      family,
      labels["source"],
      labels["pool"],
      value,
      temporality,
      since,
    ]);
    expect(totals?.[0]).toEqual(["zako_v1_worker_idle_timeouts_total", "probe", "oxc", 3, "total", 1_000_000]);
    expect(totals).toHaveLength(6);
    const requests = asked.map((bytes) => fromBinary(SubmitTaskRequestSchema, bytes));
    expect(requests.map(({ pool, maxWaitMillis }) => [pool, maxWaitMillis])).toEqual([
      [Pool.OXC, 8_000],
      [Pool.V8, 8_000],
    ]);
  });

  it("leaves half of its deadline to each pool, and keeps within the contract's limit", async () => {
    for (const [timeoutMs, wait] of [
      [1_000, 400],
      [50_000, 10_000],
    ] as const) {
      const { fetch, requests } = scriptedFetch(ok(new Uint8Array()));
      const plan = planOf("worker.submit", {}, { timeoutMs });
      await runTask(taskOf("worker.submit", { plan }), depsOf({ fetch }));
      const [first = new Uint8Array()] = requests.map(({ body }) => body.slice(5));
      expect(fromBinary(SubmitTaskRequestSchema, first).maxWaitMillis).toBe(wait);
    }
  });

  it("says so where a queue is full", async () => {
    const { sample } = await runAgainst("worker.submit", refused(8));
    expect(sample.failure).toMatchObject({ reason: "rpc_resource_exhausted", hint: "the queue of pool oxc is full" });
  });

  it.each([
    ["another pool", { pool: Pool.UNSPECIFIED }],
    ["no state", { state: undefined as never }],
    ["no settings", { state: { activeThreads: 1 } }],
    ["more threads than it may have", { state: { settings: { maxWorkers: 1 }, activeThreads: 2 } }],
    ["more tasks than its queue holds", { state: { settings: { maxWorkers: 1 }, queueLength: 1 } }],
  ])("takes %s for an invalid answer, and reports nothing of it", async (_, own) => {
    const { sample } = await runAgainst("worker.submit", change(SubmitTaskResponseSchema, own as never));
    expect(lineOf(sample)).toBe("failed invalid_answer: oxc invalid_answer, v8 invalid_answer");
    expect([sample.observations, sample.metrics]).toEqual([[], undefined]);
  });
});

describe("worker.gc", () => {
  it("needs a thread that took part, and every one to have cleaned", async () => {
    const thread = (before: bigint) => ({ beforeBytes: before, afterBytes: 0n });
    const of = (...threads: object[]) =>
      lineAgainst("worker.gc", change(BroadcastGcResponseSchema, { threads } as never));
    expect(await of()).toBe("failed invalid_answer: oxc invalid_answer, v8 invalid_answer, pause ok");
    expect(await of(thread(131_072n))).toBe("ok: oxc ok, v8 ok, pause ok");
    expect(await of(thread(131_072n), thread(131_071n))).toMatch(/^failed gc_ineffective/);
    expect(await of({ beforeBytes: 5n, afterBytes: 500_000n })).toMatch(/^failed gc_ineffective/);
  });

  it("is degraded where all are held up for long", async () => {
    const slow = change(BroadcastGcResponseSchema, { durationNanos: 1_000_000_001n });
    expect(await lineAgainst("worker.gc", slow)).toBe("degraded slow: oxc ok, v8 ok, pause slow");
    const justInTime = change(BroadcastGcResponseSchema, { durationNanos: 1_000_000_000n });
    expect(await lineAgainst("worker.gc", justInTime)).toBe("ok: oxc ok, v8 ok, pause ok");
  });
});

describe("engine.execute", () => {
  it("asks for another value in each slot", async () => {
    const { sample } = await runAgainst("engine.execute", honest);
    expect(observed(sample)).toEqual({ engine_module_load_seconds: 5e-9, engine_module_execution_seconds: 6e-9 });
    expect(await lineAgainst("engine.execute", change(RunModuleResponseSchema, { value: 1n }))).toBe(
      "failed wrong_value: module wrong_value",
    );
  });
});

describe("engine.context", () => {
  const answer = (own: object) => change(InjectContextResponseSchema, own as never);

  it.each([
    ["no JSON", { contextJson: "{" }, "invalid_answer: conversion invalid_answer, exceptions ok"],
    ["nothing", { contextJson: "" }, "invalid_answer: conversion invalid_answer, exceptions ok"],
    ["other JSON", { contextJson: "{}" }, "wrong_value: conversion wrong_value, exceptions ok"],
    ["no value", { converted: false }, "conversion_failed: conversion conversion_failed, exceptions ok"],
    [
      "no value, and why",
      { converted: false, exceptions: [{ kind: 3, count: 1n }] },
      "conversion_failed: conversion conversion_failed, exceptions ok",
    ],
    [
      "no value, and many reasons",
      { converted: false, exceptions: [{ kind: 3, count: 2n }] },
      "conversion_failed: conversion conversion_failed, exceptions exceptions",
    ],
    ["an exception", { exceptions: [{ kind: 1, count: 1n }] }, "exceptions: conversion ok, exceptions exceptions"],
  ])("fails where the engine gives back %s", async (_, own, line) => {
    expect(await lineAgainst("engine.context", answer(own))).toBe(`failed ${line}`);
  });

  it("lets no server choose labels", async () => {
    const exceptionsTotal = [1, 99, 1_000, 1].map((kind) => ({ kind, count: 2n }));
    const { sample } = await runAgainst("engine.context", answer({ exceptionsTotal }));
    expect(sample.metrics?.map(({ labels, value }) => [labels["kind"], value])).toEqual([
      ["type_error", 4],
      ["other", 4],
    ]);
  });
});

describe("resource.heuristics", () => {
  const answer = (own: object) => change(DescribeHostResponseSchema, own as never);

  it("reports the host, and the deviation of each setting", async () => {
    const { sample } = await runAgainst("resource.heuristics", honest);
    const seen = observed(sample);
    expect(seen).toMatchObject({
      resource_memory_bytes: 8 * 2 ** 30,
      resource_cpu_cores: 4,
      resource_cas_cache_ttl_seconds: 1_800,
      resource_cas_cache_hit_ratio: 0.75,
      resource_disk_free_bytes: 20 * 2 ** 30,
      cas_tokens_held: 7,
      "resource_heuristic_deviation v8_queue_capacity": 0,
    });
    expect(Object.keys(seen).filter((key) => key.startsWith("resource_heuristic_deviation"))).toHaveLength(16);
    // The server knows of no disk I/O.
    expect(sample.metrics?.map(({ family, value }) => [family, value])).toEqual([
      ["zako_v1_process_cpu_seconds_total", 1e-8],
      ["zako_v1_resource_context_switches_total", 4],
    ]);
  });

  it.each([
    ["host", { host: undefined }],
    ["memory", { host: { memoryBytes: 0n, cpuCores: 1 } }],
    ["cores", { host: { memoryBytes: 1n, cpuCores: 0 } }],
    ["derived values", { derived: undefined }],
    ["values in force", { effective: undefined }],
  ])("cannot do without %s", async (_, own) => {
    expect(await lineAgainst("resource.heuristics", answer(own))).toBe("failed invalid_answer: host invalid_answer");
  });

  it("can do without a disk, and says how much is left of one that is nearly full", async () => {
    const without = await lineAgainst("resource.heuristics", answer({ disk: undefined }));
    expect(without).toBe("ok: host ok, derived ok, effective ok");
    const { sample } = await runAgainst("resource.heuristics", answer({ disk: { freeBytes: 2n ** 30n - 1n } }));
    expect(sample.failure).toMatchObject({
      reason: "disk_low",
      message: "the disk of the CAS has only 1073741823 bytes free",
    });
  });

  it("reports no hit ratio without reads", async () => {
    const { sample } = await runAgainst("resource.heuristics", answer({ cas: {} }));
    expect(observed(sample)).not.toHaveProperty("resource_cas_cache_hit_ratio");
  });
});
