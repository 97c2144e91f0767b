import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import type { Config } from "../../../functions/model/config.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { ProbeAnswer, ProbeRequest, ProbeResult } from "../../../functions/model/probing/probe-request.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { ProbesOnRequest } from "../../../functions/monitor/on-request/probes-on-request.ts";
import { runBatch } from "../../../functions/probe/batch.ts";
import { depsOf, planOf, targetOf } from "../../probe/tasks.ts";
import { reset, setFault } from "../../zako-control.ts";
import { config, KINDS, plan, START, sampleOf, target, World } from "../world.ts";

const HEALTH: ProbeRequest = { target: "a", probe: "health" };
const MINUTE_MS = 60_000;

afterEach(() => reset(inject("zakoControl")));

/** A Monitor whose probes are asked for, and the tasks that were run for it. */
const play = (
  of: Config,
  run: (world: World, ask: (request: ProbeRequest) => Promise<ProbeAnswer>, tasks: ProbeTask[]) => Promise<void>,
) =>
  runInDurableObject(env.MONITOR.getByName("monitor:0"), async (_instance, { storage }) => {
    const world = new World(storage, of);
    const tasks: ProbeTask[] = [];
    world.probe = async (batch, _deadline, deliver) => {
      tasks.push(...batch);
      deliver(batch.map((task) => sampleOf(task, world.now)));
    };
    const onRequest = new ProbesOnRequest({
      core: world.core,
      kinds: KINDS,
      probe: (...batch) => world.probe(...batch),
      backlog: world.backlog,
      now: () => world.now,
      startDeadline: (timeoutMs) => world.deadlines.startWith(world.deadline, timeoutMs),
    });
    await run(world, (request) => onRequest.ask(request), tasks);
    expect(world.deadlines.running.size).toBe(0);
  });

const resultOf = (answer: ProbeAnswer): ProbeResult => {
  if (answer.said !== "result") throw new Error(`no result: ${answer.why}`);
  return answer.result;
};

