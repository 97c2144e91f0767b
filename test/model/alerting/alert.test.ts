import { expect, it } from "vitest";
import { severityOf } from "../../../functions/model/alerting/alert.ts";

it("an alert whose severity is missing or unknown is critical", () => {
  const words = ["critical", "warning", "info", "page", "CRITICAL", ""];
  expect(words.map((severity) => severityOf({ severity }))).toEqual([
    "critical",
    "warning",
    "info",
    "critical",
    "critical",
    "critical",
  ]);
  expect(severityOf({})).toBe("critical");
});
