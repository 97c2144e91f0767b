import type { Product, ProductOptions } from "./product.ts";

/** One thing that a user does with the whole product, told from beginning to end. */
export interface Story {
  name: string;
  /** Debian packages and the commands of theirs that the story needs; a missing one is a failed check. */
  needs?: readonly Need[];
  /** Told only where it is named: it costs too much, and the gate does the same in another way. */
  onRequest?: boolean;
  /** Told after all others and by itself: it keeps the machine busy, and ticks of others would be late. */
  alone?: boolean;
  run(ctx: Context): Promise<void>;
}

/** A tool that others wrote. */
export interface Need {
  command: string;
  debianPackage: string;
}

/** What a story works with. All that it starts is ended with it, also where it fails. */
export interface Context {
  /** A folder of the story's own, gone afterwards. */
  readonly scratch: string;
  /** One counted check; `seen` is printed beside it. A failed one does not end the story. */
  check(what: string, ok: boolean, seen: unknown): void;
  /** A copy of the project as it stands, so that stories and a developer's own `npm start` do not disturb each other. */
  project(): string;
  /** `npm start` in a copy of the project on a free port; resolves when it says that it is ready. */
  startProduct(options?: ProductOptions): Promise<Product>;
  /** Called at the end, in reverse order. */
  defer(cleanup: () => unknown): void;
  /**
   * Asks every half second until the answer is none of undefined, false and 0; a refused connection counts as no answer.
   * Throws, naming `what`, after `boundMs` (30 s).
   */
  until<T>(
    what: string,
    ask: () => T | undefined | false | Promise<T | undefined | false>,
    boundMs?: number,
  ): Promise<T>;
}
