/** The same JSON value with the keys of every mapping in another order. */
export function shuffled(value: unknown, numbers: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((entry) => shuffled(entry, numbers));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => ({
    key,
    inner: shuffled(inner, numbers),
    rank: numbers.next().value ?? 0,
  }));
  return Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ key, inner }) => [key, inner]));
}
