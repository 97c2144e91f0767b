import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { callsOf } from "../../simulate/zako/calls-of.ts";
import { reset } from "../../zako-control.ts";
import { depsOf, livedIn, planOf, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(async () => {
  vi.restoreAllMocks();
  await reset(control);
});

const lost = (): Promise<Response> => Promise.reject(new Error("Network connection lost."));
const hangs = (_url: unknown, init?: RequestInit): Promise<Response> =>
  new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));

/** Calls of the real kinds: what the simulator's count rests on. Good runs are counted by `contract.test.ts`. */
describe.each(
  PROBE_KINDS.filter((kind) => kind.calls(planOf(kind.kind).options) > 0).map((kind) => [kind.kind, kind] as const),
)("%s, where nothing answers,", (name, kind) => {
  async function count(answer: typeof hangs): Promise<number> {
    const memory = await livedIn();
    const task = taskOf(name, { target: targetOf(), plan: { ...planOf(name), timeoutMs: 50 }, memory });
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(answer as typeof fetch);
    await runTask(task, depsOf());
    return spy.mock.calls.length;
  }
  const expected = (reason: "connect" | "timeout"): number => {
    const task = taskOf(name, { target: targetOf(), plan: planOf(name) });
    return callsOf(task, kind, { outcome: "failed", reason, answered: false, takesMs: 0 });
  };

  it("makes as many calls as the simulator counts, if connections are lost", async () => {
    expect(await count(lost)).toBe(expected("connect"));
  });

  it("makes as many calls as the simulator counts, if it hangs", async () => {
    expect(await count(hangs)).toBe(expected("timeout"));
  });
});
