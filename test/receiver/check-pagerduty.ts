import { Problems } from "./problems.ts";

const SEVERITIES = ["critical", "error", "warning", "info"];

/** What PagerDuty would refuse of an event (Events API v2). `text` is the body as it came. */
export function checkPagerDuty(text: string): string[] {
  const problems = new Problems();
  if (new TextEncoder().encode(text).length > 512 * 1024) problems.add("the body is larger than 512 KB");
  const event = problems.object(JSON.parse(text), "body");
  if (problems.text(event["routing_key"], "routing_key", 32).length !== 32)
    problems.add("routing_key does not have 32 characters");
  problems.text(event["dedup_key"], "dedup_key", 255);
  switch (event["event_action"]) {
    case "acknowledge":
    case "resolve":
      problems.object(event, "event", ["routing_key", "event_action", "dedup_key"]);
      break;
    case "trigger":
      checkTrigger(problems, event);
      break;
    default:
      problems.add("event_action is not trigger, acknowledge or resolve");
  }
  return problems.list;
}

function checkTrigger(problems: Problems, event: Record<string, unknown>): void {
  problems.object(event, "event", [
    "routing_key",
    "event_action",
    "dedup_key",
    "payload",
    "links",
    "client",
    "client_url",
  ]);
  const payload = problems.object(event["payload"], "payload", [
    ...["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"],
  ]);
  problems.text(payload["summary"], "summary", 1_024);
  problems.text(payload["source"], "source", 255);
  if (!SEVERITIES.includes(String(payload["severity"]))) problems.add("severity is unknown");
  if (Number.isNaN(Date.parse(problems.text(payload["timestamp"], "timestamp", 40))))
    problems.add("timestamp is not a time");
  for (const key of ["component", "group", "class"])
    if (payload[key] !== undefined) problems.text(payload[key], key, 255);
  if (event["client_url"] !== undefined) problems.url(event["client_url"], "client_url");
  for (const value of problems.items(event["links"] ?? [], "links", 20, 0)) {
    const link = problems.object(value, "link", ["href", "text"]);
    problems.url(link["href"], "link");
    problems.text(link["text"], "link text", 255);
  }
}
