import fc from "fast-check";
import { expect, it } from "vitest";
import { type Reason, reasons } from "../../../functions/model/probing/failure.ts";
import {
  newVantageState,
  STATES,
  type VantageState,
  type Verdict,
  VOTE_OUTCOMES,
  type Vote,
} from "../../../functions/model/probing/verdict.ts";
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

const ATTEMPTS = Array.from({ length: 256 }, (_, attempt) => attempt);
const BOOLEANS = [false, true];
const ringEnds = [0, 1, 0x8000, 0xffff];
const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The value as it comes back, in the order of the keys of `value`. */
const withKeysOf = <T extends object>(value: T, read: T): object =>
  Object.fromEntries(
    [...new Set([...Object.keys(value), ...Object.keys(read)])].map((key) => [key, Reflect.get(read, key)]),
  );

it("keeps every vote: each reason with each outcome, attempt and proof of recovery", () => {
  const values = new Float64Array(VANTAGE_STATE_FAMILY.width);
  const wrong: Vote[] = [];
  let votes = 0;
  for (const reason of [undefined, ...reasons] satisfies (Reason | undefined)[])
    for (const outcome of VOTE_OUTCOMES)
      for (const recovers of [undefined, false] as const)
        for (const attempt of ATTEMPTS) {
          const vote: Vote = { vantage: "weur", slot: 60_000, attempt, outcome };
          if (reason !== undefined) vote.reason = reason;
          if (recovers !== undefined) vote.recovers = recovers;
          writeVantageState(values, 0, { ...newVantageState("weur"), vote });
          const read = readVantageState(values, 0, "weur").vote;
          votes++;
          if (read === undefined || !same(vote, withKeysOf(vote, read))) wrong.push(vote);
        }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(votes).toBe((reasons.length + 1) * 3 * 2 * 256);
});

it("keeps every state with each of its flags and attempts", () => {
  const values = new Float64Array(VERDICT_FAMILY.width);
  const times = { since: 1, lastSlot: 2, askedAt: 3, failingSince: 4, recoveringSince: 5 };
  const wrong: Verdict[] = [];
  for (const state of STATES)
    for (let flags = 0; flags < 32; flags++)
      for (const lastAttempt of ATTEMPTS) {
        const [incidentOpen, skipped, blocked, unreachable, critical] = [1, 2, 4, 8, 16].map(
          (bit) => (flags & bit) !== 0,
        );
        const rings = { ring: 0xffff, degradedRing: 1, ringLength: 16 };
        const given = { state, incidentOpen, skipped, blocked, unreachable, critical, lastAttempt, ...rings, ...times };
        writeVerdict(values, 0, given as Verdict);
        if (!same(given, withKeysOf(given, readVerdict(values, 0)))) wrong.push(given as Verdict);
      }
  expect(wrong.slice(0, 5)).toEqual([]);
});

it("keeps every streak of a vantage, with each length and flag", () => {
  const values = new Float64Array(VANTAGE_STATE_FAMILY.width);
  const wrong: VantageState[] = [];
  for (const ring of ringEnds)
    for (let ringLength = 0; ringLength <= 16; ringLength++)
      for (const failing of BOOLEANS)
        for (const inIncident of BOOLEANS) {
          const given = { vantage: "weur", skippedSlot: 7, ring, ringLength, failing, inIncident };
          writeVantageState(values, 0, given);
          if (!same(given, withKeysOf(given, readVantageState(values, 0, "weur")))) wrong.push(given);
        }
  expect(wrong).toEqual([]);
});
