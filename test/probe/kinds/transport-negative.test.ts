import { afterEach, describe, expect, inject, it } from "vitest";
import { remember } from "../../../functions/model/probing/remember.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { type FaultParams, reset, setFault, state } from "../../zako-control.ts";
import { depsOf, livedIn, planOf, SLOT, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const CASES = [
  "wrong_content",
  "short_upload",
  "bad_token",
  "bad_token_upload",
  "missing_metadata",
  "second_metadata",
  "zero_range",
  "short_digest",
  "empty_protocols",
] as const;
type Case = (typeof CASES)[number];

/** Runs all cases, or those given, and says what they left in the server. */
async function run(cases: readonly Case[] = CASES, protocol: "grpc-web" | "connect" = "grpc-web") {
  const target = targetOf({ protocol, transportAuth: { header: "authorization", scheme: "Bearer" } });
  const lived = await livedIn();
  const { memory } = await runTask(taskOf("cas.details", { target, memory: lived }), depsOf());
  const plan = planOf("transport.negative", { cases });
  const before = await state(control);
  const sample = await runTask(
    taskOf("transport.negative", { target, plan, memory: remember(lived, memory ?? {}, SLOT) }),
    depsOf(),
  );
  const after = await state(control);
  return {
    sample,
    blobs: after.blobs.count - before.blobs.count,
    tokens: after.tokens.kept - before.tokens.kept,
  };
}

const failing = ({ steps }: Sample): string[] =>
  steps.flatMap(({ name, outcome, failure }) => (outcome === "failed" ? [`${name} ${failure?.reason}`] : []));

it("is healthy where everything is refused, and leaves nothing", async () => {
  const { sample, blobs, tokens } = await run();
  expect(sample.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(CASES.map((name) => `${name} ok`));
  expect([sample.outcome, blobs, tokens]).toEqual(["ok", 0, 0]);
});

/** What each fault of the reference Zako makes of the cases, and what then stays in the server. */
const FAULTS: readonly [fault: string, failing: readonly string[], blobs: number, tokens: number, FaultParams?][] = [
  ["accepts-any-content", ["wrong_content accepted_bad_upload", "short_upload accepted_bad_upload"], 2, 0],
  ["accepts-short-upload", ["short_upload accepted_bad_upload"], 1, 0],
  ["ignores-token", ["bad_token accepted_bad_token", "bad_token_upload accepted_bad_token"], 1, 0],
  ["accepts-second-metadata", ["second_metadata accepted_bad_upload"], 1, 0],
  ["accepts-short-digest", ["short_digest invalid_answer"], 0, 0],
  ["accepts-no-protocol", ["empty_protocols invalid_answer"], 0, 1],
  ["accepts-unknown-protocol", ["empty_protocols invalid_answer"], 0, 1],
  ["ignores-range", ["zero_range invalid_answer"], 0, 0],
  [
    "as-shipped",
    [
      "wrong_content accepted_bad_upload",
      "short_upload accepted_bad_upload",
      "bad_token accepted_bad_token",
      "bad_token_upload accepted_bad_token",
    ],
    3,
    0,
  ],
];

describe.each(FAULTS)("%s", (fault, expected, blobs, tokens) => {
  it("is found by its own cases only, and leaves what they declare", async () => {
    await setFault(control, fault);
    const { sample, ...left } = await run();
    expect(failing(sample)).toEqual(expected);
    expect(left).toEqual({ blobs, tokens });
    expect(sample.memory?.tokens ?? 0).toBe(tokens);
  });

  it("is still found by a second run, which finds what the first one left", async () => {
    await setFault(control, fault);
    await run();
    const { sample, blobs: more } = await run();
    expect(failing(sample)).toEqual(expected);
    expect(more).toBe(0);
  });
});

it("tries only what is configured", async () => {
  for (const name of CASES) {
    const { sample } = await run([name]);
    expect(sample.steps.map((step) => `${step.name} ${step.outcome}`)).toEqual([`${name} ok`]);
  }
});

it("skips bidirectional streams over HTTP/1.1 where the server refuses them", async () => {
  const { sample } = await run(CASES, "connect");
  expect(
    sample.steps.filter(({ outcome }) => outcome !== "ok").map(({ name, failure }) => [name, failure?.reason]),
  ).toEqual([["short_digest", "bidi_needs_http2"]]);
});

it("tries no token where transfers carry none", async () => {
  const sample = await runTask(taskOf("transport.negative", { memory: await livedIn() }), depsOf());
  const skipped = sample.steps.filter(({ outcome }) => outcome === "skipped");
  expect(skipped.map(({ name, failure }) => [name, failure?.reason])).toEqual([
    ["bad_token", "no_token"],
    ["bad_token_upload", "no_token"],
  ]);
});
