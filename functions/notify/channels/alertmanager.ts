import * as z from "zod";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { trimCharacter } from "../../lib/trim-character.ts";
import type { Message, MessageAlert } from "../../model/alerting/message.ts";
import { deliverParts } from "../delivery/deliver-parts.ts";
import { type AnswerRules, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { generatorUrl, goAnnotations, goLabels, goTime, writable } from "./alertmanager-form.ts";
import type { Channel } from "./channel.ts";
import { authHeaders } from "./channel-secret.ts";
import { authHeader, plainUrl } from "./option-leaf.ts";

const Options = z.strictObject({
  url: plainUrl.meta({
    description:
      "Base URL of one Alertmanager. Give each member of a cluster its own endpoint; never use a load balancer in front of them.",
    example: "https://alertmanager-0.example",
  }),
  auth: authHeader.optional().meta({ description: "Header with a secret." }),
});
type Options = z.output<typeof Options>;

const REFRESH_MS = MINUTE_MS;
/** An alert that nobody confirms for so long is over, as Prometheus does it: 4 times the interval. */
const EXPIRY_MS = 4 * REFRESH_MS;
/** Prometheus' own batch, so that no Alertmanager has to take a larger one. */
const MOST_ALERTS = 256;

/** Pushes alerts to an Alertmanager. It forgets alerts that are not sent again, hence `refresh`. */
export const alertmanager: Channel<Options> = {
  channel: "alertmanager",
  doc: "Pushes alerts to a Prometheus Alertmanager (API v2), which does its own routing.",
  isForMachines: true,
  options: Options,
  bindings: ({ auth }) => (auth === undefined ? [] : [auth.secret]),
  urls: ({ url }) => ({ url }),
  refresh: { everyMs: REFRESH_MS, resolvedForMs: 15 * MINUTE_MS },

  async send(message, options, deps) {
    const auth = authHeaders(deps, options.auth);
    if (!auth.ok) return auth.delivery;
    const { headers } = auth;
    const url = `${trimCharacter(options.url, "/", "end")}/api/v2/alerts`;
    const alerts = alertmanagerAlerts(message, deps.now());
    const batches: (typeof alerts)[] = [];
    for (let i = 0; i < alerts.length; i += MOST_ALERTS) batches.push(alerts.slice(i, i + MOST_ALERTS));
    return deliverParts(
      batches.map((batch) => async () => {
        const answer = await post({ url, headers, body: JSON.stringify(batch), readAnswer: false }, deps);
        return judgeAnswer(answer, RULES, deps.now());
      }),
    );
  },
};

/** It knows an alert by its labels. */
const RULES: AnswerRules = { who: "the Alertmanager", repeatable: true, accepted: () => ({ kind: "delivered" }) };

/**
 * Alerts as `POST /api/v2/alerts` takes them. One that fires ends in four minutes from `now` (epoch ms) unless it is said
 * again; one that is over ends when it ended, and never before it began, which would be refused.
 * /
 *
 * @internal For tests of what is sent, without sending it.
 */
export function alertmanagerAlerts(message: Message, now: number): Record<string, unknown>[] {
  const endsAt = ({ status, startsAt, endsAt }: MessageAlert): number =>
    Math.max(status === "firing" ? now + EXPIRY_MS : writable(endsAt ?? now), writable(startsAt));
  // It takes one after the other, and an old end after a new beginning of the same labels would end that too.
  const inOrder = message.alerts.toSorted((a, b) => Number(a.status === "firing") - Number(b.status === "firing"));
  return inOrder.map((alert) => ({
    labels: goLabels(alert.labels),
    annotations: goAnnotations(alert, message),
    startsAt: goTime(alert.startsAt),
    endsAt: goTime(endsAt(alert)),
    generatorURL: generatorUrl(alert, message),
  }));
}
