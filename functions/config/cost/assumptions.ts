/** What a cost rests on that no configuration says. */
export interface Assumptions {
  /** One call and its answer while all is well, ms. */
  roundTripMs: number;
  /** How often something reads `/metrics`, times a minute. */
  scrapesPerMinute: number;
  /** How long a good run of a kind takes, ms; undefined: a round trip for each of its calls. */
  runMs?: (kind: string) => number | undefined;
}

export const USUAL: Assumptions = { roundTripMs: 80, scrapesPerMinute: 1 };
