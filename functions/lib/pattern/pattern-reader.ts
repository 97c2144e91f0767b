/** A problem with a pattern: where, what, and what to write instead; no full stop. */
export class PatternProblem extends Error {}

/** Reads a pattern from start to end. */
export class PatternReader {
  readonly source: string;
  /** Index of the next UTF-16 unit. */
  at = 0;

  constructor(source: string) {
    this.source = source;
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  looksAt(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Skips the text if it comes next. */
  take(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Skips what a sticky expression matches here. The expression is ours and linear. */
  match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.source);
    if (found !== null) this.at += found[0].length;
    return found ?? undefined;
  }

  /** The next code point, which must exist. */
  next(): number {
    const codePoint = this.source.codePointAt(this.at) as number;
    this.at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** Throws a problem that quotes the text from `from` to here, with its position and the reason. */
  fail(from: number, why: string): never {
    const text = JSON.stringify(this.source.slice(from, Math.min(this.at, from + 40)));
    throw new PatternProblem(`${text} at character ${from + 1} ${why}`);
  }
}
