/** A set of Unicode code points: first and last of each range, ascending. Ranges neither overlap nor touch. */
export type CodePointSet = readonly number[];

/** First and last code point, both included. */
export type CodePointRange = readonly [first: number, last: number];

const LAST_CODE_POINT = 0x10ffff;

/** Makes a set of ranges, which may overlap and be in any order. */
export function codePointSet(ranges: readonly CodePointRange[]): CodePointSet {
  const set: number[] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const end = set.at(-1);
    if (end !== undefined && first <= end + 1) set[set.length - 1] = Math.max(end, last);
    else set.push(first, last);
  }
  return set;
}

/** The ranges of a set, ascending. */
export function rangesOf(set: CodePointSet): CodePointRange[] {
  const ranges: CodePointRange[] = [];
  for (let i = 0; i < set.length; i += 2) ranges.push([set[i] as number, set[i + 1] as number]);
  return ranges;
}

/** The complement of the set. */
export function complement(set: CodePointSet): CodePointSet {
  const ranges: CodePointRange[] = [];
  let next = 0;
  for (const [first, last] of rangesOf(set)) {
    if (first > next) ranges.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) ranges.push([next, LAST_CODE_POINT]);
  return codePointSet(ranges);
}

/** Whether the set contains the code point, in logarithmic time. */
export function contains(set: CodePointSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set[2 * middle + 1] as number) < codePoint) low = middle + 1;
    else high = middle;
  }
  return 2 * low < set.length && (set[2 * low] as number) <= codePoint;
}
