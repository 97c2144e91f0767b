import { expect, it } from "vitest";
import { ownRuns, type RunContext } from "../../../functions/evaluate/verdict/own-runs.ts";
import { type Failure, failure } from "../../../functions/model/probing/failure.ts";
import { newOffers, type Offer, offerOf } from "../../../functions/model/probing/offer.ts";
import type { Outcome, Sample } from "../../../functions/model/probing/sample.ts";

const sample = (outcome: Outcome, cause?: Failure, over: Partial<Sample> = {}): Sample => ({
  target: "a",
  probe: "p",
  vantage: "weur",
  slot: 60_000,
  attempt: 0,
  startedAt: 0,
  durationMs: 1,
  outcome,
  ...(cause === undefined ? {} : { failure: cause }),
  steps: [],
  observations: [],
  traceId: "",
  ...over,
});
const gone = failure("connect", false);
const outcomes = (cause: Failure, context: RunContext): string =>
  ownRuns([sample("failed", cause)], context)
    .map(({ outcome }) => outcome)
    .join();
const WELL = { incidentOpen: false, ring: 0 };

it.each([
  ["no connection", gone],
  ["no name", failure("dns", false)],
  ["no TLS", failure("tls", false)],
  ["no answer in time", failure("timeout", false)],
  ["an edge that says so", failure("edge", true)],
  ["a proxy that says so", failure("rpc_unavailable", true)],
  ["HTTP 502", failure("http_status", true, { httpStatus: 502 })],
  ["HTTP 503", failure("http_status", true, { httpStatus: 503 })],
  ["HTTP 504", failure("timeout", true, { httpStatus: 504 })],
])("%s is no failure of what the target does not offer, and else one", (_, cause) => {
  expect(outcomes(cause, { offer: "not offered" })).toBe("blocked");
  for (const offer of ["unasked", "offered"] as const) expect(outcomes(cause, { offer })).toBe("failed");
});

it.each([
  failure("timeout", true),
  failure("http_status", true, { httpStatus: 500 }),
  failure("rpc_internal", true),
  failure("corrupt", true),
])("$message is a failure in any case", (cause) => {
  const offers: Offer[] = ["unasked", "offered", "not offered"];
  const root = { runs: [], previous: { incidentOpen: true, ring: 1 } };
  for (const offer of offers) expect(outcomes(cause, { offer, root })).toBe("failed");
});

it("belongs to the root unless the root was well in the same attempt, from the same vantage", () => {
  const of = (runs: Sample[], previous = WELL): string =>
    outcomes(gone, { offer: "offered", root: { runs, previous } });
  expect(of([sample("ok")])).toBe("failed");
  expect(of([sample("ok")], { incidentOpen: true, ring: 1 })).toBe("failed");
  expect(of([sample("failed", failure("not_serving", true))])).toBe("blocked");
  expect(of([sample("failed", gone, { vantage: "enam" })])).toBe("failed");
  expect(of([], { incidentOpen: true, ring: 0 })).toBe("blocked");
  expect(of([], { incidentOpen: false, ring: 1 })).toBe("blocked");
  expect(of([])).toBe("failed");
});

it("is a failure of the probe's own where one of its steps was answered", () => {
  const steps: Sample["steps"] = [
    { name: "whole", outcome: "ok", durationMs: 1 },
    { name: "range", outcome: "failed", durationMs: 1, failure: gone },
  ];
  expect(ownRuns([sample("failed", gone, { steps })], { offer: "not offered" })[0]?.outcome).toBe("failed");
});

it("takes a skip that is the prober's own doing for no recovery", () => {
  const recovers = (reason: Failure["reason"]): unknown =>
    ownRuns([sample("skipped", failure(reason, true))], { offer: "offered" })[0]?.recovers;
  for (const reason of ["over_budget", "secret_missing", "internal", "rpc_already_exists"] as const)
    expect(recovers(reason)).toBe(false);
  for (const reason of ["rpc_unimplemented", "no_blob", "bidi_needs_http2", "stale"] as const)
    expect(recovers(reason)).toBeUndefined();
});

it("learns offers from answers only: `unimplemented` proves that there is none, what was answered otherwise that there is", () => {
  const after = (offers: Record<string, boolean> | undefined, ...samples: Sample[]): Offer =>
    offerOf({ offers: { ...offers, ...newOffers(offers === undefined ? {} : { offers }, samples) } }, "p");
  const unimplemented = sample("skipped", failure("rpc_unimplemented", true));
  expect(after(undefined)).toBe("unasked");
  expect(after(undefined, sample("failed", gone))).toBe("unasked");
  expect(after(undefined, sample("blocked", gone))).toBe("unasked");
  expect(after(undefined, sample("skipped", failure("over_budget", true)))).toBe("unasked");
  expect(after(undefined, sample("failed", failure("internal", true)))).toBe("unasked");
  expect(after(undefined, unimplemented)).toBe("not offered");
  expect(after({ p: false }, sample("failed", gone))).toBe("not offered");
  expect(after({ p: false }, sample("ok"))).toBe("offered");
  expect(after({ p: false }, sample("failed", failure("not_serving", true)))).toBe("offered");
  expect(after({ p: true }, sample("failed", gone))).toBe("offered");
  expect(after({ p: true }, unimplemented)).toBe("not offered");
  expect(after({ p: false }, sample("ok"), unimplemented)).toBe("offered");
  expect(after({ p: true }, unimplemented, sample("ok"))).toBe("offered");
  expect(newOffers({ offers: { p: true } }, [sample("ok")])).toBeUndefined();
});
