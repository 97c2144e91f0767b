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
