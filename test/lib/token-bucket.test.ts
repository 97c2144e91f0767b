import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bucket, takeToken } from "../../functions/lib/token-bucket.ts";

const RATE = { perMinute: 6, burst: 3 };
const T0 = 1_790_000_000_000;

test("takeToken() gives a burst at once, then one token in its time, and says when", () => {
  let bucket: Bucket | undefined;
  const take = (at: number) => {
    const { bucket: left, ...taken } = takeToken(bucket, RATE, at);
    bucket = left;
    return taken;
  };
  for (let i = 0; i < 3; i++) expect(take(T0)).toEqual({ ok: true });
  expect(take(T0)).toEqual({ ok: false, retryAfterMs: 10_000 });
  expect(take(T0 + 4_000)).toEqual({ ok: false, retryAfterMs: 6_000 });
  expect(take(T0 + 10_000)).toEqual({ ok: true });
  expect(take(T0 + 3_600_000)).toEqual({ ok: true });
  expect(bucket?.tokens).toBe(2);
});

test("takeToken() never gives more than the burst and the rate allow, whatever the clock does", () => {
  const steps = fc.array(fc.integer({ min: -120_000, max: 120_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      let bucket: Bucket | undefined;
      let now = T0;
      let forwardMs = 0;
      let given = 0;
      for (const step of all) {
        now += step;
        forwardMs += Math.max(0, step);
        const taken = takeToken(bucket, RATE, now);
        bucket = taken.bucket;
        if (taken.ok) given++;
        else expect(takeToken(bucket, RATE, now + taken.retryAfterMs).ok).toBe(true);
      }
      expect(given).toBeLessThanOrEqual(RATE.burst + (forwardMs * RATE.perMinute) / 60_000 + 1e-6);
    }),
  );
});
