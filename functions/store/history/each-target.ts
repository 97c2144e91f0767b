// The primary key begins with the target. Going from one target to the next by index, and within it only over the hours
// in question, reads a few rows per target, where a condition on the hour alone would read the whole table.
/** Begins a statement: `name(target)` are the targets that history has rows of. */
export const TARGETS = `
  WITH RECURSIVE name(target) AS (
    SELECT min(target) FROM history
    UNION ALL
    SELECT (SELECT min(history.target) FROM history WHERE history.target > name.target) FROM name
    WHERE name.target IS NOT NULL
  )`;
