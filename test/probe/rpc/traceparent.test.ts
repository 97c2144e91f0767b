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
  const zeros = vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => array);
  try {
    expect(traceparent(newTraceId())).not.toMatch(/0{32}|-0{16}-/);
  } finally {
    zeros.mockRestore();
  }
});
