const SPECIAL = /[\\"\n]/g;
const ESCAPED: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** A label value as both Prometheus text formats print it between its quotes. */
export function escapeLabelValue(value: string): string {
  return value.replace(SPECIAL, (c) => ESCAPED[c] as string);
}
