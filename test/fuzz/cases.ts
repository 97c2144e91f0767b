import { afterAll, inject } from "vitest";

/**
 * How many cases a fuzz test tries: a few as part of all tests, as many as `FUZZ_RUNS` says in a long run. What was tried
 * is printed at the end of the file, a line per surface that `test/e2e/fuzz.ts` reads.
 */
export class Cases {
  readonly #tried = new Map<string, number>();

  constructor() {
    afterAll(() => {
      for (const [surface, tried] of this.#tried) console.log(`fuzz: ${surface}: ${tried} cases`);
    });
  }

  /** The number of runs of a property, `few` unless told otherwise. */
  runs(few: number): number {
    return inject("fuzzRuns") || few;
  }

  /** One case of a surface was tried. */
  count(surface: string): void {
    this.#tried.set(surface, (this.#tried.get(surface) ?? 0) + 1);
  }
}
