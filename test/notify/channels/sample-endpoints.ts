import { CHANNELS } from "../../../functions/notify/channels/registry.ts";

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

/** An endpoint of each channel, and what its receiver says when it has taken a message. */
export const SAMPLES: Readonly<Record<string, { options: unknown; right: { status: number; text: string } }>> = {
  slack: { options: { webhook_url: "SLACK_WEBHOOK" }, right: { status: 200, text: "ok" } },
  email: {
    options: { from: "watch@example.com", to: ["oncall@example.com"], api_key: "RESEND_KEY" },
    right: { status: 200, text: '{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}' },
  },
  pagerduty: {
    options: { routing_key: "PAGERDUTY_KEY" },
    right: { status: 202, text: '{"status":"success","message":"Event processed","dedup_key":"k"}' },
  },
  webhook: {
    options: {
      url_secret: "HOOK_URL",
      signing_secrets: ["HOOK_KEY"],
      auth: { secret: "HOOK_TOKEN", scheme: "Bearer" },
    },
    right: { status: 200, text: "" },
  },
  alertmanager: {
    options: { url: "https://alertmanager.example/", auth: { secret: "HOOK_TOKEN" } },
    right: { status: 200, text: "" },
  },
};

/** The channel's endpoint, read by its own schema as the configuration does. */
export function sampleEndpoint(channel: string, options = SAMPLES[channel]?.options) {
  const found = CHANNELS.find((one) => one.channel === channel);
  if (found === undefined) throw new Error(`there is no channel ${channel}`);
  return { channel, options: found.options.parse(options) as Record<string, unknown>, sendResolved: true };
}
