import fc from "fast-check";
import { expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../functions/lib/time-units.ts";
import { isMisplaced, placeOfColo } from "../../../functions/model/location-hints.ts";
import { asksPlace, FIRST_PROBER, placeProber } from "../../../functions/monitor/probers/place-prober.ts";

const NOW = Date.UTC(2030, 0, 1);

it("keeps a prober that runs where it was asked for, and asks again after a day", () => {
  expect(asksPlace(FIRST_PROBER, NOW)).toBe(true);
  const { prober, change } = placeProber(FIRST_PROBER, "weur", placeOfColo("FRA"), NOW);
  expect(change).toBe("seen");
  expect(prober).toEqual({ generation: 1, place: { colo: "FRA", country: "DE" }, askedAt: NOW });
  expect(asksPlace(prober, NOW + DAY_MS - 1)).toBe(false);
  expect(asksPlace(prober, NOW + DAY_MS)).toBe(true);
  expect(placeProber(prober, "weur", placeOfColo("FRA"), NOW + DAY_MS).change).toBe("none");
});

it("keeps a prober that cannot find out, and asks again after an hour", () => {
  const { prober, change } = placeProber(FIRST_PROBER, "weur", undefined, NOW);
  expect({ prober, change }).toEqual({ prober: { generation: 1, askedAt: NOW }, change: "none" });
  expect(asksPlace(prober, NOW + HOUR_MS - 1)).toBe(false);
  expect(asksPlace(prober, NOW + HOUR_MS)).toBe(true);
});

it("does not forget a place that it once knew because it cannot be found out now", () => {
  const known = placeProber(FIRST_PROBER, "weur", placeOfColo("FRA"), NOW).prober;
  expect(placeProber(known, "weur", undefined, NOW + DAY_MS).prober.place?.colo).toBe("FRA");
});

it("replaces a prober that runs elsewhere at once, and its successor a day later at the earliest", () => {
  const first = placeProber(FIRST_PROBER, "apac", placeOfColo("LAX"), NOW);
  expect(first).toEqual({ prober: { generation: 2, remadeAt: NOW }, change: "remade" });
  // The new one is asked with its first batch.
  expect(asksPlace(first.prober, NOW)).toBe(true);
  const second = placeProber(first.prober, "apac", placeOfColo("SJC"), NOW + MINUTE_MS);
  expect(second.change).toBe("misplaced");
  expect(second.prober).toMatchObject({ generation: 2, place: { colo: "SJC", country: "US" } });
  expect(placeProber(second.prober, "apac", placeOfColo("SJC"), NOW + DAY_MS - 1).change).toBe("none");
  expect(placeProber(second.prober, "apac", placeOfColo("SJC"), NOW + DAY_MS)).toEqual({
    prober: { generation: 3, remadeAt: NOW + DAY_MS },
    change: "remade",
  });
});

it("whatever probers answer, makes at most one a day, leaves what is right, and asks at most once an hour", () => {
  const answers = fc.array(
    fc.tuple(fc.constantFrom("FRA", "LAX", "SIN", "ZZZ", undefined), fc.nat({ max: 2 * DAY_MS })),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(answers, fc.constantFrom("weur", "wnam", "apac"), (all, vantage) => {
      let prober = FIRST_PROBER;
      let now = NOW;
      let remadeAt = Number.NEGATIVE_INFINITY;
      let askedAt = Number.NEGATIVE_INFINITY;
      for (const [colo, laterMs] of all) {
        now += laterMs;
        if (!asksPlace(prober, now)) continue;
        if (askedAt !== Number.NEGATIVE_INFINITY && remadeAt !== askedAt)
          expect(now - askedAt).toBeGreaterThanOrEqual(HOUR_MS);
        askedAt = now;
        const place = colo === undefined ? undefined : placeOfColo(colo);
        const next = placeProber(prober, vantage, place, now);
        if (next.change === "remade") {
          expect(place !== undefined && isMisplaced(vantage, place)).toBe(true);
          expect(now - remadeAt).toBeGreaterThanOrEqual(DAY_MS);
          remadeAt = now;
        }
        expect(next.prober.generation - prober.generation).toBe(next.change === "remade" ? 1 : 0);
        prober = next.prober;
      }
    }),
  );
});
