const UNESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** Parses labels printed by `printLabels` (`a="x",b="y\"z"`). Throws for invalid text. */
export function readLabels(printed: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(,|$)/suy;
  while (pair.lastIndex < printed.length) {
    const at = pair.lastIndex;
    const [, name, value] = pair.exec(printed) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Cannot read labels at ${at} of ${printed}.`);
    labels[name] = value.replace(/\\[\\"n]/g, (escaped) => UNESCAPED[escaped] as string);
  }
  return labels;
}
