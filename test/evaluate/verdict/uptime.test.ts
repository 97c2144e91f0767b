import fc from "fast-check";
import { expect, it } from "vitest";
import { uptimeOf } from "../../../functions/evaluate/verdict/uptime.ts";
import { joined, overlapMs, type Span, without } from "../../../functions/lib/time-spans.ts";

const END = 60;
const span = fc.tuple(fc.nat(END), fc.nat(END)).map(([a, b]): Span => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const spans = fc.array(span, { maxLength: 6 });
const moments = Array.from({ length: END }, (_, i) => i);
const covers = (all: readonly Span[], at: number): boolean => all.some(({ from, to }) => from <= at && at < to);
const lengthOf = (all: readonly Span[]): number => all.reduce((sum, { from, to }) => sum + to - from, 0);

it("joins, subtracts and intersects stretches as if each moment were looked at", () => {
  fc.assert(
    fc.property(span, spans, spans, (one, some, others) => {
      const few = joined(some);
      expect(moments.filter((at) => covers(few, at))).toEqual(moments.filter((at) => covers(some, at)));
      expect(few.every(({ from, to }, i) => from < to && (few[i + 1]?.from ?? Number.POSITIVE_INFINITY) > to)).toBe(
        true,
      );
      const left = without(one, some);
      expect(moments.filter((at) => covers(left, at))).toEqual(
        moments.filter((at) => covers([one], at) && !covers(some, at)),
      );
      expect(overlapMs(some, others)).toBe(moments.filter((at) => covers(some, at) && covers(others, at)).length);
    }),
  );
});

it("counts what is watched, known and not planned, and of that what was down", () => {
  fc.assert(
    fc.property(span, fc.nat(END), spans, spans, spans, (asked, watchedSince, down, unknown, planned) => {
      const { ratio, downMs, countedMs } = uptimeOf({ span: asked, watchedSince, down, unknown, planned });
      const counts = (at: number): boolean =>
        covers([asked], at) && at >= watchedSince && !covers(planned, at) && (!covers(unknown, at) || covers(down, at));
      const counted = moments.filter(counts);
      const bad = counted.filter((at) => covers(down, at));
      expect([countedMs, downMs]).toEqual([counted.length, bad.length]);
      expect(ratio).toBe(counted.length === 0 ? undefined : 1 - bad.length / counted.length);
      expect(countedMs).toBeLessThanOrEqual(lengthOf([asked]));
    }),
  );
});
