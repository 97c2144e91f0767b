import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import worker from "../../functions/worker.ts";

/** An environment in which calls are noted; `kv` says when KV answers. */
function noted(calls: string[], kv: () => Promise<string | null>): Env {
  const stub = (name: string, method: string, answer: () => Promise<unknown>) => ({
    getByName: () => ({
      [method]: () => {
        calls.push(name);
        return answer();
      },
    }),
  });
  return {
    ...env,
    KV: { get: kv },
    MONITOR: stub("monitor", "wake", () => new Promise(() => {})),
    ALERTER: stub("alerter", "tick", async () => {}),
  } as never;
}

it("the cron wakes the Alerter before it waits for KV or for a Monitor", async () => {
  const calls: string[] = [];
  let answer: (text: null) => void = () => {};
  const kv = () => new Promise<null>((resolve) => (answer = resolve));
  void worker.scheduled(createScheduledController({ scheduledTime: new Date(1_900_000_000_000) }), noted(calls, kv));
  expect(calls).toEqual(["alerter"]);
  answer(null);
  await vi.waitFor(() => expect(calls).toEqual(["alerter", "monitor"]));
});

it("a Monitor is woken where the Alerter cannot be", async () => {
  const calls: string[] = [];
  const broken = noted(calls, async () => null);
  const ALERTER = { getByName: () => ({ tick: () => Promise.reject(new Error("It is gone.")) }) };
  vi.spyOn(console, "error").mockImplementation(() => {});
  void worker.scheduled(createScheduledController({ scheduledTime: new Date(1_900_000_000_000) }), {
    ...broken,
    ALERTER,
  } as never);
  await vi.waitFor(() => expect(calls).toEqual(["monitor"]));
});
