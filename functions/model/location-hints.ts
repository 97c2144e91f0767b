import type { Vantage } from "./probing/vantage.ts";

/** Where an object really runs. */
export interface Place {
  /** Cloudflare's data centre, three letters as in `cf-ray`. */
  colo: string;
  /** ISO 3166 code of the colo's country; `unknown` for a colo that the table lacks. */
  country: string;
}

/** When the table below was last compared with Cloudflare's list of data centres. */
export const LOCATIONS_AS_OF = "2026-12-01";

/** Data centres by country that serve some location hints and no others. */
type Area = readonly [hints: readonly Vantage[], colos: Readonly<Record<string, string>>];

/**
 * Which data centres belong to which location hint. Cloudflare does not publish the borders of its hints, so those that lie
 * between two belong to both: only what is certainly elsewhere shall count as elsewhere.
 */
const AREAS: readonly Area[] = [
  [["wnam"], { US: "ABQ ANC HNL LAS LAX PDX PHX SAN SEA SFO SJC SLC SMF", CA: "YVR YYC" }],
  [
    ["wnam", "enam"],
    {
      US: "AUS DEN DFW FSD IAH MCI MEM MSP OKC OMA ORD SAT STL",
      CA: "YWG YXE",
      MX: "GDL MEX QRO",
    },
  ],
  [
    ["enam"],
    {
      US: "ATL BGR BNA BOS BUF CLE CLT CMH DTW EWR IAD IND JAX MIA ORF PHL PIT RDU RIC TLH TPA",
      CA: "YHZ YOW YUL YYZ",
    },
  ],
  [
    ["weur"],
    {
      BE: "BRU",
      ES: "BCN MAD",
      FR: "BOD CDG LYS MRS",
      GB: "EDI LHR MAN",
      IE: "DUB ORK",
      IS: "KEF",
      LU: "LUX",
      MT: "MLA",
      NL: "AMS",
      PT: "LIS",
    },
  ],
  [
    ["weur", "eeur"],
    {
      AT: "VIE",
      CH: "GVA ZRH",
      CZ: "PRG",
      DE: "DUS FRA HAM MUC STR TXL",
      DK: "CPH",
      FI: "HEL",
      IT: "FCO MXP PMO",
      NO: "OSL",
      PL: "WAW WRO",
      SE: "ARN GOT",
      SI: "LJU",
    },
  ],
  [
    ["eeur"],
    {
      AL: "TIA",
      BG: "SOF",
      BY: "MSQ",
      CY: "LCA",
      EE: "TLL",
      GE: "TBS",
      GR: "ATH SKG",
      HR: "ZAG",
      HU: "BUD",
      LT: "VNO",
      LV: "RIX",
      MD: "KIV",
      MK: "SKP",
      RO: "OTP",
      RS: "BEG",
      RU: "DME KJA LED SVX",
      SK: "BTS",
      TR: "ADB IST",
      UA: "KBP",
    },
  ],
  [
    ["apac", "apac-ne"],
    {
      CN: "BHY CAN CGD CGO CKG CSX CTU CZX DLC FOC FUO HAK HGH HYN JXG KHN KMG KWE PKX SHA SJW SZX TAO TEN TNA TYN XFN XIY XNN",
      JP: "FUK KIX NRT OKA",
      KR: "ICN",
      MN: "ULN",
    },
  ],
  [["apac", "apac-ne", "apac-se"], { HK: "HKG", MO: "MFM", TW: "KHH TPE" }],
  [
    ["apac", "apac-se"],
    {
      BD: "CGP DAC",
      BN: "BWN",
      BT: "PBH",
      ID: "CGK DPS JOG MLG",
      IN: "AGR AMD BLR BOM CCU CJB CNN COK DEL HYD IXC KNU MAA NAG PAT",
      KH: "PNH",
      LA: "VTE",
      LK: "CMB",
      MM: "RGN",
      MV: "MLE",
      MY: "JHB KCH KUL",
      NP: "KTM",
      PH: "CEB CGY CRK MNL",
      PK: "ISB KHI LHE",
      SG: "SIN",
      TH: "BKK CNX URT",
      VN: "DAD HAN SGN",
    },
  ],
  [["apac", "oc"], { AU: "ADL BNE CBR HBA MEL PER SYD", FJ: "SUV", GU: "GUM", NC: "NOU", NZ: "AKL CHC", PF: "PPT" }],
  // Where no vantage can be asked for: Latin America, Africa, the Middle East and Central Asia.
  [
    [],
    {
      AE: "DXB",
      AM: "EVN",
      AR: "COR EZE NQN",
      AZ: "GYD LLK",
      BB: "BGI",
      BH: "BAH",
      BO: "LPB",
      BR: "ARU BEL BNU BSB CAW CFC CGB CNF CWB FLN FOR GIG GRU GYN JDO JOI MAO NVT PMW POA QWJ RAO REC SJK SJP SOD SSA UDI VCP VIX XAP",
      BW: "GBE",
      CD: "FIH",
      CI: "ABJ ASK",
      CL: "ARI CCP SCL",
      CO: "BAQ BOG CLO MDE",
      CR: "SJO",
      DJ: "JIB",
      DO: "SDQ STI",
      DZ: "AAE ALG CZL ORN",
      EC: "GYE UIO",
      EG: "CAI",
      ET: "ADD",
      GH: "ACC",
      GT: "GUA",
      GY: "GEO",
      HN: "SAP TGU",
      IL: "HFA TLV",
      IQ: "BGW BSR EBL ISU NJF XNH",
      JM: "KIN",
      JO: "AMM",
      KE: "MBA NBO",
      KG: "FRU",
      KW: "KWI",
      KZ: "AKX ALA NQZ",
      LB: "BEY",
      MG: "TNR",
      MU: "MRU",
      MZ: "MPM",
      NG: "LOS",
      OM: "MCT",
      PA: "PTY",
      PE: "LIM",
      PR: "SJU",
      PY: "ASU",
      QA: "DOH",
      RE: "RUN",
      RW: "KGL",
      SA: "DMM JED RUH",
      SN: "DKR",
      SR: "PBM",
      TN: "TUN",
      TT: "POS",
      TZ: "DAR",
      UG: "EBB",
      ZA: "CPT DUR JNB",
      ZM: "LUN",
      ZW: "HRE",
    },
  ],
];

const BY_COLO: ReadonlyMap<string, { country: string; hints: readonly Vantage[] }> = new Map(
  AREAS.flatMap(([hints, countries]) =>
    Object.entries(countries).flatMap(([country, colos]) =>
      colos.split(" ").map((colo) => [colo, { country, hints }] as const),
    ),
  ),
);

/** The place of a colo. */
export const placeOfColo = (colo: string): Place => ({ colo, country: BY_COLO.get(colo)?.country ?? "unknown" });

/** Whether an object that was asked for near `vantage` runs elsewhere. A colo that the table lacks is not elsewhere. */
export function isMisplaced(vantage: Vantage, { colo }: Place): boolean {
  const known = BY_COLO.get(colo);
  return known !== undefined && !known.hints.includes(vantage);
}

/** Where a prober of a vantage runs, for people: `in FRA (DE)`. */
export function formatPlace(vantage: Vantage, place: Place): string {
  const country = place.country === "unknown" ? "country unknown" : place.country;
  return `in ${place.colo} (${country})${isMisplaced(vantage, place) ? `, not near ${vantage} as asked` : ""}`;
}
