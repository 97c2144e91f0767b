import { expect, it, vi } from "vitest";
import { startDeadline } from "../../functions/lib/deadline.ts";

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
