import { spellTime } from "../../lib/spell-time.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { type FieldIssue, type Read, readAuthor, readText } from "./field-issue.ts";
import { readSilenceMatchers } from "./read-matchers.ts";

/** A silence as it was sent; nothing is checked yet. Times in epoch ms. */
export interface SilenceDraft {
  matchers: readonly string[];
  /** Absent: now. */
  startsAt: number | undefined;
  endsAt: number | undefined;
  author: string;
  reason: string;
  maintenance: boolean;
}

const MAX_DAYS = 366;
/** The times that `Date` can hold. */
const LATEST_MS = 8.64e15;

/** Checks a draft at `now` (epoch ms). Reports every issue at once. */
export function readSilence(draft: SilenceDraft, now: number): Read<Omit<Silence, "id">> {
  const issues: FieldIssue[] = [];
  const take = <Value>(read: Read<Value>): Value | undefined => {
    if (read.ok) return read.value;
    issues.push(...read.issues);
    return undefined;
  };
  const matchers = take(readSilenceMatchers(draft.matchers));
  const times = take(readTimes(draft, now));
  const author = take(readAuthor(draft.author));
  const reason = take(readText("reason", draft.reason, "It is empty. Say why, for others who see the silence."));
  if (matchers === undefined || times === undefined || author === undefined || reason === undefined)
    return { ok: false, issues };
  return { ok: true, value: { matchers, ...times, author, reason, maintenance: draft.maintenance } };
}

function readTimes(draft: SilenceDraft, now: number): Read<{ startsAt: number; endsAt: number }> {
  const asked = draft.startsAt ?? now;
  if (!isTime(asked)) return wrong("starts_at", "It is not a valid time. Leave it out to start now.");
  const startsAt = Math.max(now, asked);
  const { endsAt } = draft;
  if (endsAt === undefined) return wrong("ends_at", "It is missing. Give the time when the silence ends.");
  if (!isTime(endsAt)) return wrong("ends_at", "It is not a valid time. Give one in the future.");
  if (endsAt <= now)
    return wrong(
      "ends_at",
      `${spellTime(endsAt)} is in the past; it is ${spellTime(now)} now. Give a time in the future.`,
    );
  if (endsAt <= startsAt)
    return wrong("ends_at", `${spellTime(endsAt)} is not after the start, ${spellTime(startsAt)}. Give a later time.`);
  if (endsAt - startsAt > MAX_DAYS * DAY_MS)
    return wrong(
      "ends_at",
      `${spellTime(endsAt)} is more than ${MAX_DAYS} days after the start. Give an earlier time; to turn an alert off for good, override its rule in watch.yaml.`,
    );
  return { ok: true, value: { startsAt, endsAt } };
}

const isTime = (ms: number): boolean => Math.abs(ms) <= LATEST_MS;

const wrong = (field: string, problem: string): Read<never> => ({ ok: false, issues: [{ field, problem }] });
