import { alertmanager } from "./alertmanager.ts";
import type { Channel } from "./channel.ts";
import { email } from "./email.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

/** Every channel. A new one is one file and one line here. */
export const CHANNELS: readonly Channel[] = [slack, email, pagerduty, webhook, alertmanager];

const byName: ReadonlyMap<string, Channel> = new Map(CHANNELS.map((channel) => [channel.channel, channel]));

/** The channel of that name, if there is one. */
export const findChannel = (name: string): Channel | undefined => byName.get(name);
