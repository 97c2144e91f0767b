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

/** What a message tells of its group; PagerDuty's acknowledgements, and such in the other channels, tell of neither. */
export type MessageState = "firing" | "partly resolved" | "resolved" | "other";

/** Whether a message tells of firing alerts, of the end of some of them, or of the end of all. */
export function stateOf({ channel, body }: Entry): MessageState {
  switch (channel) {
    case "slack":
      return stateOfTitle((body as { text: string }).text);
    case "email":
      return stateOfTitle((body as { subject: string }).subject);
    case "pagerduty": {
      const { event_action } = body as { event_action: string };
      return ({ trigger: "firing", resolve: "resolved" } as const)[event_action] ?? "other";
    }
    case "webhook": {
      const { status, alerts } = body as { status: "firing" | "resolved"; alerts: { status: string }[] };
      return status === "firing" && alerts.some((alert) => alert.status === "resolved") ? "partly resolved" : status;
    }
  }
}

/** `[RESOLVED] ...`, `[RESOLVED, ZakoTargetDown still firing] ...`, `[RESOLVED 1 of 3] ...`, `[FIRING critical, 2 alerts] ...`. */
function stateOfTitle(title: string): MessageState {
  if (/^\[RESOLVED \d+ of \d+\] /.test(title)) return "partly resolved";
  if (/^\[RESOLVED(, \w+ still firing)?\] /.test(title)) return "resolved";
  return /^\[(FIRING|ESCALATED) /.test(title) ? "firing" : "other";
}
