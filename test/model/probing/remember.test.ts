import fc from "fast-check";
import { expect, it } from "vitest";
import { EMPTY_MEMORY, type MemoryPatch } from "../../../functions/model/probing/memory.ts";
import { joinPatches, remember } from "../../../functions/model/probing/remember.ts";

const DAY_MS = 86_400_000;
const NOW = 20_000 * DAY_MS;

const fact = fc.record(
  {
    probe: fc.constantFrom("p", "q"),
    period: fc.integer({ min: 1, max: 4 }),
    sizeBytes: fc.constant(64),
    attemptedAt: fc.integer({ min: 1, max: 50 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    committedAt: fc.integer({ min: 1, max: 50 }),
    readAt: fc.integer({ min: 1, max: 50 }),
  },
  { requiredKeys: ["probe", "period", "sizeBytes", "attemptedAt"] },
);

it("remembers the facts of a slot alike in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 6 }), fc.integer({ min: 0, max: 5 }), (facts, turn) => {
      const one = remember(EMPTY_MEMORY, { canaries: facts }, NOW);
      const turned = [...facts.slice(turn), ...facts.slice(0, turn)];
      const other = turned.reduce((memory, one) => remember(memory, { canaries: [one] }, NOW), EMPTY_MEMORY);
      const task = (memory: typeof one) =>
        memory.canaries.map((canary) => JSON.stringify(canary, Object.keys(canary).sort())).sort();
      expect(task(other)).toEqual(task(one));
    }),
  );
});

/** Two probes whose canaries of one period end up with the same time of their first attempt. */
const TIED: [MemoryPatch, MemoryPatch] = [
  {
    canaries: [
      { probe: "q", period: 2, sizeBytes: 64, attemptedAt: 35 },
      { probe: "p", period: 2, sizeBytes: 64, attemptedAt: 34 },
    ],
  },
  { canaries: [{ probe: "q", period: 2, sizeBytes: 64, attemptedAt: 34 }] },
];

it("joins patches as if they had come one after the other", () => {
  const patch: fc.Arbitrary<MemoryPatch> = fc.record(
    {
      token: fc.constantFrom("a", "b"),
      bidiWorked: fc.constant(true as const),
      canaries: fc.array(fact, { maxLength: 3 }),
      writtenBytes: fc.nat(9),
      tokens: fc.nat(9),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(patch, patch, (first, second) => {
      const apart = remember(remember(EMPTY_MEMORY, first, NOW), second, NOW);
      expect(remember(EMPTY_MEMORY, joinPatches(first, second), NOW)).toEqual(apart);
    }),
    { examples: [TIED] },
  );
});

it("counts what was spent by UTC day", () => {
  const spent = remember(EMPTY_MEMORY, { writtenBytes: 10, tokens: 1 }, NOW);
  expect(remember(spent, { writtenBytes: 5 }, NOW + DAY_MS - 1).spent).toEqual({
    day: 20_000,
    writtenBytes: 15,
    tokens: 1,
  });
  expect(remember(spent, { tokens: 2 }, NOW + DAY_MS).spent).toEqual({ day: 20_001, writtenBytes: 0, tokens: 2 });
});

it("keeps the first loss until the canary is read again", () => {
  const lost = [{ lostAt: 30 }, { lostAt: 40 }].reduce(
    (memory, facts) => remember(memory, { canaries: [{ probe: "p", period: 1, ...facts }] }, NOW),
    remember(EMPTY_MEMORY, { canaries: [{ probe: "p", period: 1, sizeBytes: 64, committedAt: 20 }] }, NOW),
  );
  expect(lost.canaries[0]?.lostAt).toBe(30);
  const again = remember(lost, { canaries: [{ probe: "p", period: 1, readAt: 50 }] }, NOW);
  expect(remember(again, { canaries: [{ probe: "p", period: 1, lostAt: 60 }] }, NOW).canaries[0]?.lostAt).toBe(60);
});

it("forgets what it knew of a canary whose size was changed, for that is another blob", () => {
  const before = remember(
    EMPTY_MEMORY,
    { canaries: [{ probe: "p", period: 1, sizeBytes: 64, committedAt: 20, digest: "d" }] },
    NOW,
  );
  const after = remember(
    before,
    { canaries: [{ probe: "p", period: 1, sizeBytes: 128, attemptedAt: 30, attempts: 1 }] },
    NOW,
  );
  expect(after.canaries).toEqual([{ probe: "p", period: 1, sizeBytes: 128, attemptedAt: 30, attempts: 1 }]);
});
