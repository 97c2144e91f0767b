import { type CodePointSet, contains } from "./code-point-set.ts";
import { foldCase } from "./fold-case.ts";
import type { Place } from "./parse-pattern.ts";

/** Kinds of steps. */
export const END = 0;
export const CHARACTER = 1;
export const FORK = 2;
export const ASSERTION = 3;

/** A nondeterministic automaton (Thompson's construction), its steps in columns. Step 0 is the end. */
export interface PatternProgram {
  first: number;
  /** By step: END, CHARACTER, FORK or ASSERTION. */
  kinds: Uint8Array;
  /** By step: the next step. */
  next: Int32Array;
  /** By step: the other next step of a fork, the set of a character, the position of an assertion. */
  detail: Int32Array;
  /** Unique sets of characters. `folds`: the character's folded case is looked up. */
  sets: readonly { set: CodePointSet; folds: boolean }[];
}

/** Positions of assertions, in the order in which programs number them. */
export const PLACES: readonly Place[] = ["start", "end", "word boundary", "inside or outside a word"];

/** What comes before or after a position in the text. */
type Side = "edge" | "word" | "other";

/** The steps that the program can be at after some characters. */
interface State {
  /** Next steps, each once. */
  steps: Int32Array;
  /** What the last character was. */
  before: Side;
  /** Cached following states, by the next character; undefined if this state is not cached. */
  next: Map<number, State> | undefined;
}

/** Stands for a character. */
const END_OF_TEXT = -1;
const DEAD: State = { steps: new Int32Array(0), before: "other", next: undefined };
const MATCHED: State = { ...DEAD };
/** Limit of cached steps and transitions per pattern, so that a hostile pattern cannot fill memory. */
const ROOM = 4_000;
const LAST_ROUND = 2 ** 31 - 1;

/**
 * Runs a program over texts and follows all paths at once (Thompson), so that each character visits each step at most once.
 * States are cached, so that a typical pattern costs one look-up per character.
 */
export class PatternRun {
  readonly #program: PatternProgram;
  readonly #states = new Map<string, State>();
  #first: State | undefined;
  #room = ROOM;
  /** Number of the current character, over all texts. */
  #round = 0;
  /** By step: the round in which it was last visited and queued. */
  readonly #visited: Int32Array;
  readonly #queued: Int32Array;
  /** By set: the round in which it was last searched; negative if it did not contain the character. */
  readonly #looked: Int32Array;
  /** Steps to visit and steps found; only the first part of the arrays is in use. */
  readonly #open: Int32Array;
  #found: Int32Array;
  /** Alternates with `#found`, which an uncached state refers to until the next character. */
  #spare: Int32Array;

  constructor(program: PatternProgram) {
    const { length } = program.kinds;
    this.#program = program;
    this.#visited = new Int32Array(length);
    this.#queued = new Int32Array(length);
    this.#looked = new Int32Array(program.sets.length);
    // Each fork adds two steps, once.
    this.#open = new Int32Array(2 * length);
    this.#found = new Int32Array(length);
    this.#spare = new Int32Array(length);
  }

  test(text: string): boolean {
    if (this.#room <= 0) {
      this.#states.clear();
      this.#first = undefined;
      this.#room = ROOM;
    }
    this.#first ??= this.#kept(Int32Array.of(this.#program.first), "edge");
    let state = this.#first;
    for (let i = 0; i < text.length && state !== DEAD; ) {
      const codePoint = text.codePointAt(i) as number;
      i += codePoint > 0xffff ? 2 : 1;
      state = state.next?.get(codePoint) ?? this.#follow(state, codePoint);
    }
    if (state === DEAD) return false;
    return (state.next?.get(END_OF_TEXT) ?? this.#follow(state, END_OF_TEXT)) === MATCHED;
  }

  #follow(state: State, codePoint: number): State {
    const after = sideOf(codePoint);
    const found = this.#advance(state, codePoint, after);
    const next = found < 0 ? MATCHED : found === 0 ? DEAD : this.#stateOf(found, after);
    if (this.#room > 0) {
      this.#room--;
      state.next?.set(codePoint, next);
    }
    return next;
  }

  /**
   * Finds the steps after the character and returns their number; at the end of the text, -1 if the program ends too. This
   * is the hot loop, so arrays are in variables and no function is called per step.
   */
  #advance({ steps, before }: State, codePoint: number, after: Side): number {
    const round = this.#nextRound();
    const { kinds, next, detail } = this.#program;
    const visited = this.#visited;
    const queued = this.#queued;
    const looked = this.#looked;
    const open = this.#open;
    const found = this.#found;
    let count = 0;
    let left = 0;
    for (let i = 0; left > 0 || i < steps.length; ) {
      const at = (left > 0 ? open[--left] : steps[i++]) as number;
      const kind = kinds[at];
      const to = next[at] as number;
      const more = detail[at] as number;
      if (kind === CHARACTER) {
        if (queued[to] === round) continue;
        if (looked[more] !== round) {
          if (looked[more] === -round) continue;
          looked[more] = this.#contains(more, codePoint) ? round : -round;
          if (looked[more] !== round) continue;
        }
        queued[to] = round;
        found[count++] = to;
        continue;
      }
      if (visited[at] === round) continue;
      visited[at] = round;
      if (kind === FORK) {
        open[left++] = more;
        open[left++] = to;
      } else if (kind === ASSERTION) {
        if (holds(PLACES[more] as Place, before, after)) open[left++] = to;
      } else if (codePoint === END_OF_TEXT) return -1;
    }
    return count;
  }

  #nextRound(): number {
    if (this.#round === LAST_ROUND) {
      for (const rounds of [this.#visited, this.#queued, this.#looked]) rounds.fill(0);
      this.#round = 0;
    }
    return ++this.#round;
  }

  #contains(number: number, codePoint: number): boolean {
    const { set, folds } = this.#program.sets[number] as PatternProgram["sets"][number];
    return codePoint !== END_OF_TEXT && contains(set, folds ? foldCase(codePoint) : codePoint);
  }

  /** The state with the found steps; the same object for the same steps, as long as there is room. */
  #stateOf(found: number, before: Side): State {
    if (this.#room > 0) return this.#kept(this.#found.slice(0, found), before);
    const steps = this.#found.subarray(0, found);
    [this.#found, this.#spare] = [this.#spare, this.#found];
    return { steps, before, next: undefined };
  }

  #kept(steps: Int32Array, before: Side): State {
    const key = `${before} ${steps.toSorted().join(" ")}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = { steps, before, next: new Map() };
    this.#states.set(key, state);
    this.#room -= steps.length;
    return state;
  }
}

function holds(place: Place, before: Side, after: Side): boolean {
  switch (place) {
    case "start":
      return before === "edge";
    case "end":
      return after === "edge";
    case "word boundary":
      return (before === "word") !== (after === "word");
    case "inside or outside a word":
      return (before === "word") === (after === "word");
  }
}

/** Words consist of ASCII letters, digits and underscores, as in RE2. */
function sideOf(codePoint: number): Side {
  if (codePoint === END_OF_TEXT) return "edge";
  const isWord =
    (codePoint >= 0x30 && codePoint <= 0x39) ||
    (codePoint >= 0x41 && codePoint <= 0x5a) ||
    codePoint === 0x5f ||
    (codePoint >= 0x61 && codePoint <= 0x7a);
  return isWord ? "word" : "other";
}
