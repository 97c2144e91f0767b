import { afterEach, expect, inject, it, vi } from "vitest";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { type BatchDeps, runBatch } from "../../functions/probe/batch.ts";
import { reset, setFault, state } from "../zako-control.ts";
import { depsOf, lineOf, livedIn, planOf, targetOf, taskOf } from "./tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const batchDeps = (rest: Partial<BatchDeps> = {}): BatchDeps => ({ ...depsOf(), timeoutMs: 30_000, ...rest });
const KINDS = ["transport.download", "cas.negotiate", "cas.details", "health"];

/** Nobody listens there: connections are refused at once. */
const DEAD = "http://127.0.0.1:1";

async function tasksTo(name: string, url = inject("zako"), timeoutMs = 5_000): Promise<ProbeTask[]> {
  const target = targetOf({ name, casUrl: url, transportUrl: url });
  const memory = await livedIn();
  return KINDS.map((kind) => taskOf(kind, { target, memory, plan: planOf(kind, {}, { timeoutMs }) }));
}

const linesOf = (samples: readonly Sample[], target: string) =>
  Object.fromEntries(samples.filter((one) => one.target === target).map((one) => [one.probe, lineOf(one)]));

const HEALTHY = {
  health: "ok: check ok",
  "cas.details": "ok: details ok, unknown_protocol ok",
  "cas.negotiate": "ok: present ok, absent ok",
  "transport.download": "ok: whole ok, range ok, past_end ok",
};

it("never has more than six runs under way, and has six where there is work for them", async () => {
  await setFault(control, "latency", { ms: 30 });
  const tasks = Array.from({ length: 24 }, (_, at) => taskOf("health", { target: targetOf({ name: `t${at}` }) }));
  const { samples, lost } = await runBatch(tasks, batchDeps());
  expect(samples.map(({ outcome }) => outcome)).toEqual(new Array(24).fill("ok"));
  expect(lost).toEqual([]);
  expect((await state(control)).calls.peak).toBe(6);
});

it("gives targets that may hang half of the connections until the others are through, and then all", async () => {
  const HANG_MS = 1_500;
  await setFault(control, "hang", {}, { method: "cas.NegotiateBlobs" });
  const plan = planOf("cas.negotiate", {}, { timeoutMs: HANG_MS });
  const hanging = Array.from({ length: 9 }, (_, at) =>
    Object.assign(taskOf("cas.negotiate", { target: targetOf({ name: `h${at}` }), plan }), { mayHang: true }),
  );
  const healthy = Array.from({ length: 20 }, (_, at) => taskOf("health", { target: targetOf({ name: `t${at}` }) }));
  const outcomes: string[] = [];
  const { samples, lost } = await runBatch(
    [...hanging, ...healthy],
    batchDeps({ onSample: ({ outcome }) => void outcomes.push(outcome) }),
  );
  expect(lost).toEqual([]);
  expect(outcomes).toEqual([...new Array(20).fill("ok"), ...new Array(9).fill("failed")]);
  // Three, and three more as soon as the others are through; the rest when the first have ended.
  const begun = samples.filter(({ outcome }) => outcome === "failed").map(({ startedAt }) => startedAt);
  const [first = 0, ...later] = begun.sort((a, b) => a - b);
  expect(later.map((at) => at - first < HANG_MS)).toEqual([true, true, true, true, true, false, false, false]);
});

it("asks a dead origin once, and lets no other target feel it", async () => {
  const tasks = [...(await tasksTo("dead", DEAD)), ...(await tasksTo("live"))];
  const { samples, lost } = await runBatch(tasks, batchDeps());
  expect(lost).toEqual([]);
  expect(linesOf(samples, "live")).toEqual(HEALTHY);
  expect(linesOf(samples, "dead")).toEqual({
    health: "failed connect: check connect",
    "cas.details": "blocked connect: ",
    "cas.negotiate": "blocked connect: ",
    "transport.download": "blocked connect: ",
  });
});

it("spends one deadline on an origin that hangs, and sends it nothing more", async () => {
  const tasks = await tasksTo("hanging", undefined, 100);
  await setFault(control, "hang");
  const { samples } = await runBatch(tasks, batchDeps());
  expect(samples.map(({ outcome }) => outcome).sort()).toEqual(["blocked", "blocked", "blocked", "failed"]);
  expect((await state(control)).started).toEqual({ "health.Check": 1 });
});

