import type { Entry, Incident } from "../receiver/inbox.ts";

export type { Entry, Incident };

/** What a local receiver has been told, oldest first. */
export async function messagesAt(receiverUrl: string): Promise<Entry[]> {
  return (await (await fetch(new URL("/messages", receiverUrl))).json()) as Entry[];
}

/** What PagerDuty would show. */
export async function pagesAt(receiverUrl: string): Promise<Incident[]> {
  return (await (await fetch(new URL("/incidents", receiverUrl))).json()) as Incident[];
}

/** Everything in a message that a person could read. */
export const textOf = (entry: Entry): string => JSON.stringify(entry.body);

/** Whether a message tells of firing alerts or of their end; PagerDuty's acknowledgements are neither. */
export function stateOf({ channel, body }: Entry): "firing" | "resolved" | "other" {
  const all = body as Record<string, string> | null;
  const text = {
    slack: all?.["text"],
    email: all?.["subject"],
    webhook: all?.["status"],
    pagerduty: all?.["event_action"],
  };
  const said = text[channel] ?? "";
  if (/^\[RESOLVED\]|^resolved?$/.test(said)) return "resolved";
  return /^\[(FIRING|ESCALATED)|^firing$|^trigger$/.test(said) ? "firing" : "other";
}
