import { describe, expect, it } from "vitest";
import { configOf } from "../watch-config.ts";
import { type Compared, type CostComparison, compareCost } from "./compare-cost.ts";

/** A prediction is as good as this, as a share of what was counted. */
const WITHIN = 0.1;

/** Nobody counts on a part in ten of so few. */
const FEW = 20;

const isNear = ({ estimated, counted }: Compared): boolean =>
  Math.abs(estimated - counted) <= Math.max(WITHIN * counted, FEW / 24);

function expectNear(all: readonly Compared[]): void {
  expect(all.filter((one) => !isNear(one))).toEqual([]);
}

/** What the estimate says beside a day that the real Monitor and Alerter were played. `npm run simulate -- --cost` plays a week. */
describe("the estimate of a configuration's cost, beside counted calls, rows and seconds", () => {
  it("of five targets with the shipped probes, which the free plan carries", { timeout: 600_000 }, async () => {
    const day = await compareCost(configOf({ targets: 5 }), 12, "everything");
    expectAll(day);
    expect(day.counted.healthy.most.tick).toBeLessThanOrEqual(45);
    expect(Math.max(...day.worst.map(({ counted }) => counted))).toBeLessThanOrEqual(45);
    const perDay = (hourly: number): number => hourly * 2;
    const { objectGbSeconds, objectRequests, objectRowsWritten } = day.counted.healthy;
    expect(perDay(objectGbSeconds)).toBeLessThanOrEqual(0.5 * 13_000);
    expect(perDay(objectRequests)).toBeLessThanOrEqual(0.5 * 100_000);
    expect(perDay(objectRowsWritten)).toBeLessThanOrEqual(0.5 * 100_000);
    // A tick of five targets.
    expect(objectGbSeconds / 720).toBeLessThanOrEqual(0.5);
  });

  it("of twenty targets from three vantages", { timeout: 600_000 }, async () => {
    const probes = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
    const config = configOf({ targets: 20, probes, vantages: ["weur", "enam", "apac"] });
    expectAll(await compareCost(config, 4, "everything"));
  });
});

function expectAll({ healthyHour, outageHour, worst, history }: CostComparison): void {
  expectNear(healthyHour);
  expectNear(outageHour);
  expectNear([history]);
  // What is said of the worst minute is never less than what was counted.
  expect(worst.filter(({ estimated, counted }) => estimated < counted)).toEqual([]);
}
