import fc from "fast-check";
import { expect, it } from "vitest";
import { STATES, type VantageState, type Verdict } from "../../../functions/model/probing/verdict.ts";
import {
  readVantageState,
  readVerdict,
  VANTAGE_STATE_FAMILY,
  VERDICT_FAMILY,
  writeVantageState,
  writeVerdict,
} from "../../../functions/monitor/tick/verdict-columns.ts";

const slot = fc.integer({ min: 1, max: 4_000_000_000_000 });
const ring = fc.nat(0xffff);
const verdict: fc.Arbitrary<Verdict> = fc.record({
  state: fc.constantFrom(...STATES),
  since: slot,
  incidentOpen: fc.boolean(),
  skipped: fc.boolean(),
  blocked: fc.boolean(),
  unreachable: fc.boolean(),
  critical: fc.boolean(),
  ring,
  ringLength: fc.nat(16),
  degradedRing: ring,
  lastSlot: slot,
  lastAttempt: fc.nat(255),
  askedAt: slot,
  failingSince: slot,
  recoveringSince: slot,
});
const vantageState: fc.Arbitrary<VantageState> = fc.record({
  vantage: fc.constant("weur"),
  skippedSlot: slot,
  ring,
  ringLength: fc.nat(16),
  failing: fc.boolean(),
  inIncident: fc.boolean(),
});

it("keeps every verdict and every vantage state, whatever is stored beside them", () => {
  fc.assert(
    fc.property(verdict, vantageState, fc.nat(8), (of, one, offset) => {
      const values = new Float64Array(offset + 15).fill(Number.NaN);
      writeVerdict(values, offset, of);
      writeVantageState(values, offset + VERDICT_FAMILY.width, one);
      expect(readVerdict(values, offset)).toEqual(of);
      expect(readVantageState(values, offset + VERDICT_FAMILY.width, "weur")).toEqual(one);
      expect(values.slice(offset + VERDICT_FAMILY.width + VANTAGE_STATE_FAMILY.width).every(Number.isNaN)).toBe(true);
    }),
  );
});
