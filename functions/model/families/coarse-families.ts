import type { Family } from "../metric.ts";

/**
 * Buckets of reported histograms that our bounds would split, and that are too wide to say where in them a value was. Both
 * exist for each of them; `bucket` is the upper bound.
 */
export const COARSE_FAMILIES = {
  lower: {
    name: "zako_watch_coarse_bucket_lower_bound",
    type: "gauge",
    help: "Lower bound of a bucket that a target reports and that is coarser than those of our histogram, in the histogram's unit. Rules know no quantile in it if their threshold is above this bound. Ends a day after the last report.",
    labels: ["target", "source", "family", "bucket"],
  },
  upper: {
    name: "zako_watch_coarse_bucket_upper_bound",
    type: "gauge",
    help: "Upper bound of the same bucket, as our histogram has it.",
    labels: ["target", "source", "family", "bucket"],
  },
} as const satisfies Record<string, Family>;
