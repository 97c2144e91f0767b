import type { PatternNode } from "./parse-pattern.ts";
import { patternProgram } from "./pattern-program.ts";
import { PatternRun } from "./pattern-run.ts";

/** A pattern that is held against whole texts in time proportional to the text's length, whatever pattern and text are. */
export class LinearPattern {
  readonly #node: PatternNode;
  #run: PatternRun | undefined;

  /** `node`: of a checked size. Nothing is built before the first text comes. */
  constructor(node: PatternNode) {
    this.#node = node;
  }

  /** Whether the whole text matches. */
  test(text: string): boolean {
    this.#run ??= new PatternRun(patternProgram(this.#node));
    return this.#run.test(text);
  }
}
