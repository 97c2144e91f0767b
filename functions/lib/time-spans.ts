/** A time span, epoch ms; `to` is exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** The same time as sorted spans without overlaps or empty ones. */
export function joined(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (to <= from) continue;
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

/** The parts of `span` that none of the others covers. */
export function without(span: Span, others: readonly Span[]): Span[] {
  const left: Span[] = [];
  let { from } = span;
  for (const other of joined(others)) {
    if (other.from >= span.to) break;
    if (other.from > from) left.push({ from, to: other.from });
    from = Math.max(from, other.to);
  }
  if (from < span.to) left.push({ from, to: span.to });
  return left;
}

/** Duration of the overlap, ms. */
export function overlapMs(some: readonly Span[], others: readonly Span[]): number {
  const all = joined(others);
  return joined(some).reduce(
    (sum, a) => sum + all.reduce((inner, b) => inner + Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from)), 0),
    0,
  );
}
