import { cleanXml, escapeXml } from "../../lib/escape-xml.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { ShownIncident, StatusView } from "./status-view.ts";

/** Entries of the feed. */
const MOST_ENTRIES = 50;

/** Incidents as an Atom feed (RFC 4287), the newest first. `origin`: of this installation, no slash at the end. */
export function printFeed(view: StatusView, origin: string): string {
  const shown = view.incidents.slice(0, MOST_ENTRIES);
  const updated = Math.max(0, ...shown.map(({ openedAt, closedAt }) => closedAt ?? openedAt));
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${text(`${origin}/incidents.atom`)}</id>
<title>${text(`${view.title}: incidents`)}</title>
<updated>${iso(updated === 0 ? view.at : updated)}</updated>
<author><name>zako-watch</name></author>
<link rel="self" href="${text(`${origin}/incidents.atom`)}"/>
<link rel="alternate" type="text/html" href="${text(`${origin}/`)}"/>
${shown.map((one) => printEntry(one, origin)).join("")}</feed>
`;
}

function printEntry(
  { id, target, openedAt, closedAt, removed, reason, timeline }: ShownIncident,
  origin: string,
): string {
  const end = removed ? "removed" : "recovered";
  const state = closedAt === undefined ? "down" : `${end} after ${spellDuration(closedAt - openedAt)}`;
  const lines = timeline.map(({ at, text: words }) => `${at === undefined ? "Now" : spellTime(at)}: ${words}`);
  return `<entry>
<id>${text(entryId(origin, id))}</id>
<title>${text(`${target} ${state}: ${reason}`)}</title>
<published>${iso(openedAt)}</published>
<updated>${iso(closedAt ?? openedAt)}</updated>
<link rel="alternate" type="text/html" href="${text(`${origin}/#incident-${encodeURIComponent(id.toWellFormed())}`)}"/>
<content type="text">${text(lines.join("\n"))}</content>
</entry>
`;
}

/** Stays the same when the incident closes, so that a reader shows one entry. */
const entryId = (origin: string, id: string): string => `${origin}/incidents/${encodeURIComponent(id.toWellFormed())}`;

const text = (words: string): string => escapeXml(cleanXml(words));

const iso = (ms: number): string => new Date(Math.min(Math.max(ms, 0), 8.64e15)).toISOString();
