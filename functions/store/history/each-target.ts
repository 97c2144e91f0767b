// The primary key starts with the target. Stepping from target to target by index, and reading only the requested hours
// of each, reads a few rows per target. A condition on the hour alone would read the whole table.
/** Start of a statement that defines `name(target)`: the targets with rows in history. */
export const TARGETS = `
  WITH RECURSIVE name(target) AS (
    SELECT min(target) FROM history
    UNION ALL
    SELECT (SELECT min(history.target) FROM history WHERE history.target > name.target) FROM name
    WHERE name.target IS NOT NULL
  )`;
