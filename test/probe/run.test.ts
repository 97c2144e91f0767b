import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { EMPTY_MEMORY } from "../../functions/model/probing/memory.ts";
import type { Target } from "../../functions/model/probing/target.ts";
import { runTask } from "../../functions/probe/run.ts";
import { reset, setFault, state } from "../zako-control.ts";
import { depsOf, lineOf, livedIn, planOf, targetOf, taskOf } from "./tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

it("names the run as it was ordered", async () => {
  const task = taskOf("health", { vantage: "weur", attempt: 1 });
  const { target, probe, vantage, slot, attempt } = await runTask(task, depsOf());
  expect({ target, probe, vantage, slot, attempt }).toEqual({
    target: "zako",
    probe: "health",
    vantage: "weur",
    slot: task.slot,
    attempt: 1,
  });
});

it("sends one trace with all calls of a run, another with the next", async () => {
  const memory = await livedIn();
  const first = await runTask(taskOf("transport.upload", { memory }), depsOf());
  const { traceparents } = await state(control);
  const sent = ["transport.Upload", "cas.NegotiateBlobs", "transport.Download"].map(
    (method) => traceparents[method] ?? "",
  );
  for (const traceparent of sent) expect(traceparent.split("-")[1]).toBe(first.traceId);
  expect(new Set(sent).size).toBe(3);
  expect((await runTask(taskOf("health"), depsOf())).traceId).not.toBe(first.traceId);
});

it("calls a good run that took too long degraded, and a bad one by its reason", async () => {
  await setFault(control, "latency", { ms: 30 });
  const plan = planOf("health", {}, { degradedAfterMs: 10 });
  const slow = await runTask(taskOf("health", { plan }), depsOf());
  expect(lineOf(slow)).toBe("degraded slow: check ok");
  await setFault(control, "rpc");
  expect(lineOf(await runTask(taskOf("health", { plan }), depsOf()))).toBe(
    "failed rpc_unavailable: check rpc_unavailable",
  );
});

it("does not take a run for good that had no time to ask", async () => {
  const sample = await runTask(taskOf("health"), depsOf({ signal: AbortSignal.abort() }));
  expect(lineOf(sample)).toBe("failed timeout: check timeout");
  expect((await state(control)).started).toEqual({});
});

it("turns a bug of ours into one run that blames nobody, and whose detail goes to the log alone", async () => {
  const bugs: unknown[] = [];
  const broken = depsOf({
    newHash: () => {
      throw new Error("detail of the bug");
    },
    onBug: (place, error) => bugs.push(place, error),
  });
  const memory = await livedIn();
  const outside = await runTask(taskOf("transport.upload", { memory }), broken);
  expect(lineOf(outside)).toBe("skipped internal: ");
  const inside = await runTask(taskOf("transport.download", { memory }), broken);
  expect(lineOf(inside)).toBe("skipped internal: whole internal, past_end ok");
  expect(bugs).toEqual(["transport.upload", expect.any(Error), "transport.download whole", expect.any(Error)]);
  expect(JSON.stringify([outside, inside])).not.toContain("detail of the bug");
});

it("leaves no timer behind", async () => {
  const started = vi.spyOn(globalThis, "setTimeout");
  const ended = vi.spyOn(globalThis, "clearTimeout");
  try {
    expect((await runTask(taskOf("health"), depsOf())).outcome).toBe("ok");
    const timers = started.mock.results.map(({ value }) => value);
    expect(timers).toHaveLength(1);
    expect(ended.mock.calls.map(([timer]) => timer)).toEqual(timers);
  } finally {
    vi.restoreAllMocks();
  }
});

it("skips a kind that this version does not know", async () => {
  const plan = { ...planOf("health"), kind: "from.the.future" };
  expect(lineOf(await runTask(taskOf("health", { plan }), depsOf()))).toBe("skipped internal: ");
});

it("counts calls that were sent again", async () => {
  await setFault(control, "reset", {}, { times: 1 });
  const sample = await runTask(taskOf("health"), depsOf());
  expect(lineOf(sample)).toBe("ok: check ok");
  expect(sample.observations).toEqual([
    { family: "zako_v1_probe_retries_total", labels: { probe: "health" }, value: 1 },
  ]);
});

it("never sends an upload again", async () => {
  await setFault(control, "reset", {}, { times: 1, method: "transport.Upload" });
  expect(lineOf(await runTask(taskOf("transport.upload"), depsOf()))).toBe("failed connect: upload connect");
  expect((await state(control)).started).toEqual({ "transport.Upload": 1 });
});

