import { parseDuration } from "../../lib/duration.ts";
import { parseMatchers, printMatcher } from "../../model/alerting/parse-matchers.ts";
import { type FieldIssue, quoted } from "../api/field-issue.ts";
import type { SilenceDraft } from "../api/read-silence.ts";

/** The silence form as it was typed. Without the token: no page repeats that. */
export interface TypedSilence {
  /** One or several, on one line or more. */
  matchers: string;
  /** A duration such as `2h`. */
  duration: string;
  author: string;
  reason: string;
  maintenance: boolean;
}

/** Durations that the form offers. */
export const DURATIONS: readonly string[] = ["30m", "1h", "2h", "4h", "8h", "1d", "3d", "7d"];

const DEFAULT_DURATION = "2h";

/** Reads what was typed. */
export const typedSilence = (fields: URLSearchParams): TypedSilence => ({
  matchers: fields.get("matchers") ?? "",
  duration: fields.get("duration") ?? DEFAULT_DURATION,
  author: fields.get("author") ?? "",
  reason: fields.get("reason") ?? "",
  maintenance: fields.has("maintenance"),
});

/** What a link fills the form in with: its matchers one to a line, where they can be read. */
export function linkedSilence(fields: URLSearchParams): TypedSilence {
  const typed = typedSilence(fields);
  const parsed = parseMatchers(typed.matchers);
  return parsed.ok ? { ...typed, matchers: parsed.matchers.map(printMatcher).join("\n") } : typed;
}

/** The silence that was asked for at `now` (epoch ms); without an end where the duration is none. */
export function draftOf(typed: TypedSilence, now: number): SilenceDraft {
  const lastsMs = parseDuration(typed.duration.trim());
  return {
    matchers: typed.matchers.split(/\r\n?|\n/).filter((line) => line.trim() !== ""),
    startsAt: undefined,
    endsAt: lastsMs === undefined ? undefined : now + lastsMs,
    author: typed.author,
    reason: typed.reason,
    maintenance: typed.maintenance,
  };
}

const NAMES: Readonly<Record<string, string>> = {
  matchers: "Matchers",
  ends_at: "Duration",
  author: "Your name",
  reason: "Reason",
};

/** An issue of a draft in the words of the form. */
export function formIssue({ field, problem }: FieldIssue, typed: TypedSilence): FieldIssue {
  const isNoDuration = field === "ends_at" && parseDuration(typed.duration.trim()) === undefined;
  const said = isNoDuration ? `${quoted(typed.duration)} is not a duration. Choose one from the list.` : problem;
  return { field: NAMES[field] ?? field, problem: said };
}
