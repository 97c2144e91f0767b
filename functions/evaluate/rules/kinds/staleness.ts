import { formatDuration } from "../../../lib/duration.ts";
import { durationWithin, required } from "../../../lib/leaf.ts";
import { DAY_MS } from "../../../lib/time-units.ts";
import type { AnyCondition, Selector } from "../../../model/alerting/rule.ts";
import { selects } from "../condition-keys.ts";
import { joinGauges } from "../join-gauges.ts";
import { judged, type Outcome } from "../outcome.ts";
import { once } from "../promql-terms.ts";
import type { RuleKind } from "../rule-kind.ts";

const YEAR_MS = 365 * DAY_MS;

/** The newest of a group's `_timestamp_seconds` gauges is older than this; one without a value is not stale. */
export interface StalenessCondition extends AnyCondition {
  kind: "staleness";
  timestamp: Selector;
  olderThanMs: number;
}

const age = durationWithin(1_000, YEAR_MS);

const keys = {
  timestamp: selects("A `_timestamp_seconds` gauge.", "zako_v1_probe_last_success_timestamp_seconds"),
  older_than: required(age, { description: "Maximum age.", example: "30m" }),
};

/** `timestamp` in seconds, `now` epoch ms; the value is the age in seconds. */
function judgeStaleness(timestamp: number, now: number, c: StalenessCondition): Outcome {
  const value = now / 1000 - timestamp;
  return judged(value > c.olderThanMs / 1000, value);
}

export const staleness: RuleKind<StalenessCondition, typeof keys> = {
  kind: "staleness",
  doc: "The newest of some timestamps is older than a maximum age.",
  keys,
  selects: { timestamp: "gauge" },
  make: ({ timestamp, older_than: olderThanMs }) => ({ kind: "staleness", timestamp, olderThanMs }),
  number: {
    key: "older_than",
    doc: "the maximum age (a duration)",
    schema: age,
    text: ({ olderThanMs }) => formatDuration(olderThanMs),
    replace: (condition, olderThanMs) => ({ ...condition, olderThanMs }),
  },
  reads: ({ timestamp }) => [{ selector: timestamp, type: "gauge" }],
  bind: ({ timestamp }, layout) =>
    layout.each(timestamp, ({ offsets }) => ({
      judge: ({ values, now }, c) => judgeStaleness(joinGauges(values, offsets, "max"), now, c),
    })),
  promql: ({ timestamp, olderThanMs }, { by, select }) =>
    `time() - max by (${by}) (${once(select(timestamp))}) > ${olderThanMs / 1000}`,
  example: {
    condition: {
      kind: "staleness",
      timestamp: { family: "zako_v1_probe_last_success_timestamp_seconds" },
      olderThanMs: 1_800_000,
    },
    outcomes: [
      { seen: "holds", now: { zako_v1_probe_last_success_timestamp_seconds: 1_999_998_199 } },
      { seen: "fails", now: { zako_v1_probe_last_success_timestamp_seconds: 1_999_998_200 } },
      { seen: "fails" },
    ],
  },
};