it("climbs on where the root was answered, however badly", async () => {
  const tasks = await tasksTo("sick");
  await setFault(control, "rpc", { code: "internal" }, { method: "health.Check" });
  const { samples } = await runBatch(tasks, batchDeps());
  expect(linesOf(samples, "sick")).toEqual({ ...HEALTHY, health: "failed rpc_internal: check rpc_internal" });
});

it.each([
  ["rpc", { code: "unavailable" }, "rpc_unavailable"],
  ["html-error", { status: 502 }, "http_status"],
  ["html-error", { status: 503 }, "http_status"],
  ["html-error", { status: 504 }, "timeout"],
] as const)("runs nothing more if the root does not reach the server: %s %o", async (fault, params, reason) => {
  const tasks = await tasksTo("gone");
  await setFault(control, fault, params, { method: "health.Check" });
  const { samples } = await runBatch(tasks, batchDeps());
  expect(linesOf(samples, "gone")).toEqual({
    health: `failed ${reason}: check ${reason}`,
    "cas.details": `blocked ${reason}: `,
    "cas.negotiate": `blocked ${reason}: `,
    "transport.download": `blocked ${reason}: `,
  });
  expect(samples.find(({ outcome }) => outcome === "blocked")?.failure?.message).toMatch(
    /^not run because health did not reach the server: /,
  );
});

it("takes for the root what the target offers, and asks what it does not after it", async () => {
  const tasks = (await tasksTo("upstream")).map((task) => ({
    ...task,
    memory: { ...task.memory, offers: { health: false } },
  }));
  await setFault(control, "health-off");
  const { samples } = await runBatch(tasks, batchDeps());
  expect(samples[0]?.probe).toBe("cas.negotiate");
  expect(samples.map(({ outcome }) => outcome).sort()).toEqual(["ok", "ok", "ok", "skipped"]);
  const dead = tasks.map((task) => ({ ...task, target: { ...task.target, casUrl: DEAD, transportUrl: DEAD } }));
  const lines = linesOf((await runBatch(dead, batchDeps())).samples, "upstream");
  expect(lines["cas.negotiate"]).toBe("failed connect: present connect, absent connect");
  expect(lines["health"]).toBe("blocked connect: ");
});

it("returns by its own deadline with what there is, and gives the rest up for lost", async () => {
  const quick = taskOf("health", { target: targetOf({ name: "quick" }) });
  const stuck = Array.from({ length: 12 }, (_, at) =>
    taskOf("cas.details", {
      target: targetOf({ name: `stuck${at}` }),
      plan: planOf("cas.details", {}, { timeoutMs: 50_000 }),
    }),
  );
  await setFault(control, "hang", {}, { method: "cas" });
  const seen: Sample[] = [];
  const { samples, lost } = await runBatch(
    [quick, ...stuck],
    batchDeps({ timeoutMs: 250, onSample: (one) => seen.push(one) }),
  );
  expect(samples.map(({ target }) => target)).toEqual(["quick"]);
  expect(seen).toEqual(samples);
  expect(lost).toEqual(
    stuck.map(({ target, slot }) => ({
      target: target.name,
      probe: "cas.details",
      vantage: "local",
      slot,
      attempt: 0,
    })),
  );
  // Six were under way: their calls are given up, and the other six were never made.
  await vi.waitFor(async () => expect((await state(control)).calls).toMatchObject({ inFlight: 0, aborted: 6 }));
  expect((await state(control)).started).toEqual({ "health.Check": 1, "cas.GetTransportDetails": 6 });
  expect(seen).toHaveLength(1);
});

it("fetches the first token before the transfers that need one", async () => {
  const target = targetOf({ transportAuth: { header: "Authorization", scheme: "Bearer" } });
  const memory = await livedIn();
  const tasks = KINDS.map((kind) => taskOf(kind, { target, memory }));
  const { samples } = await runBatch(tasks, batchDeps());
  expect(linesOf(samples, "zako")).toEqual(HEALTHY);
  const sent = (await state(control)).lastHeaders["transport.Download"]?.["authorization"];
  expect(sent).toBe(`Bearer ${samples.find(({ probe }) => probe === "cas.details")?.memory?.token}`);
});