describe("a probe on request", () => {
  it("runs what is configured, and is neither counted nor judged", async () => {
    await play(config([target("a")]), async (world, ask, tasks) => {
      await world.core.wake(START, "cron");
      const before = world.stored();
      tasks.length = 0;
      const result = resultOf(await ask({ ...HEALTH, timeoutMs: 2_000 }));
      expect(result).toMatchObject({ target: "a", probe: "health", vantage: "local", outcome: "ok", from: "run" });
      expect(tasks).toMatchObject([{ plan: { timeoutMs: 2_000 }, attempt: 0, slot: START, transcript: true }]);
      expect(world.stored()).toEqual(before);
    });
  });

  it("never waits longer than the probe's own timeout", async () => {
    await play(config([target("a")]), async (_world, ask, tasks) => {
      await ask({ ...HEALTH, timeoutMs: 110_000 });
      expect(tasks[0]?.plan.timeoutMs).toBe(5_000);
    });
  });

  it.each([
    [{ target: "b", probe: "health" }, 'Unknown target "b"'],
    [{ target: "https://169.254.169.254", probe: "health" }, "Unknown target"],
    [{ target: "a", probe: "http_2xx" }, 'Unknown module "http_2xx". Modules are probes: health, '],
    [{ target: "a", probe: "scrape" }, "The probe scrape of a is off in watch.yaml. Its probes: health."],
    [{ target: "a", probe: "health", vantage: "moon" }, 'Unknown vantage "moon". Vantages: local.'],
  ])("refuses %j", async (request, why) => {
    await play(config([target("a")]), async (_world, ask, tasks) => {
      expect(await ask(request)).toEqual({ said: "refused", why: expect.stringContaining(why) });
      expect(tasks).toEqual([]);
    });
  });

  it("asks a target once in 10 s, however many people ask us", async () => {
    await play(config([target("a"), target("b")]), async (world, ask, tasks) => {
      const [one, other] = await Promise.all([ask(HEALTH), ask(HEALTH)]);
      expect(other).toEqual(one);
      world.now += 9_999;
      expect(await ask(HEALTH)).toEqual(one);
      expect(tasks).toHaveLength(1);
      await ask({ ...HEALTH, target: "b" });
      expect(tasks).toHaveLength(2);
      world.now += 1;
      expect(resultOf(await ask(HEALTH)).startedAt).toBe(START + 10_000);
      expect(tasks).toHaveLength(3);
    });
  });

  it("has at most two runs at once, and says so when there is no room in time", async () => {
    const targets = ["a", "b", "c"].map((name) => target(name));
    await play(config(targets), async (world, ask, tasks) => {
      world.probe = (batch) => {
        tasks.push(...batch);
        return new Promise(() => {});
      };
      const answers = Promise.all(targets.map(({ name }) => ask({ ...HEALTH, target: name })));
      await vi.waitFor(() => expect(tasks).toHaveLength(2));
      world.now += 5_000;
      world.deadline.abort();
      for (const answer of await answers) expect(answer).toMatchObject({ said: "no_result" });
      expect(tasks).toHaveLength(2);
      // What gave no result is tried again at once.
      world.deadline = new AbortController();
      world.probe = async (batch, _deadline, deliver) => deliver(batch.map((task) => sampleOf(task, world.now)));
      expect(await ask(HEALTH)).toMatchObject({ said: "result" });
    });
  });

  it("charges tokens to the target's budget", async () => {
    const read = target("a", [plan("transport.download")]);
    await play(config([read]), async (world, ask) => {
      world.probe = async (batch, _deadline, deliver) =>
        deliver(batch.map((task) => ({ ...sampleOf(task, world.now), memory: { token: "fresh", tokens: 1 } })));
      await ask({ target: "a", probe: "transport.download" });
      expect(world.core.head().memories.get("a")).toMatchObject({ token: "fresh", spent: { tokens: 1 } });
      // Committed: another life of the object knows of it.
      world.restart(config([read]));
      expect(world.core.head().memories.get("a")).toMatchObject({ spent: { tokens: 1 } });
    });
  });

  it.each(["transport.upload", "cas.details", "transport.journey", "transport.negative", "worker.gc"])(
    "shows the last result of %s, which costs the target something, and runs nothing",
    async (kind) => {
      await play(config([target("a", [plan(kind)])]), async (world, ask, tasks) => {
        expect(await ask({ target: "a", probe: kind })).toMatchObject({ said: "no_result" });
        await world.core.wake(START, "cron");
        world.probe = async (batch, _deadline, deliver) => {
          tasks.push(...batch);
          deliver(batch.map((task) => sampleOf(task, world.now, "failed", failure("corrupt", true))));
        };
        world.now = START + MINUTE_MS;
        await world.core.wake(world.now, "cron");
        const runs = tasks.length;
        world.now += 5_000;
        expect(resultOf(await ask({ target: "a", probe: kind }))).toMatchObject({
          from: "schedule",
          outcome: "failed",
          failure: { reason: "corrupt" },
          durationMs: 7,
          startedAt: START + MINUTE_MS,
        });
        expect(tasks).toHaveLength(runs);
      });
    },
  );
});

describe("a probe on request of a real Zako", () => {
  const zako = () =>
    targetOf({
      headers: [{ header: "x-key", secret: "KEY" }],
      probes: [planOf("health")],
    });
  const SECRET = "marker-of-a-secret";

  it("lists its calls, and masks secrets in what the server says", async () => {
    await play(config([zako()]), async (world, ask) => {
      const secret = (name: string) => (name === "KEY" ? SECRET : undefined);
      const deps = depsOf({ secret, secrets: () => [SECRET] });
      world.probe = async (batch, _deadline, deliver) =>
        deliver((await runBatch(batch, { ...deps, timeoutMs: 5_000 })).samples);
      const good = resultOf(await ask({ target: "zako", probe: "health" }));
      expect(good).toMatchObject({
        outcome: "ok",
        calls: [{ step: "check", method: "grpc.health.v1.Health/Check", result: "ok", httpStatus: 200, messages: 1 }],
      });
      await setFault(inject("zakoControl"), "rpc", { code: "permission_denied", message: `no ${SECRET}` });
      world.now += 10_000;
      const bad = resultOf(await ask({ target: "zako", probe: "health" }));
      expect(bad).toMatchObject({ outcome: "failed", calls: [{ result: "rpc_permission_denied" }] });
      expect(bad.failure?.said).toMatch(/^no /);
      expect(JSON.stringify(bad)).not.toContain(SECRET);
    });
  });
});
