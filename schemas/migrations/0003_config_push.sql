-- One row per `config push`, written just before the override goes to KV. A push is taken only if the newest row is the one
-- that it began with, so that of two at once one is refused.
--
--   SELECT datetime(at / 1000, 'unixepoch') AS utc, author FROM config_push ORDER BY at DESC LIMIT 10;
CREATE TABLE config_push (
  at INTEGER PRIMARY KEY,            -- of the override, milliseconds since the epoch
  author TEXT NOT NULL
);
