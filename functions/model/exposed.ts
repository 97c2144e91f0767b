/** Which of a Monitor's series `/metrics` shows. */
export interface Exposed {
  /** Whether a column is shown; `labels` as printed, without `target`. */
  shows(family: string, labels: string): boolean;
  /** Histograms that are shown with some of their buckets: indexes of the bounds, ascending. `+Inf` is always shown. */
  bounds: Readonly<Record<string, readonly number[]>>;
}
