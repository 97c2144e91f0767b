import * as z from "zod";
import { startDeadline } from "../../lib/deadline.ts";
import type { Delivery } from "../../model/alerting/delivery.ts";
import type { Message } from "../../model/alerting/message.ts";
import { type AnswerRules, badAnswer, failed, judgeAnswer, uncertain } from "../delivery/judge-answer.ts";
import { orAborted, post } from "../delivery/post.ts";
import { messageKey } from "../message/message-key.ts";
import type { Channel, ChannelDeps } from "./channel.ts";
import { channelSecret, secretMissing } from "./channel-secret.ts";
import { type Mail, renderMail } from "./email-body.ts";
import { emailAddress, plainUrl, secretName } from "./option-leaf.ts";

/** Half of a try's 10 s: what the binding may take where there is a second way, so that one that hangs leaves it time. */
const BINDING_SHARE_MS = 5_000;
/** Recipients of one mail, with both providers. */
const MOST_RECIPIENTS = 50;

const Options = z
  .strictObject({
    from: emailAddress.meta({
      description: "Sender address; its domain must be set up with the provider.",
      example: "alerts@example.com",
    }),
    to: z
      .array(emailAddress)
      .min(1)
      .max(MOST_RECIPIENTS)
      .meta({ description: "Recipients, at most 50.", example: ["oncall@example.com"] }),
    reply_to: emailAddress
      .optional()
      .meta({ description: "Reply-To address. Default: the sender.", example: "sre@example.com" }),
    binding: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "is not the name of a binding (A-Z, 0-9, _)")
      .optional()
      .meta({ description: "Name of a `send_email` binding of the Worker. It is tried first.", example: "EMAIL" }),
    api_key: secretName.optional().meta({
      description: "Name of the secret binding that holds the API key of an HTTP provider. It is tried second.",
      example: "RESEND_KEY",
    }),
    api_url: plainUrl.default("https://api.resend.com/emails").meta({
      description: "URL of the HTTP provider; it takes e-mails in Resend's format.",
    }),
  })
  .refine((options) => options.binding !== undefined || options.api_key !== undefined, {
    error: "has no way to send: give a `binding`, an `api_key`, or both",
  });
type Options = z.output<typeof Options>;

/** Sends mail by up to two ways. The second is taken unless the first surely sent it: a doubled mail is better than none. */
export const email: Channel<Options> = {
  channel: "email",
  doc: "Sends e-mail through the platform's binding or an HTTP provider; with both, through the second where the first fails.",
  options: Options,
  bindings: ({ binding, api_key }) => [binding, api_key].filter((name) => name !== undefined),
  urls: ({ api_key, api_url }) => (api_key === undefined ? {} : { api_url }),

  async send(message, options, deps) {
    const mail = renderMail(message, options.from);
    const { binding, api_key } = options;
    if (binding === undefined) return sendByHttp(message, mail, options, deps);
    if (api_key === undefined) return sendByBinding(binding, mail, options, deps);
    using share = startDeadline(BINDING_SHARE_MS, deps.now(), deps.signal);
    const first = await sendByBinding(binding, mail, options, { ...deps, signal: share.signal });
    if (first.kind === "delivered") return first;
    const second = await sendByHttp(message, mail, options, deps);
    if (second.kind !== "failed") return second;
    return first.kind === "uncertain" || (!second.retryable && first.retryable) ? first : second;
  },
};

/** The platform's binding (developers.cloudflare.com/email-service). */
interface SendEmail {
  send(mail: Record<string, unknown>): Promise<{ messageId?: string }>;
}

