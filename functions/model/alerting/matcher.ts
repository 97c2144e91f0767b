/**
 * A condition on one label. A label that is absent counts as the empty string. Regular expressions are anchored at both
 * ends, as everywhere in Prometheus.
 */
export interface Matcher {
  name: string;
  op: "=" | "!=" | "=~" | "!~";
  value: string;
}
