import { Webhook } from "standardwebhooks";
import { checkEmail } from "./check-email.ts";
import { checkPagerDuty } from "./check-pagerduty.ts";
import { checkSlack } from "./check-slack.ts";
import { checkWebhook } from "./check-webhook.ts";

export const CHANNELS = ["slack", "email", "pagerduty", "webhook"] as const;
export type ReceiverChannel = (typeof CHANNELS)[number];

/** A post as it arrived. Header names are in lower case. */
export interface Posted {
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** Which receiver a path belongs to: the real ones' paths, so that only the host differs. */
export function channelAt(path: string): ReceiverChannel | undefined {
  if (path.startsWith("/services/")) return "slack";
  if (path === "/emails") return "email";
  if (path === "/v2/enqueue") return "pagerduty";
  return path === "/webhook" || path.startsWith("/webhook/") ? "webhook" : undefined;
}

/** What is wrong with a post, strictly by the receiver's documentation. `keys` are those that webhooks are signed with. */
export function problemsOf(channel: ReceiverChannel, posted: Posted, keys: readonly string[]): string[] {
  if (!posted.headers["content-type"]?.startsWith("application/json"))
    return ["the content type is not application/json"];
  let body: unknown;
  try {
    body = JSON.parse(posted.text);
  } catch {
    return ["the body is no JSON"];
  }
  switch (channel) {
    case "slack":
      return checkSlack(body);
    case "pagerduty":
      return checkPagerDuty(posted.text);
    case "email":
      return [
        ...(/^Bearer \S+$/.test(posted.headers["authorization"] ?? "") ? [] : ["there is no API key"]),
        ...checkEmail(body, posted.headers["idempotency-key"]),
      ];
    case "webhook":
      return [...signatureProblems(posted, keys), ...checkWebhook(body)];
  }
}

function signatureProblems({ headers, text }: Posted, keys: readonly string[]): string[] {
  if (headers["webhook-signature"] === undefined) return [];
  const verifies = keys.some((key) => {
    try {
      new Webhook(key).verify(text, { ...headers });
      return true;
    } catch {
      return false;
    }
  });
  return verifies ? [] : ["the signature does not verify with any known key"];
}

/** The real receiver's answer to a post that it takes (`problems` empty) or refuses. */
export function answerTo(
  channel: ReceiverChannel,
  problems: readonly string[],
  id: string,
  body: unknown,
): [status: number, text: string] {
  const good = problems.length === 0;
  switch (channel) {
    case "slack":
      return good ? [200, "ok"] : [400, "invalid_blocks"];
    case "email":
      return good
        ? [200, JSON.stringify({ id })]
        : [422, JSON.stringify({ name: "validation_error", message: problems[0] })];
    case "pagerduty": {
      const { dedup_key } = (body ?? {}) as { dedup_key?: unknown };
      return good
        ? [202, JSON.stringify({ status: "success", message: "Event processed", dedup_key })]
        : [400, JSON.stringify({ status: "invalid event", message: "Event object is invalid", errors: problems })];
    }
    case "webhook":
      return good ? [200, ""] : [400, problems.join("\n")];
  }
}
