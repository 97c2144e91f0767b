import * as fc from "fast-check";
import { reasons } from "../../../functions/model/probing/failure.ts";
import { OUTCOMES } from "../../../functions/model/probing/sample.ts";
import type { StoredSample } from "../../../functions/store/history/sample-block.ts";

const MAX_MS = 2 ** 24 - 1;

/** 2030-01-01T00:00:00Z, a full hour. */
export const EPOCH = 1_893_456_000_000;

const name = fc.oneof(
  fc.constantFrom("a", "b", "transport.upload", "local", "__proto__", "constructor", "", "\u{feff}bom", "naïve 目标"),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);

/** Any sample that survives packing unchanged. */
export const anySample: fc.Arbitrary<StoredSample> = fc
  .record(
    {
      target: name,
      probe: name,
      vantage: name,
      slot: fc.oneof(
        fc.integer({ min: 0, max: 200 }).map((n) => EPOCH + n * 10_000),
        fc.integer({ min: 0, max: 2 ** 50 }),
      ),
      attempt: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 255 })),
      lag: fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: -MAX_MS, max: MAX_MS })),
      durationMs: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: MAX_MS })),
      outcome: fc.constantFrom(...OUTCOMES),
      reason: fc.constantFrom(...reasons),
    },
    { requiredKeys: ["target", "probe", "vantage", "slot", "attempt", "lag", "durationMs", "outcome"] },
  )
  .map(({ lag, ...sample }) => ({ ...sample, startedAt: sample.slot + lag }));

const PROBES = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
const VANTAGES = ["weur", "enam", "apac"];

/** A regular tick: every target with 5 probes from 3 vantages, one in 50 runs failed. */
export function tick(slot: number, targets: number): StoredSample[] {
  const samples: StoredSample[] = [];
  for (let target = 0; target < targets; target++) {
    for (const probe of PROBES) {
      for (const vantage of VANTAGES) {
        const n = samples.length + slot / 10_000;
        const sample: StoredSample = {
          target: `customer-${target}.eu-central`,
          probe,
          vantage,
          slot,
          attempt: 0,
          startedAt: slot + ((n * 7919) % 45_000),
          durationMs: 20 + ((n * 104_729) % 900),
          outcome: n % 50 === 0 ? "failed" : "ok",
        };
        if (sample.outcome === "failed") sample.reason = "rpc_unavailable";
        samples.push(sample);
      }
    }
  }
  return samples;
}

/** Packed form aside, what names a sample. */
export const sampleKey = ({ target, probe, vantage, slot, attempt }: StoredSample): string =>
  JSON.stringify([target, probe, vantage, slot, attempt]);
