import * as z from "zod";
import { type AnswerRules, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { renderMessage } from "../message/render-message.ts";
import type { Channel } from "./channel.ts";
import { channelSecret, secretMissing } from "./channel-secret.ts";
import { secretName } from "./option-leaf.ts";

const Options = z.strictObject({
  url_secret: secretName.meta({
    description: "Name of the secret binding that holds the URL to post to.",
    example: "DEMO_URL",
  }),
});
type Options = z.output<typeof Options>;

const MOST_ALERTS = 10;

export const demo: Channel<Options> = {
  channel: "demo",
  doc: "Posts the title of a message, and the titles of its alerts.",
  options: Options,
  bindings: ({ url_secret }) => [url_secret],
  urls: () => ({}),

  async send(message, { url_secret }, deps) {
    const url = channelSecret(deps, url_secret);
    if (url === undefined) return secretMissing(url_secret);
    const { title, alerts } = renderMessage(message, MOST_ALERTS);
    const body = JSON.stringify({ title, alerts: alerts.map((alert) => alert.title) });
    return judgeAnswer(await post({ url, body, readAnswer: false }, deps), RULES, deps.now());
  },
};

const RULES: AnswerRules = { who: "the demo", repeatable: false, accepted: () => ({ kind: "delivered" }) };
