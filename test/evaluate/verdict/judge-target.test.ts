import { expect, it } from "vitest";
import { judgeTarget } from "../../../functions/evaluate/verdict/judge-target.ts";
import type { State } from "../../../functions/model/probing/verdict.ts";

/** `state`, then `!` for an open incident, `~` for skipped and `?` for stale. */
const parts = (words: string): Parameters<typeof judgeTarget>[0] =>
  words
    .split(" ")
    .filter((word) => word !== "")
    .map((word, i) => ({
      probe: `p${i}`,
      verdict: {
        state: word.replace(/[!~?]/g, "") as State,
        incidentOpen: word.includes("!"),
        skipped: word.includes("~"),
      },
      ...(word.includes("?") ? { isStale: true } : {}),
    }));

it.each([
  ["", "unknown", false, ""],
  ["up", "up", false, "p0"],
  ["up degraded up", "degraded", false, "p1"],
  ["up unknown", "unknown", false, "p1"],
  ["degraded unknown", "unknown", false, "p1"],
  ["unknown regional", "regional", false, "p1"],
  ["regional down! down! up", "down", true, "p1 p2"],
  // An incident is over when it has ended, not when it is out of sight: its minutes count as down.
  ["unknown! up", "down", true, "p0"],
  ["up? up", "unknown", false, "p0"],
  ["degraded? degraded", "unknown", false, "p0"],
  ["regional? up", "unknown", false, "p0"],
  ["up? down!", "down", true, "p1"],
  ["down!? up", "down", true, "p0"],
  ["unknown!? unknown?", "down", true, "p0"],
  ["unknown~? up", "up", false, "p1"],
  ["unknown~ up", "up", false, "p1"],
  ["unknown~", "unknown", false, ""],
  ["unknown!~ up", "up", true, "p1"],
])("probes that are %j make a target %s", (words, state, incidentOpen, because) => {
  expect(judgeTarget(parts(words))).toEqual({ state, incidentOpen, because: because.split(" ").filter(Boolean) });
});
