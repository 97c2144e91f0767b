import { retryAfter } from "../../lib/retry-after.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Delivery, DeliveryReason } from "../../model/alerting/delivery.ts";
import type { Answer } from "./post.ts";

/** How a channel reads answers. */
export interface AnswerRules {
  /** Who answers, for the words of a failure: "Slack". */
  who: string;
  /** What a 2xx means. `text` as in `Answer`. */
  accepted(status: number, text: string | undefined): Delivery;
  /** Statuses, besides 410, by which this receiver says that it will not come back. */
  gone?: readonly number[];
  /** The receiver knows a message by its key: one that it may have taken can be sent again without harm. */
  repeatable: boolean;
  /** A meaning that a status has for this receiver alone; undefined: the one that all share. */
  special?(status: number, text: string | undefined): Delivery | undefined;
}

/** The longest that a receiver may ask us to wait, ms: a `Retry-After` of a day must not silence a pager. */
const MOST_RETRY_AFTER_MS = 15 * MINUTE_MS;

/** Statuses that the platform's edge reports for connections that never stood: name, TLS and refusal among them. */
const EDGE_UNSENT = [521, 522, 523, 525, 526, 530];
/** Statuses that the edge reports when a connection stood and no answer came. */
const EDGE_LOST = [520, 524];

/** A failure in the words of ours. */
export const failed = (reason: DeliveryReason, message: string, retryable = false): Delivery => ({
  kind: "failed",
  retryable,
  reason,
  message,
});

/** It may have been taken. */
export const uncertain = (reason: DeliveryReason, message: string): Delivery => ({
  kind: "uncertain",
  reason,
  message,
});

/** An answer that is not the receiver's own way of saying yes: from something else, or not whole. */
export function badAnswer(rules: Pick<AnswerRules, "who" | "repeatable">, text: string | undefined): Delivery {
  if (text === undefined) return uncertain("bad_answer", `the response of ${rules.who} was cut off`);
  const words = `the response is a success, but not from ${rules.who}; check the URL`;
  return failed("bad_answer", words, rules.repeatable);
}

/** What became of a try, by what came back. `now` is epoch ms. */
export function judgeAnswer(answer: Answer, rules: AnswerRules, now: number): Delivery {
  const { who } = rules;
  switch (answer.kind) {
    case "unsendable":
      return failed("url_policy", `the URL of ${who} ${answer.problem}; check the configuration and the secret`);
    case "none":
      if (!answer.taken) {
        const words =
          answer.why === "timeout" ? `${who} did not take the message within the deadline` : `cannot connect to ${who}`;
        return failed(answer.why, words, true);
      }
      if (answer.why === "timeout")
        return uncertain("timeout", `${who} took the message but did not answer within the deadline`);
      return uncertain("connect", `the connection to ${who} was lost before it answered`);
    case "answer":
      return rules.special?.(answer.status, answer.text) ?? judgeStatus(answer, rules, now);
  }
}

function judgeStatus(answer: Extract<Answer, { kind: "answer" }>, rules: AnswerRules, now: number): Delivery {
  const { status } = answer;
  const said = `${rules.who} answered ${status}`;
  if (status >= 200 && status < 300) return rules.accepted(status, answer.text);
  if (status >= 300 && status < 400) return failed("redirect", `${said}: redirects are not followed`);
  if (status === 410 || rules.gone?.includes(status)) return failed("gone", `${said}: it no longer exists`);
  if (status === 401 || status === 403) return failed("unauthorized", `${said}: check the secret and its permissions`);
  if (EDGE_UNSENT.includes(status)) return failed("connect", `the edge answered ${status}: it cannot connect`, true);
  if (EDGE_LOST.includes(status))
    return uncertain(status === 524 ? "timeout" : "connect", `the edge answered ${status}`);
  if (status !== 429 && status < 500) return failed("rejected", `${said}: it rejected this message`);
  const notBefore = retryAfter(answer.retryAfter, now, MOST_RETRY_AFTER_MS);
  return {
    kind: "failed",
    retryable: true,
    ...(notBefore === undefined ? {} : { notBefore }),
    reason: status === 429 ? "rate_limited" : "server_error",
    message: said,
  };
}
