/** Where a local receiver takes messages: its origin, and the key that it checks webhooks with. */
export interface LocalReceiver {
  url: string;
  webhookKey: string;
}

/** The `notify` section of a local run: every channel that the receiver plays, and an escalation to see. */
export const localNotify = ({ url }: LocalReceiver): string => `notify:
  receivers:
    team:
      - slack: { webhook_url: LOCAL_SLACK_URL }
      - email: { from: zako-watch@example.com, to: [team@example.com], api_key: LOCAL_EMAIL_KEY, api_url: ${url}/emails }
    oncall:
      - pagerduty: { routing_key: LOCAL_PAGERDUTY_KEY, events_url: ${url}/v2/enqueue }
      - webhook: { url: ${url}/webhook, signing_secrets: [LOCAL_WEBHOOK_KEY] }
    manager:
      - webhook: { url: ${url}/webhook/manager }
  route:
    receiver: team
    group_wait: 5s
    group_interval: 30s
    routes:
      - { match: severity="critical", receiver: oncall, continue: true }
      - { match: severity=~".+", receiver: team }
  severities:
    critical: { escalation: [{ after: 2m, receiver: manager, unless: [acknowledged] }] }
`;

/** What the secrets that `localNotify` names hold. */
export const localNotifySecrets = ({ url, webhookKey }: LocalReceiver): Record<string, string> => ({
  LOCAL_SLACK_URL: `${url}/services/T0/B0/local`,
  LOCAL_EMAIL_KEY: "local",
  LOCAL_PAGERDUTY_KEY: "0123456789abcdef0123456789abcdef",
  LOCAL_WEBHOOK_KEY: webhookKey,
});
