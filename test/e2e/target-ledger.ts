import { type Entry, type MessageState, stateOf } from "./messages.ts";

/** What the script did to one target. Times in epoch ms. */
export interface Scripted {
  target: string;
  /** Before the fault was switched on. */
  faultAt: number;
  /** After it was switched off, or the process served again. */
  mendedAt: number;
}

/** One message about a target, as a receiver got it. */
export interface Received {
  /** Epoch ms. */
  at: number;
  /** Slack, PagerDuty, or the path of a webhook. */
  endpoint: string;
  state: MessageState;
  title: string;
  /** The target's alerts in it; webhooks only. */
  alerts: readonly ReceivedAlert[];
}

export interface ReceivedAlert {
  alertname: string;
  probe: string;
  status: string;
  /** Epoch ms. */
  startsAt: number;
}

interface WebhookBody {
  status: string;
  alerts: { status: string; labels: Record<string, string>; startsAt: string }[];
}
interface PagerDutyBody {
  dedup_key: string;
  payload?: { summary: string };
}

/** What one receiver was sent about each target, oldest first. A repeat that the receiver knows by its key is left out. */
export function receivedByTarget(entries: readonly Entry[], targets: readonly string[]): Map<string, Received[]> {
  const summaries = new Map<string, string>();
  const received = new Map<string, Received[]>(targets.map((target) => [target, []]));
  for (const entry of entries.filter(({ repeat }) => !repeat)) {
    const title = titleOf(entry, summaries);
    for (const target of targets) {
      const alerts = alertsOf(entry, target);
      const concerned = entry.channel === "webhook" ? alerts.length > 0 : names(title, target);
      if (!concerned) continue;
      const endpoint = entry.channel === "webhook" ? entry.path : entry.channel;
      received.get(target)?.push({ at: entry.at, endpoint, state: stateOf(entry), title, alerts });
    }
  }
  return received;
}

/** One line that says what a message says; PagerDuty's resolves have only the key of what they resolve. */
function titleOf({ channel, body }: Entry, summaries: Map<string, string>): string {
  if (channel === "slack") return (body as { text?: string }).text ?? "";
  if (channel === "pagerduty") {
    const { dedup_key, payload } = body as PagerDutyBody;
    if (payload !== undefined) summaries.set(dedup_key, payload.summary);
    return summaries.get(dedup_key) ?? dedup_key;
  }
  if (channel !== "webhook") return "";
  return (body as WebhookBody).alerts
    .map(({ status, labels }) => [labels["alertname"], labels["target"], labels["probe"], status].join(" "))
    .join(", ");
}

function alertsOf({ channel, body }: Entry, target: string): ReceivedAlert[] {
  if (channel !== "webhook") return [];
  return (body as WebhookBody).alerts
    .filter(({ labels }) => labels["target"] === target)
    .map(({ status, labels, startsAt }) => ({
      alertname: labels["alertname"] ?? "",
      probe: labels["probe"] ?? "",
      status,
      startsAt: Date.parse(startsAt),
    }));
}

/** Those of the targets that a receiver was paged for. */
export const firingOf = (entries: readonly Entry[], targets: readonly string[]): Set<string> =>
  new Set(
    [...receivedByTarget(entries, targets)].flatMap(([target, received]) =>
      received.some(({ state }) => state === "firing") ? target : [],
    ),
  );

/** Whether a text names a target as a word of its own. */
const names = (text: string, target: string): boolean =>
  text.split(/[^A-Za-z0-9_.-]+/).some((word) => word.replace(/[.]$/, "") === target);

/** `2+1`: two messages say that something fires, one says that all is over; `1+1 (1 partly)`: one between that some is. */
export function countsOf(received: readonly Received[]): string {
  const count = (wanted: MessageState): number => received.filter(({ state }) => state === wanted).length;
  const partly = count("partly resolved");
  return `${count("firing")}+${count("resolved")}${partly === 0 ? "" : ` (${partly} partly)`}`;
}

/** Rows as a table with columns as wide as their longest cell. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** All that receivers got of a target, one a line, with seconds since its fault. */
export const transcriptOf = (received: readonly Received[], { faultAt }: Scripted): string =>
  received
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, endpoint, state, title }) => `${seconds(at - faultAt)} s  ${endpoint} ${state}: ${title}`)
    .join("\n");

export const seconds = (ms: number | undefined): string => (ms === undefined ? "never" : (ms / 1_000).toFixed(1));
