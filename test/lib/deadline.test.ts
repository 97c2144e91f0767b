import { describe, expect, it, vi } from "vitest";
import { orLate, pause, startDeadline } from "../../functions/lib/deadline.ts";

it("says when it will be over, and is then over", async () => {
  using deadline = startDeadline(20, 1_000);
  expect(deadline.at).toBe(1_020);
  expect(deadline.signal.aborted).toBe(false);
  await vi.waitFor(() => expect(deadline.signal.aborted).toBe(true));
});

it("is over with its parent", () => {
  const parent = new AbortController();
  using deadline = startDeadline(60_000, 0, parent.signal);
  expect(deadline.signal.aborted).toBe(false);
  parent.abort();
  expect(deadline.signal.aborted).toBe(true);
  using late = startDeadline(60_000, 0, parent.signal);
  expect(late.signal.aborted).toBe(true);
});

it("is never over once it was disposed of", () => {
  const parent = new AbortController();
  const deadline = startDeadline(60_000, 0, parent.signal);
  deadline[Symbol.dispose]();
  parent.abort();
  expect(deadline.signal.aborted).toBe(false);
});

// workerd refuses the 10,001st timer, so a timer per run that is left to fire would break a tick of many probes.
it("gives its timer back", () => {
  for (let at = 0; at < 10_500; at++) {
    using deadline = startDeadline(60_000, at);
    expect(deadline.signal.aborted).toBe(false);
  }
});

describe("orLate", () => {
  const never = new Promise<never>(() => {});

  it("answers what the work does, and leaves no listener", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    expect(await orLate(Promise.resolve(1), signal, "late")).toBe(1);
    await expect(orLate(Promise.reject(new Error("It broke.")), signal, "late")).rejects.toThrow("It broke.");
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  it("answers that it is late as soon as the signal aborts, or where it has", async () => {
    const controller = new AbortController();
    const work = orLate(never, controller.signal, "late");
    controller.abort();
    expect(await work).toBe("late");
    expect(await orLate(never, controller.signal, "late")).toBe("late");
  });
});

it("pauses", async () => {
  const since = performance.now();
  await pause(20);
  expect(performance.now() - since).toBeGreaterThanOrEqual(15);
});
