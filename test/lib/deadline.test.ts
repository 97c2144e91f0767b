import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { orLate, pause, SharedDeadlines, startDeadline } from "../../functions/lib/deadline.ts";

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

describe("SharedDeadlines", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
  afterEach(() => void vi.useRealTimers());
  const shared = (parent = new AbortController().signal) => new SharedDeadlines(parent, Date.now);

  it("ends each deadline at its own time, in whatever order they were started", () => {
    using all = shared();
    const timeouts = [300, 100, 200, 100];
    const deadlines = timeouts.map((timeoutMs) => all.start(timeoutMs));
    expect(deadlines.map(({ at }) => at)).toEqual([1_300, 1_100, 1_200, 1_100]);
    const ended = () => deadlines.map(({ signal }) => signal.aborted);
    vi.advanceTimersByTime(99);
    expect(ended()).toEqual([false, false, false, false]);
    vi.advanceTimersByTime(1);
    expect(ended()).toEqual([false, true, false, true]);
    vi.advanceTimersByTime(100);
    expect(ended()).toEqual([false, true, true, true]);
    vi.advanceTimersByTime(100);
    expect(ended()).toEqual([true, true, true, true]);
  });

  it("never ends a deadline that was disposed of, and ends a later one on time", () => {
    using all = shared();
    const first = all.start(100);
    vi.advanceTimersByTime(50);
    const second = all.start(100);
    first[Symbol.dispose]();
    vi.advanceTimersByTime(99);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
  });

  it("sets one timer for many deadlines, and leaves none", () => {
    const all = shared();
    for (let i = 0; i < 1_000; i++) {
      using deadline = all.start(10_000);
      expect(deadline.signal.aborted).toBe(false);
      expect(vi.getTimerCount()).toBe(1);
    }
    all[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has no timer left once all have ended", () => {
    using all = shared();
    const { signal } = all.start(100);
    vi.advanceTimersByTime(100);
    expect(signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(all.start(100).signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("ends all with their parent, and what is started later at once", () => {
    const parent = new AbortController();
    using all = shared(parent.signal);
    const [first, second] = [all.start(100), all.start(200)];
    first[Symbol.dispose]();
    parent.abort();
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
    expect(all.start(100).signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends a deadline whose timer fires a little before the clock shows its time", () => {
    let slow = 0;
    using all = new SharedDeadlines(new AbortController().signal, () => Date.now() - slow);
    const { signal } = all.start(100);
    slow = 1;
    vi.advanceTimersByTime(100);
    expect(signal.aborted).toBe(true);
  });
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
