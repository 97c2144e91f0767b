-- One row per incident: a period in which a target was down.
--
-- The last month's incidents, newest first:
--   SELECT target, datetime(opened, 'unixepoch') AS opened, datetime(closed, 'unixepoch') AS closed,
--     round((coalesce(closed, unixepoch()) - opened) / 60.0, 1) AS minutes, acknowledged_by
--   FROM incident WHERE opened >= unixepoch('now', '-30 days') ORDER BY opened DESC;
CREATE TABLE incident (
  target TEXT NOT NULL,
  opened INTEGER NOT NULL,           -- seconds since the epoch
  opened_ms INTEGER NOT NULL,        -- the same in milliseconds; part of the incident's id "TARGET@MS"
  closed INTEGER,                    -- seconds since the epoch; NULL while it is open
  why TEXT,                          -- 'recovered', or 'removed': the target is no longer watched
  acknowledged_by TEXT,
  -- Alerts of the target that were firing in this time, earliest first: [{"alertname", "severity", "probe", "summary", "at"}], at in ms.
  causes TEXT NOT NULL,
  PRIMARY KEY (target, opened_ms)
) WITHOUT ROWID;

-- One row per message to a receiver, with its outcome.
--
-- Messages of the last week that were given up:
--   SELECT datetime(at, 'unixepoch') AS utc, receiver, channel, group_key, tries
--   FROM notification WHERE outcome = 'dead' AND at >= unixepoch('now', '-7 days') ORDER BY at;
CREATE TABLE notification (
  at INTEGER NOT NULL,               -- end of its last attempt, seconds since the epoch
  id TEXT NOT NULL,
  receiver TEXT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,              -- why it was sent: 'first notification', 'repeat interval elapsed', ...
  status TEXT NOT NULL,              -- 'firing' or 'resolved'
  group_key TEXT NOT NULL,
  alerts INTEGER NOT NULL,
  outcome TEXT NOT NULL,             -- 'delivered', 'uncertain': it may have arrived, 'dead': it was given up
  tries INTEGER NOT NULL,
  PRIMARY KEY (at, id)
) WITHOUT ROWID;
