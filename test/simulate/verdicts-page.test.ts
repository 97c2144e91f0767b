import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Row } from "./results.ts";
import { SCENARIOS } from "./scenarios.ts";
import { verdictsPage } from "./verdicts-page.ts";

const ROW: Row = {
  scenario: "refused",
  prober: "zako-watch",
  seed: 1,
  days: 4,
  outages: 100,
  missed: 0,
  falsePages: 0,
  falseWarnings: 0,
  doubled: 0,
  doubledUnknown: 2,
  unresolved: 0,
  toldAfterMend: 0,
  escalationsAfterMend: 0,
  mostMessages: 2,
  slowBurn: 0,
  latencyWarnings: 0,
  lateDeliveries: 0,
  detectionP50Ms: 30_000,
  detectionP99Ms: 60_000,
  detectionWorstMs: 62_000,
  overP50Ms: 38_000,
  overP99Ms: 45_000,
  overWorstMs: 45_000,
  durationErrorMs: 53_000,
  endErrorMs: 15_000,
  rowsWritten: 1_000,
  ticks: 5_760,
  cpuMsPerTick: 2,
  broken: [],
};

it("sums seeds, and shows the worst of their delays", () => {
  const page = verdictsPage([ROW, { ...ROW, seed: 2, missed: 1, overP99Ms: 51_000, broken: ["missed: 1"] }]);
  expect(page).toContain(
    "| `refused` | zako-watch | 200 | 1 | 0 | 0 | 0 | 0 (4) | 2 | 30 s / 60 s | 38 s / 51 s | 53 s |",
  );
  expect(page).toContain("- `refused`, seed 2: missed: 1");
});

it("is checked in, with every scenario that there is", () => {
  const page = readFileSync("docs/verdicts.md", "utf8");
  for (const { name, about } of SCENARIOS) expect(page).toContain(`- \`${name}\`: ${about}`);
});
