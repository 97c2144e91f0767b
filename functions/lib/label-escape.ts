const SPECIAL = /[\\"\n]/g;
const ESCAPED: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** Escapes a label value for both Prometheus text formats. */
export function escapeLabelValue(value: string): string {
  return value.replace(SPECIAL, (c) => ESCAPED[c] as string);
}
