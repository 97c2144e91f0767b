import * as fc from "fast-check";
import { expect, test } from "vitest";
import { failure, reasons } from "../../../functions/model/probing/failure.ts";
import { OUTCOMES, type Sample } from "../../../functions/model/probing/sample.ts";
import { packParts, storedSample, unpackSamples } from "../../../functions/store/history/sample-block.ts";
import { packSamples } from "./pack-samples.ts";
import { anySample, EPOCH, tick } from "./samples.ts";

const MAX_BLOCK_BYTES = 1_000_000;

const MAX_MS = 2 ** 24 - 1;

const unpacked = (bytes: Uint8Array) => {
  const result = unpackSamples(bytes);
  if (!result.ok) throw new Error(result.error);
  return result.samples;
};

test("what is packed comes back, in order", () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 60 }), (samples) => {
      expect(unpacked(packSamples(samples))).toEqual(samples);
    }),
  );
});

test("each outcome comes back with each reason and attempt", () => {
  const attempts = Array.from({ length: 256 }, (_, attempt) => attempt);
  const one = { target: "a", probe: "health", vantage: "local", slot: EPOCH, startedAt: EPOCH, durationMs: 1 };
  const samples = [undefined, ...reasons].flatMap((reason) =>
    OUTCOMES.flatMap((outcome) =>
      attempts.map((attempt) => ({ ...one, attempt, outcome, ...(reason === undefined ? {} : { reason }) })),
    ),
  );
  const back = unpacked(packSamples(samples));
  expect(back).toHaveLength(samples.length);
  const textOf = ({ attempt, outcome, reason }: (typeof samples)[number] & { reason?: string }): string =>
    `${outcome} ${reason} ${attempt}`;
  expect(back.map(textOf).filter((text, i) => text !== textOf(samples[i] as never))).toEqual([]);
});

test("a block of a regular tick takes 12 bytes a sample and its names once, and stays far below 1 MB", () => {
  for (const targets of [1, 10, 100, 1000]) {
    const samples = tick(EPOCH, targets);
    const { length } = packSamples(samples);
    console.log(
      `${samples.length} samples of ${targets} targets: ${length} B, ${(length / samples.length).toFixed(2)} each`,
    );
    const namesBytes = 80 + 24 * targets;
    expect(length).toBeLessThanOrEqual(12 * samples.length + namesBytes);
    expect(packParts(samples)).toHaveLength(1);
    expect(length).toBeLessThan(MAX_BLOCK_BYTES);
  }
});

test("an hour of one target takes at most 8 bytes a sample", () => {
  const samples = Array.from({ length: 60 }, (_, minute) => tick(EPOCH + minute * 60_000, 1)).flat();
  const { length } = packSamples(samples);
  console.log(
    `an hour of a target: ${samples.length} samples, ${length} B, ${(length / samples.length).toFixed(2)} each`,
  );
  expect(length / samples.length).toBeLessThanOrEqual(8);
});

test("parts keep to their size and hold the same samples", () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 60 }), fc.integer({ min: 60, max: 600 }), (samples, maxBytes) => {
      const parts = packParts(samples, maxBytes);
      expect(parts.flatMap(unpacked)).toEqual(samples);
      for (const part of parts) expect(part.length <= maxBytes || unpacked(part).length === 1).toBe(true);
    }),
  );
});

test("arbitrary bytes are an error or samples, never a throw", () => {
  const versioned = fc.uint8Array({ maxLength: 300 }).map((rest) => Uint8Array.of(1, ...rest));
  fc.assert(
    fc.property(fc.oneof(versioned, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const result = unpackSamples(bytes);
      if (result.ok) expect(result.samples.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});

test("a block with any byte changed, or cut anywhere, is an error or well-formed samples", () => {
  const block = packSamples(tick(EPOCH, 2));
  for (let at = 0; at < block.length; at++) {
    expect(unpackSamples(block.subarray(0, at)).ok).toBe(false);
    for (const value of [0, 0x7f, 0x80, 0xff, (block[at] ?? 0) ^ 1]) {
      const result = unpackSamples(block.with(at, value));
      if (result.ok) for (const { slot, startedAt } of result.samples) expect(startedAt - slot).not.toBeNaN();
    }
  }
  expect(unpackSamples(Uint8Array.of(...block, 0))).toEqual({ ok: false, error: "damaged" });
});

test("counts that promise more than there is cost nothing", () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  for (const head of [[1], [1, 0], [1, 0, 0], [1, 1]]) {
    expect(unpackSamples(Uint8Array.of(...head, ...huge))).toEqual({ ok: false, error: "damaged" });
  }
});

test("another version is distinguished from damage", () => {
  expect(unpackSamples(packSamples([]).with(0, 2))).toEqual({ ok: false, error: "version" });
  expect(unpackSamples(new Uint8Array())).toEqual({ ok: false, error: "damaged" });
});

const sample: Sample = {
  target: "main",
  probe: "health",
  vantage: "local",
  slot: EPOCH,
  attempt: 1,
  startedAt: EPOCH + 3,
  durationMs: 12,
  outcome: "failed",
  failure: failure("timeout", false),
  steps: [],
  observations: [],
  traceId: "0af7651916cd43dd8448eb211c80319c",
};

test("a sample is reduced to what is stored, its reason included", () => {
  const { failure: _, steps: _s, observations: _o, traceId: _t, ...rest } = sample;
  expect(unpacked(packSamples([storedSample(sample)]))).toEqual([{ ...rest, reason: "timeout" }]);
});

test.each([
  ["a duration beyond the limit", { durationMs: 1e12 }, { durationMs: MAX_MS }],
  ["a duration of a clock that went back", { durationMs: -5 }, { durationMs: 0 }],
  ["a duration that is no number", { durationMs: Number.NaN }, { durationMs: 0 }],
  ["a fraction of a millisecond", { durationMs: 0.6 }, { durationMs: 1 }],
  ["a start far from its slot", { startedAt: 0 }, { startedAt: EPOCH - MAX_MS }],
  ["a start that is no number", { startedAt: Number.NaN }, { startedAt: EPOCH }],
  ["a high attempt", { attempt: 999 }, { attempt: 255 }],
])("%s is kept as the nearest that can be stored", (_, given, kept) => {
  const stored = storedSample({ ...sample, ...given });
  expect(unpacked(packSamples([stored]))).toEqual([{ ...stored, ...kept }]);
});
