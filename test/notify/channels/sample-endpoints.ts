import { findChannel } from "../../../functions/notify/channels/registry.ts";

/** Values behind the names of bindings; each is a marker that must not be seen anywhere but at its receiver. */
export const SECRETS: Readonly<Record<string, string>> = {
  SLACK_WEBHOOK: "https://hooks.slack.example/services/T0/B0/marker-slack-url",
  RESEND_KEY: "re_marker-mail-key",
  PAGERDUTY_KEY: "marker-pagerduty-routing-key-032",
  HOOK_URL: "https://hooks.example/marker-hook-url",
  HOOK_KEY: `whsec_${btoa("marker-signing-key-of-at-least-24-bytes")}`,
  HOOK_KEY_OLD: `whsec_${btoa("marker-older-key-of-at-least-24-bytes")}`,
  HOOK_TOKEN: "marker-hook-token",
};

/** An endpoint of a channel as a test needs it. A channel that no other test uses has its sample in its own test file. */
export interface ChannelSample {
  readonly channel: string;
  /** As in `watch.yaml`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Values behind the names of the bindings that the options mention; each has `marker` in it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What its receiver says when it has taken a message. */
  readonly right: { readonly status: number; readonly text: string };
  /** Options that lead it to an http URL, where it has one by default. */
  readonly plainUrls?: Readonly<Record<string, string>>;
}

const sample = (channel: string, rest: Omit<ChannelSample, "channel" | "secrets">): ChannelSample => ({
  channel,
  secrets: SECRETS,
  ...rest,
});

/** Samples of the channels that several tests use. */
export const SAMPLES = {
  slack: sample("slack", { options: { webhook_url: "SLACK_WEBHOOK" }, right: { status: 200, text: "ok" } }),
  email: sample("email", {
    options: { from: "watch@example.com", to: ["oncall@example.com"], api_key: "RESEND_KEY" },
    right: { status: 200, text: '{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}' },
    plainUrls: { api_url: "http://mail.example" },
  }),
  pagerduty: sample("pagerduty", {
    options: { routing_key: "PAGERDUTY_KEY" },
    right: { status: 202, text: '{"status":"success","message":"Event processed","dedup_key":"k"}' },
    plainUrls: { events_url: "http://events.example" },
  }),
  webhook: sample("webhook", {
    options: {
      url_secret: "HOOK_URL",
      signing_secrets: ["HOOK_KEY"],
      auth: { secret: "HOOK_TOKEN", scheme: "Bearer" },
    },
    right: { status: 200, text: "" },
  }),
  alertmanager: sample("alertmanager", {
    options: { url: "https://alertmanager.example/", auth: { secret: "HOOK_TOKEN" } },
    right: { status: 200, text: "" },
  }),
} satisfies Readonly<Record<string, ChannelSample>>;

/** A sample's endpoint, read by the channel's own schema as the configuration does. */
export function endpointOf({ channel, options: own }: ChannelSample, options: object = own) {
  const found = findChannel(channel);
  if (found === undefined) throw new Error(`there is no channel ${channel}`);
  return { channel, options: found.options.parse(options) as Record<string, unknown>, sendResolved: true };
}

/** An endpoint of a channel that several tests use. */
export const sampleEndpoint = (channel: keyof typeof SAMPLES, options?: object) =>
  endpointOf(SAMPLES[channel], options);
