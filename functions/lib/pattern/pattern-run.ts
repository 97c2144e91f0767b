import { type CodePointSet, contains } from "./code-point-set.ts";
import { foldCase } from "./fold-case.ts";
import type { Place } from "./parse-pattern.ts";

/** What a step does. */
export const END = 0;
export const CHARACTER = 1;
export const FORK = 2;
export const ASSERTION = 3;

/** A nondeterministic automaton (Thompson's construction), its steps in columns. Step 0 is the end. */
export interface PatternProgram {
  first: number;
  /** By step: END, CHARACTER, FORK or ASSERTION. */
  kinds: Uint8Array;
  /** By step: the one to go on at. */
  next: Int32Array;
  /** By step: of a fork the other step to go on at, of a character its set, of an assertion its place. */
  detail: Int32Array;
  /** Sets of characters, each once. `folds`: the character's folded case is looked up. */
  sets: readonly { set: CodePointSet; folds: boolean }[];
}

/** Places of assertions, in the order in which programs number them. */
export const PLACES: readonly Place[] = ["start", "end", "word boundary", "inside or outside a word"];

/** What comes before or after a place in the text. */
type Side = "edge" | "word" | "other";

/** Where the program can be after some characters of a text. */
interface State {
  /** Steps to go on at, each once. */
  steps: Int32Array;
  /** What the last character was. */
  before: Side;
  /** States that follow, by the next character, as far as they are kept; undefined where this one is not. */
  next: Map<number, State> | undefined;
}

/** In place of a character. */
const END_OF_TEXT = -1;
const DEAD: State = { steps: new Int32Array(0), before: "other", next: undefined };
const MATCHED: State = { ...DEAD };
/** Steps and transitions that a pattern keeps, so that one that was made to fill memory does not. */
const ROOM = 4_000;
const LAST_ROUND = 2 ** 31 - 1;

/**
 * Runs a program over texts: all ways through it are followed at once (Thompson), so that each character costs at most
 * one visit of each step. States that were seen are kept, so that a usual pattern costs one look-up per character.
 */
export class PatternRun {
  readonly #program: PatternProgram;
  readonly #states = new Map<string, State>();
  #first: State | undefined;
  #room = ROOM;
  /** Number of the character that is looked at, over all texts. */
  #round = 0;
  /** By step: the round in which it was visited, and queued, last. */
  readonly #visited: Int32Array;
  readonly #queued: Int32Array;
  /** By set: the round in which it was looked into last; negative where it did not have the character. */
  readonly #looked: Int32Array;
  /** Steps to visit, and steps that were found; beginnings of longer arrays. */
  readonly #open: Int32Array;
  #found: Int32Array;
  /** Takes turns with `#found`, which a state that is not kept refers to until the next character. */
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
   * Finds the steps behind the character and answers how many; at the end of the text, -1 where the program ends too.
   * All time goes here, so arrays are in variables and nothing is called for each step.
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

  /** The state with the steps that were found: the same one for the same steps, while there is room. */
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

/** Words are of letters, digits and underscores of ASCII, as in RE2. */
function sideOf(codePoint: number): Side {
  if (codePoint === END_OF_TEXT) return "edge";
  const isWord =
    (codePoint >= 0x30 && codePoint <= 0x39) ||
    (codePoint >= 0x41 && codePoint <= 0x5a) ||
    codePoint === 0x5f ||
    (codePoint >= 0x61 && codePoint <= 0x7a);
  return isWord ? "word" : "other";
}
