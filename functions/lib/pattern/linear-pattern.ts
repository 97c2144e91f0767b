import type { PatternNode } from "./parse-pattern.ts";
import { patternProgram } from "./pattern-program.ts";
import { PatternRun } from "./pattern-run.ts";

/** Matches whole texts in time proportional to their length, for any pattern and text. */
export class LinearPattern {
  readonly #node: PatternNode;
  #run: PatternRun | undefined;

  /** `node`: of a checked size. The program is built when the first text is matched. */
  constructor(node: PatternNode) {
    this.#node = node;
  }

  /** Whether the whole text matches. */
  test(text: string): boolean {
    this.#run ??= new PatternRun(patternProgram(this.#node));
    return this.#run.test(text);
  }
}
