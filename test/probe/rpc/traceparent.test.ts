import { expect, it, vi } from "vitest";
import { newTraceId, traceparent } from "../../../functions/probe/rpc/traceparent.ts";

it("makes a valid header, with a new span for each call of a trace", () => {
  const trace = newTraceId();
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
  const [first, second] = [traceparent(trace), traceparent(trace)];
  expect(first).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  expect(second).not.toBe(first);
  expect(newTraceId()).not.toBe(trace);
});

it("never makes an all-zero id, which the specification forbids", () => {
  const zeros = vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    (array as Uint8Array).fill(0);
    return array;
  });
  try {
    // As many as use up the random bytes that are there, and some more.
    const made = Array.from({ length: 300 }, () => traceparent(newTraceId()));
    expect(made.at(-1)).toBe(`00-01${"0".repeat(30)}-01${"0".repeat(14)}-01`);
    expect(made.filter((one) => /-0+-/.test(one))).toEqual([]);
  } finally {
    zeros.mockRestore();
    // Uses the zeros up.
    for (let i = 0; i < 200; i++) newTraceId();
  }
});

it("repeats no id", () => {
  const made = Array.from({ length: 2_000 }, newTraceId);
  expect(new Set(made).size).toBe(made.length);
});
