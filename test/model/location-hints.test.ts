import { expect, it } from "vitest";
import { isMisplaced, placeOfColo } from "../../functions/model/location-hints.ts";
import { REGIONS } from "../../functions/model/probing/vantage.ts";

/** Where Durable Objects of each hint are known to run. */
const RIGHT: Readonly<Record<(typeof REGIONS)[number], string>> = {
  wnam: "LAX SJC SEA DEN DFW",
  enam: "EWR IAD ATL MIA ORD",
  weur: "AMS CDG FRA LHR MAD MRS MXP",
  eeur: "VIE WAW SOF MXP",
  apac: "SIN HKG KIX NRT ICN",
  "apac-ne": "NRT KIX ICN HKG",
  "apac-se": "SIN KUL CGK HKG",
  oc: "SYD MEL AKL",
};

it("knows every region that can be asked for, and takes nothing there for elsewhere", () => {
  for (const region of REGIONS)
    for (const colo of RIGHT[region].split(" "))
      expect([region, colo, isMisplaced(region, placeOfColo(colo))]).toEqual([region, colo, false]);
});

it.each([
  ["weur", "EWR"],
  ["weur", "SOF"],
  ["eeur", "LHR"],
  ["wnam", "IAD"],
  ["enam", "LAX"],
  ["apac", "LAX"],
  ["apac-ne", "SIN"],
  ["apac-se", "NRT"],
  ["oc", "SIN"],
  ["oc", "GRU"],
  ["weur", "JNB"],
])("knows that %s is not where %s is", (region, colo) => expect(isMisplaced(region, placeOfColo(colo))).toBe(true));

it("calls no colo elsewhere that it does not know", () => {
  expect(placeOfColo("ZZZ")).toEqual({ colo: "ZZZ", country: "unknown" });
  for (const region of REGIONS) expect(isMisplaced(region, placeOfColo("ZZZ"))).toBe(false);
});

it("says in which country a colo is", () =>
  expect(["LAX", "YYZ", "FRA", "HKG"].map((colo) => placeOfColo(colo).country)).toEqual(["US", "CA", "DE", "HK"]));