/** Codes of the binding's errors, in our words; one that is not here is about the mail. */
const BINDING_ERRORS: Readonly<Record<string, Delivery>> = {
  E_RATE_LIMIT_EXCEEDED: failed("rate_limited", "the e-mail binding is over its rate limit", true),
  E_DAILY_LIMIT_EXCEEDED: failed("rate_limited", "the e-mail binding is over its daily quota", true),
  E_INTERNAL_SERVER_ERROR: failed("server_error", "the e-mail binding failed", true),
  E_DELIVERY_FAILED: failed("server_error", "the e-mail binding could not deliver", true),
  E_SENDER_NOT_VERIFIED: failed("unauthorized", "the sender's domain is not verified for the e-mail binding"),
  E_SENDER_DOMAIN_NOT_AVAILABLE: failed("unauthorized", "the sender's domain is not set up for e-mail sending"),
  E_RECIPIENT_NOT_ALLOWED: failed("unauthorized", "a recipient is not allowed by the e-mail binding"),
  E_RECIPIENT_SUPPRESSED: failed("rejected", "a recipient is on the platform's suppression list"),
  E_VALIDATION_ERROR: failed("rejected", "the e-mail binding rejected a part of the e-mail as invalid"),
  E_CONTENT_TOO_LARGE: failed("rejected", "the e-mail is too large for the e-mail binding"),
  E_TOO_MANY_RECIPIENTS: failed("rejected", "the e-mail has too many recipients for the e-mail binding"),
};

async function sendByBinding(name: string, mail: Mail, options: Options, deps: ChannelDeps): Promise<Delivery> {
  const binding = deps.binding(name) as SendEmail | undefined;
  if (typeof binding?.send !== "function")
    return failed("secret_missing", `the binding ${name} does not exist; add it under [[send_email]] in wrangler.toml`);
  const { from, to, reply_to } = options;
  const { subject, text, html, headers } = mail;
  const replyTo = reply_to === undefined ? {} : { replyTo: reply_to };
  try {
    const sent = binding.send({ from, to, ...replyTo, subject, text, html, headers });
    const { messageId } = await orAborted(sent, deps.signal);
    return messageId === undefined ? { kind: "delivered" } : { kind: "delivered", ref: messageId };
  } catch (error) {
    if (deps.signal.aborted) return uncertain("timeout", "the e-mail binding did not answer within the deadline");
    const code = (error as { code?: unknown } | null)?.code;
    if (typeof code !== "string") return uncertain("internal", "the e-mail binding failed without an error code");
    return BINDING_ERRORS[code] ?? failed("rejected", "the e-mail binding rejected the e-mail");
  }
}

async function sendByHttp(message: Message, mail: Mail, options: Options, deps: ChannelDeps): Promise<Delivery> {
  const { from, to, reply_to, api_key = "", api_url } = options;
  const key = channelSecret(deps, api_key);
  if (key === undefined) return secretMissing(api_key);
  const { subject, text, html } = mail;
  const headers = { ...mail.headers, "Message-ID": mail.messageId };
  const body = JSON.stringify({
    from,
    to,
    ...(reply_to === undefined ? {} : { reply_to }),
    subject,
    text,
    html,
    headers,
  });
  const answer = await post(
    {
      url: api_url,
      headers: { authorization: `Bearer ${key}`, "idempotency-key": messageKey(message) },
      body,
      readAnswer: true,
    },
    deps,
  );
  return judgeAnswer(answer, HTTP_RULES, deps.now());
}

/** A provider knows a mail by its `Idempotency-Key` for a day. */
const HTTP_RULES: AnswerRules = {
  who: "the e-mail provider",
  repeatable: true,
  accepted: (_status, text) => {
    const id = field(text, "id");
    return id === undefined ? badAnswer(HTTP_RULES, text) : { kind: "delivered", ref: id };
  },
  // Resend's: an earlier try with this key is still under way there, and the next will be given its answer.
  special: (status, text) =>
    status === 409 && field(text, "name") === "concurrent_idempotent_requests"
      ? uncertain("server_error", "the e-mail provider is still processing an earlier try")
      : undefined,
};

/** A text field of a JSON answer; an id that is no id counts as none, since it is kept. */
function field(text: string | undefined, name: string): string | undefined {
  try {
    const value = (JSON.parse(text ?? "") as Record<string, unknown> | null)?.[name];
    return typeof value === "string" && /^[A-Za-z0-9_.@<>-]{1,200}$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