describe("credentials", () => {
  const headers: Target["headers"] = [{ header: "x-front", scheme: "Key", secret: "ZAKO_FRONT" }];
  const transportAuth: Target["transportAuth"] = { header: "X-Token" };
  const BEARER = targetOf({ transportAuth: { header: "authorization", scheme: "Bearer" } });

  it("sends the target's secret with every call, and the token with transfers alone", async () => {
    const memory = { ...(await livedIn()), token: "t0ken" };
    const target = targetOf({ headers, transportAuth });
    const secret = (name: string) => (name === "ZAKO_FRONT" ? "s3cret" : undefined);
    await runTask(taskOf("transport.upload", { target, memory }), depsOf({ secret }));
    const { lastHeaders } = await state(control);
    expect(lastHeaders["transport.Upload"]).toMatchObject({ "x-front": "Key s3cret", "x-token": "t0ken" });
    expect(lastHeaders["cas.NegotiateBlobs"]).toMatchObject({ "x-front": "Key s3cret" });
    expect(lastHeaders["cas.NegotiateBlobs"]).not.toHaveProperty("x-token");
  });

  it.each([undefined, ""])("asks nothing without the secret, and names the binding (%j)", async (value) => {
    const sample = await runTask(taskOf("health", { target: targetOf({ headers }) }), depsOf({ secret: () => value }));
    expect(lineOf(sample)).toBe("skipped secret_missing: ");
    expect(sample.failure?.message).toContain("ZAKO_FRONT");
    expect((await state(control)).started).toEqual({});
  });

  it("transfers nothing before there is a token", async () => {
    const target = targetOf({ transportAuth });
    const sample = await runTask(taskOf("transport.download", { target, memory: await livedIn() }), depsOf());
    expect(lineOf(sample)).toBe("skipped no_token: ");
    expect((await runTask(taskOf("health", { target }), depsOf())).outcome).toBe("ok");
  });

  it.each([0, 1, 2])(
    "replaces a token that the server has forgotten, as a client would (attempt %d)",
    async (attempt) => {
      const memory = { ...(await livedIn()), token: "forgotten" };
      const sample = await runTask(taskOf("transport.download", { target: BEARER, memory, attempt }), depsOf());
      expect(lineOf(sample)).toBe("ok: whole ok, range ok, past_end ok");
      expect(sample.memory).toMatchObject({ tokens: 1, token: expect.any(String) });
      expect((await state(control)).tokens.issued).toBe(1);
    },
  );

  it.each([
    [0, "failed rpc_unauthenticated", 0],
    [1, "ok", 1],
    [2, "failed rpc_unauthenticated", 0],
  ])(
    "leaves the last tokens of the day to the target's own runs and to confirmations (attempt %d)",
    async (attempt, outcome, issued) => {
      const memory = { ...(await livedIn()), token: "forgotten" };
      const target = { ...BEARER, budgets: { ...BEARER.budgets, tokensPerDay: 0 } };
      const sample = await runTask(taskOf("transport.download", { target, memory, attempt }), depsOf());
      expect(lineOf(sample)).toMatch(outcome);
      expect((await state(control)).tokens.issued).toBe(issued);
    },
  );

  it("requests at most one token per run, whoever refuses", async () => {
    const memory = { ...(await livedIn()), token: "any" };
    await setFault(control, "rpc", { code: "unauthenticated" }, { method: "transport" });
    const sample = await runTask(taskOf("transport.download", { target: BEARER, memory, attempt: 1 }), depsOf());
    expect(sample.failure?.reason).toBe("rpc_unauthenticated");
    expect((await state(control)).tokens.issued).toBe(1);
  });

  it("remembers no token that cannot travel in a header", async () => {
    const sample = await runTask(taskOf("cas.details"), depsOf());
    expect(sample.memory).toMatchObject({ token: expect.stringMatching(/^[\x21-\x7e]+$/), tokens: 1 });
    await setFault(control, "empty-token");
    const empty = await runTask(taskOf("cas.details", { memory: EMPTY_MEMORY }), depsOf());
    expect(empty.memory).not.toHaveProperty("token");
  });
});

describe("bidirectional calls over HTTP/1.1", () => {
  const target = () => targetOf({ protocol: "connect" });

  it("are skipped with a hint where they never worked, and a failure where they did", async () => {
    const memory = await livedIn();
    const never = await runTask(taskOf("cas.negotiate", { target: target(), memory }), depsOf());
    expect(never.outcome).toBe("skipped");
    expect(never.failure).toMatchObject({ reason: "bidi_needs_http2", hint: expect.stringContaining("HTTP/2") });
    const once = await runTask(
      taskOf("cas.negotiate", { target: target(), memory: { ...memory, bidiWorked: true } }),
      depsOf(),
    );
    expect(lineOf(once)).toBe("failed bidi_needs_http2: present bidi_needs_http2, absent bidi_needs_http2");
  });

  it("are remembered as soon as one has worked", async () => {
    const sample = await runTask(taskOf("cas.negotiate", { memory: await livedIn() }), depsOf());
    expect(sample.memory).toEqual({ bidiWorked: true });
  });
});

it("has the store asked for the canary that it held last, lost or not", async () => {
  const memory = await livedIn();
  await reset(control);
  const negotiated = await runTask(taskOf("cas.negotiate", { memory }), depsOf());
  expect(lineOf(negotiated)).toBe("failed lost: present lost, absent ok");
  const ratio = negotiated.observations.find(({ family }) => family.endsWith("missing_ratio"));
  expect(ratio?.value).toBe(1);
  const downloaded = await runTask(taskOf("transport.download", { memory }), depsOf());
  expect(lineOf(downloaded)).toBe("failed rpc_not_found: whole rpc_not_found, past_end rpc_not_found");
});

it("has nothing to say about blobs where none is known", async () => {
  expect(lineOf(await runTask(taskOf("transport.download"), depsOf()))).toBe("skipped no_blob: ");
  expect(lineOf(await runTask(taskOf("cas.negotiate"), depsOf()))).toBe("ok: present ~no_blob, absent ok");
});

it("compares a range with the same bytes of the whole", async () => {
  let calls = 0;
  const bending: typeof fetch = async (input, init) => {
    calls += 1;
    if (calls === 2) await setFault(control, "flip-byte");
    return fetch(input, init);
  };
  const sample = await runTask(taskOf("transport.download", { memory: await livedIn() }), depsOf({ fetch: bending }));
  expect(lineOf(sample)).toBe("failed corrupt: whole ok, range corrupt, past_end ok");
  const broken = sample.observations.filter(({ family }) => family.endsWith("integrity_failures_total"));
  expect(broken).toHaveLength(1);
});
