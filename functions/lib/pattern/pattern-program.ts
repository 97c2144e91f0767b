import type { CodePointSet } from "./code-point-set.ts";
import type { PatternNode } from "./parse-pattern.ts";
import { ASSERTION, CHARACTER, END, FORK, type PatternProgram, PLACES } from "./pattern-run.ts";

/** Maximum number of steps of a tree's program, without its end. The time per character is at most proportional to it. */
export function programSize(node: PatternNode): number {
  switch (node.kind) {
    case "character":
    case "assertion":
      return 1;
    case "sequence":
      return node.parts.reduce((sum, part) => sum + programSize(part), 0);
    case "choice":
      return node.branches.reduce((sum, branch) => sum + programSize(branch) + 1, -1);
    case "repeat": {
      // Empty parts count too, so that repeats of them are limited as well.
      const size = Math.max(1, programSize(node.of));
      if (node.max === Number.POSITIVE_INFINITY) return Math.max(1, node.min) * size + 1;
      return node.min * size + (node.max - node.min) * (size + 1);
    }
  }
}

/** Compiles a tree whose size was checked. */
export function patternProgram(node: PatternNode): PatternProgram {
  const writer = new ProgramWriter();
  const end = writer.add(END, 0, 0);
  const first = writer.write(node, end);
  const { kinds, next, detail, sets } = writer;
  return { first, kinds: Uint8Array.from(kinds), next: Int32Array.from(next), detail: Int32Array.from(detail), sets };
}

class ProgramWriter {
  readonly kinds: number[] = [];
  readonly next: number[] = [];
  readonly detail: number[] = [];
  readonly sets: { set: CodePointSet; folds: boolean }[] = [];
  readonly #setNumbers = new Map<string, number>();

  /** Adds one step and returns its number. */
  add(kind: number, next: number, detail: number): number {
    this.next.push(next);
    this.detail.push(detail);
    return this.kinds.push(kind) - 1;
  }

  /** Adds the steps of a node that continue at `next`, and returns where they start. */
  write(node: PatternNode, next: number): number {
    switch (node.kind) {
      case "character":
        return this.add(CHARACTER, next, this.#numberOf(node.set, node.folds));
      case "assertion":
        return this.add(ASSERTION, next, PLACES.indexOf(node.place));
      case "sequence":
        return node.parts.reduceRight((after, part) => this.write(part, after), next);
      case "choice":
        return node.branches
          .map((branch) => this.write(branch, next))
          .reduceRight((other, one) => this.add(FORK, one, other));
      case "repeat":
        return this.#writeRepeat(node, next);
    }
  }

  #writeRepeat({ of, min, max }: PatternNode & { kind: "repeat" }, next: number): number {
    let entry = next;
    let copies = min;
    if (max === Number.POSITIVE_INFINITY) {
      const fork = this.add(FORK, next, next);
      const loop = this.write(of, fork);
      this.next[fork] = loop;
      entry = min === 0 ? fork : loop;
      copies = min - 1;
    } else for (let i = min; i < max; i++) entry = this.add(FORK, this.write(of, entry), next);
    for (let i = 0; i < copies; i++) entry = this.write(of, entry);
    return entry;
  }

  #numberOf(set: CodePointSet, folds: boolean): number {
    const key = `${folds} ${set.join(" ")}`;
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    this.#setNumbers.set(key, this.sets.length);
    return this.sets.push({ set, folds }) - 1;
  }
}
