/** How many letters must be added, dropped, changed or swapped with their neighbour to make `a` of `b`. */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

const LONGEST_TYPO = 64;

/** Without case and word marks: `degradedAfter` and `degraded-after` are both a `degraded_after`. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * The known name that was probably meant: the same but for case and word marks, else the one whose last part it is
 * (`upload` for `transport.upload`), else the nearest within a third of its letters. Undefined where nothing is near.
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  if (written.length > LONGEST_TYPO) return undefined;
  const text = plain(written);
  if (text === "") return undefined;
  const same = known.find((name) => plain(name) === text);
  if (same !== undefined) return same;
  const parts = known.filter((name) => name.split(/[._ -]/).some((part) => part === text));
  if (parts.length === 1) return parts[0];
  const [best] = known
    .map((name) => ({ name, letters: distance(text, plain(name)) }))
    .filter(({ name, letters }) => letters <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.letters - b.letters);
  return best?.name;
}

/** `; did you mean "interval"?` where a known name is near, else the choice there is. */
export function suggestion(written: string, known: readonly string[]): string {
  const name = nearest(written, known);
  return name === undefined ? `; choose from ${known.join(", ")}` : `; did you mean "${name}"?`;
}
