import * as z from "zod";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { type AnswerRules, failed, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { messageKey } from "../message/message-key.ts";
import { generatorUrl, goAnnotations, goLabels, goTime, writable } from "./alertmanager-form.ts";
import type { Channel } from "./channel.ts";
import { authHeaders, channelSecret, secretMissing } from "./channel-secret.ts";
import { authHeader, plainUrl, secretName } from "./option-leaf.ts";
import { signWebhook, webhookKey } from "./sign-webhook.ts";

const Options = z
  .strictObject({
    url: plainUrl.optional().meta({
      description: "URL to post to. Give either this or `url_secret`.",
      example: "https://hooks.example/zako",
    }),
    url_secret: secretName.optional().meta({
      description: "Name of the secret binding that holds the URL, for URLs that contain a secret.",
      example: "HOOK_URL",
    }),
    auth: authHeader.optional().meta({ description: "Header with a secret." }),
    signing_secrets: z
      .array(secretName)
      .max(2)
      .default([])
      .meta({
        description:
          "Names of the secret bindings that hold the Standard Webhooks signing keys (`whsec_...`); two during a rotation.",
        example: ["HOOK_KEY"],
      }),
    max_alerts: z
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .meta({ description: "Maximum number of alerts in one message; 0 means all." }),
  })
  .refine((options) => (options.url === undefined) !== (options.url_secret === undefined), {
    error: "needs one URL: give either `url` or `url_secret`",
  });
type Options = z.output<typeof Options>;

/** Posts the same body as Alertmanager, so that its webhook receivers work here too. */
export const webhook: Channel<Options> = {
  channel: "webhook",
  doc: "Posts Alertmanager's webhook body (version 4), with a Standard Webhooks signature if a key is given.",
  isForMachines: true,
  options: Options,
  bindings: ({ url_secret, auth, signing_secrets }) =>
    [url_secret, auth?.secret, ...signing_secrets].filter((name) => name !== undefined),
  urls: ({ url }) => (url === undefined ? {} : { url }),

  async send(message, options, deps) {
    const { url_secret } = options;
    const url = options.url ?? channelSecret(deps, url_secret ?? "");
    if (url === undefined) return secretMissing(url_secret ?? "");
    const auth = authHeaders(deps, options.auth);
    if (!auth.ok) return auth.delivery;
    const keys: Uint8Array<ArrayBuffer>[] = [];
    for (const name of options.signing_secrets) {
      const secret = channelSecret(deps, name);
      if (secret === undefined) return secretMissing(name);
      const key = webhookKey(secret);
      if (key === undefined)
        return failed(
          "secret_missing",
          `the secret ${name} is not a signing key; set it to whsec_ followed by 24 to 64 bytes in base64`,
        );
      keys.push(key);
    }
    const body = JSON.stringify(webhookBody(message, options.max_alerts));
    const signature = await signWebhook(keys, messageKey(message), Math.floor(deps.now() / 1_000), body);
    const answer = await post({ url, headers: { ...auth.headers, ...signature }, body, readAnswer: false }, deps);
    return judgeAnswer(answer, RULES, deps.now());
  },
};

/** A receiver knows a message by its `webhook-id`. */
const RULES: AnswerRules = { who: "the webhook", repeatable: true, accepted: () => ({ kind: "delivered" }) };

/** `endsAt` of a firing alert: Go's zero time. */
const NEVER = "0001-01-01T00:00:00Z";

/**
 * Alertmanager's webhook body, version 4, key for key as version 0.25 sends it. `maxAlerts`: 0 means all.
 *
 * @internal For tests of what is sent, without sending it.
 */
export function webhookBody(message: Message, maxAlerts: number): Record<string, unknown> {
  const shown = maxAlerts === 0 ? message.alerts : message.alerts.slice(0, maxAlerts);
  const alerts = shown.map((alert) => ({
    status: alert.status,
    labels: goLabels(alert.labels),
    annotations: goAnnotations(alert, message),
    startsAt: goTime(alert.startsAt),
    endsAt: endsAt(alert),
    generatorURL: generatorUrl(alert, message),
    fingerprint: alert.fingerprint,
  }));
  return {
    receiver: message.receiver.toWellFormed(),
    status: message.status,
    alerts,
    groupLabels: goLabels(message.groupLabels),
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: message.externalUrl,
    version: "4",
    groupKey: message.groupKey.toWellFormed(),
    truncatedAlerts: message.truncated + message.alerts.length - shown.length,
  };
}

const endsAt = ({ status, startsAt, endsAt }: MessageAlert): string =>
  status === "firing" ? NEVER : goTime(Math.max(writable(endsAt ?? startsAt), writable(startsAt)));

/** What all have alike. */
function common(all: readonly Record<string, string>[]): Record<string, string> {
  const [first, ...others] = all;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}
