import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addedSince, type Total } from "../../../functions/evaluate/reported/added-since.ts";

const counts = fc.array(fc.nat(50), { minLength: 3, maxLength: 3 });
const total = fc.record({
  counts,
  sum: fc.nat(1_000),
  since: fc.option(
    fc.nat(3).map((n) => n * 600_000),
    { nil: undefined },
  ),
});
const clean = ({ since, ...rest }: { counts: number[]; sum: number; since: number | undefined }): Total =>
  since === undefined ? rest : { ...rest, since };
const hearing = fc.record({ ordered: fc.boolean(), lastSeenAt: fc.nat(2_000_000), wholeIsNew: fc.boolean() });

const MINUTE = 60_000;
const SEEN = 100 * MINUTE;

/** A counter's total, or a histogram's counts. */
const of = (counts: number | number[], over: Partial<Total> = {}): Total =>
  typeof counts === "number" ? { counts: [counts], sum: 0, ...over } : { counts, sum: 10, ...over };

describe("by its rules", () => {
  const all = (count: number) => ({ kind: "added", counts: [count], sum: 0 });
  const rebased = { kind: "rebased" };
  const stale = { kind: "stale" };
  const [was, later] = [of(5, { since: MINUTE }), SEEN + MINUTE];

  it.each<[string, Total | undefined, Total, { scraped: unknown; pushed: unknown }]>([
    ["a first one is where counting begins", undefined, of(7), { scraped: rebased, pushed: rebased }],
    [
      "a first one with an unknown start adds nothing",
      undefined,
      of(7, { since: later, unknownStart: true }),
      { scraped: all(0), pushed: all(0) },
    ],
    ["more with the same start", was, of(8, { since: MINUTE }), { scraped: all(3), pushed: all(3) }],
    ["more without a start", of(5), of(8), { scraped: all(3), pushed: all(3) }],
    ["more, with a start only now", of(5), of(8, { since: MINUTE }), { scraped: all(3), pushed: all(3) }],
    ["more, with a start only before", was, of(8), { scraped: all(3), pushed: all(3) }],
    ["less without a start began again", of(5), of(2), { scraped: all(2), pushed: all(2) }],
    ["less, with a start only now", of(5), of(2, { since: MINUTE }), { scraped: all(2), pushed: all(2) }],
    ["less, with a start only before", was, of(2), { scraped: all(2), pushed: all(2) }],
    [
      "less without a start, measured before the last one",
      of(5, { at: 2 * MINUTE }),
      of(2, { at: MINUTE }),
      { scraped: stale, pushed: stale },
    ],
    ["less with the same start", was, of(2, { since: MINUTE }), { scraped: rebased, pushed: stale }],
    [
      "less with the same start, measured later",
      of(5, { since: MINUTE, at: 2 * MINUTE }),
      of(2, { since: MINUTE, at: 3 * MINUTE }),
      { scraped: rebased, pushed: rebased },
    ],
    [
      "less with the same start, measured before",
      of(5, { since: MINUTE, at: 3 * MINUTE }),
      of(2, { since: MINUTE, at: 2 * MINUTE }),
      { scraped: stale, pushed: stale },
    ],
    ["a start after the last report", was, of(8, { since: later }), { scraped: all(8), pushed: all(8) }],
    ["a later start before the last report", was, of(8, { since: 9 * MINUTE }), { scraped: rebased, pushed: all(8) }],
    ["an earlier start", of(5, { since: 9 * MINUTE }), of(8, { since: MINUTE }), { scraped: rebased, pushed: stale }],
    [
      "a later start that is unknown adds nothing",
      was,
      of(8, { since: later, unknownStart: true }),
      { scraped: all(0), pushed: all(0) },
    ],
  ])("%s", (_, before, now, { scraped, pushed }) => {
    const context = { lastSeenAt: SEEN, wholeIsNew: false };
    expect(addedSince(before, now, { ...context, ordered: true })).toEqual(scraped);
    expect(addedSince(before, now, { ...context, ordered: false })).toEqual(pushed);
  });

  it("counts that have moved to higher buckets add what there is more", () => {
    const context = { lastSeenAt: SEEN, wholeIsNew: false, ordered: true };
    const [from, to] = [of([4, 2, 0], { since: MINUTE }), of([1, 5, 1], { since: MINUTE, sum: 14 })];
    expect(addedSince(from, to, context)).toEqual({ kind: "added", counts: [0, 0, 1], sum: 4 });
  });
});

describe("what a total adds", () => {
  it("is never below 0 and never more than the total, bucket by bucket", () => {
    fc.assert(
      fc.property(fc.option(total, { nil: undefined }), total, hearing, (was, now, how) => {
        const added = addedSince(was === undefined ? undefined : clean(was), clean(now), how);
        if (added.kind !== "added") return;
        expect(added.sum).toBeGreaterThanOrEqual(0);
        added.counts.forEach((count, i) => {
          expect(count).toBeGreaterThanOrEqual(0);
          expect(count).toBeLessThanOrEqual(now.counts[i] ?? 0);
        });
      }),
    );
  });

  it("is nothing if the same total comes again, in or out of order", () => {
    fc.assert(
      fc.property(total, hearing, (same, how) => {
        const added = addedSince(clean(same), clean(same), how);
        expect(added).toEqual({ kind: "added", counts: [0, 0, 0], sum: 0 });
      }),
    );
  });

  it("sums up to what a histogram counted over all of its lives, but for what nobody saw", () => {
    const life = fc.array(counts, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 4 }), fc.boolean(), (lives, ordered) => {
        const seen = [0, 0, 0];
        const truth = [0, 0, 0];
        let was: Total | undefined;
        let now = 0;
        for (const scrapes of lives) {
          now += 600_000;
          const since = now;
          let at = [0, 0, 0];
          for (const more of scrapes) {
            at = at.map((count, i) => count + (more[i] ?? 0));
            more.forEach((n, i) => {
              truth[i] = (truth[i] ?? 0) + n;
            });
            const reported = { counts: at, sum: at.reduce((a, b) => a + b, 0), since };
            const added = addedSince(was, reported, { ordered, lastSeenAt: now, wholeIsNew: true });
            if (added.kind === "added")
              added.counts.forEach((n, i) => {
                seen[i] = (seen[i] ?? 0) + n;
              });
            was = reported;
            now += 60_000;
          }
        }
        expect(seen).toEqual(truth);
      }),
    );
  });
});
