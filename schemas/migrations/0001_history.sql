-- One row per target and hour (UTC): counts of the target's runs, and every single sample.
--
-- `owner` is the prober, "SHARD:GENERATION". If a target moves to another owner within an hour, the hour has one row per
-- owner, so sum over them. The current hour and the one before may still grow; they are written every half hour.
--
-- Availability of each target over the last 7 days, in percent:
--   SELECT target, round(100.0 * (1 - 1.0 * sum(failures) / sum(attempts)), 3) AS percent
--   FROM history WHERE hour >= unixepoch('now', '-7 days') GROUP BY target;
--
-- One target by hour and probe, with mean latency:
--   SELECT datetime(hour, 'unixepoch') AS utc, p.key AS probe, p.value->>'failures' AS failures,
--     round(1.0 * (p.value->>'duration_sum_ms') / (p.value->>'attempts'), 1) AS mean_ms
--   FROM history, json_each(probes) AS p WHERE target = 'NAME' ORDER BY hour, probe;
--
-- WITHOUT ROWID and no further index: a write or a delete is then billed as one row, not two.
CREATE TABLE history (
  target TEXT NOT NULL,
  hour INTEGER NOT NULL,             -- start of the hour, seconds since the epoch
  owner TEXT NOT NULL,
  slots INTEGER NOT NULL,            -- slots with at least one run; 60 in an hour on the one-minute grid, fewer: gaps
  runs INTEGER NOT NULL,             -- attempts + skips + blocked
  attempts INTEGER NOT NULL,         -- runs that sent a request to the target, including confirmations
  failures INTEGER NOT NULL,         -- attempts that failed
  degraded INTEGER NOT NULL,         -- attempts that succeeded, but slowly or with a failed minor step
  skips INTEGER NOT NULL,            -- runs without a verdict: not offered by the target, or over a budget
  blocked INTEGER NOT NULL,          -- runs not made because the target did not answer in the same slot
  duration_sum_ms INTEGER NOT NULL,  -- over attempts; divide by attempts for the mean
  duration_max_ms INTEGER NOT NULL,  -- over attempts
  -- The same counts by probe: {"health": {"runs", "attempts", "failures", "degraded", "skips", "blocked", "duration_sum_ms",
  -- "duration_max_ms", "reasons": {"timeout": 2}}}; reasons are those of the failures.
  probes TEXT NOT NULL,
  samples BLOB,                      -- every sample of the hour, packed; NULL once older than retention.samplesDays
  PRIMARY KEY (target, hour, owner)
) WITHOUT ROWID;
