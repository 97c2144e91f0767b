import { describe, expect, it } from "vitest";
import { countedComparisons } from "../../check/counted-docs.ts";

/** As good as the estimate has to be. */
const WITHIN = 0.1;

const all = countedComparisons();

/** The counts are of `npm run simulate -- --cost --json`; they are too long for a test, and `config cost` may not leave them. */
describe("what config cost prints, beside what weeks of simulation counted", () => {
  it("is about all fleets of the documents", () => {
    expect(all.map(({ fleet }) => fleet.targets)).toEqual([5, 20, 1_000, 10_000]);
    expect(all.filter(({ played }) => played.hours >= 168).map(({ fleet }) => fleet.targets)).toEqual([5, 20]);
  });

  it.each(all.flatMap(({ fleet, meters }) => meters.map((one) => [fleet.name, one.meter, one] as const)))(
    "%s: %s",
    (_fleet, _meter, { day, outageHour }) => {
      for (const { estimated, counted } of [day, outageHour])
        expect(Math.abs(estimated - counted)).toBeLessThanOrEqual(WITHIN * counted);
    },
  );

  it.each(all.map(({ fleet, worst }) => [fleet.name, worst] as const))("%s: the worst minute", (_fleet, worst) => {
    expect(worst.estimated).toBeGreaterThanOrEqual(worst.counted);
  });
});
