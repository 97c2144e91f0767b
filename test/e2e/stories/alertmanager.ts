import { createServer } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import type { Message, MessageAlert } from "../../../functions/model/alerting/message.ts";
import { webhookBody } from "../../../functions/notify/channels/webhook.ts";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { checkWebhook } from "../../receiver/check-webhook.ts";
import { startAlertmanager } from "../alertmanager-server.ts";
import { freePort } from "../product.ts";
import type { Context, Story } from "../story.ts";

interface Body {
  status: string;
  groupKey: string;
  alerts: { fingerprint: string }[];
}

/** A real Alertmanager takes our pushes, and posts webhooks that ours equal. */
export const alertmanager: Story = {
  name: "alertmanager",
  needs: [{ command: "prometheus-alertmanager", debianPackage: "prometheus-alertmanager" }],
  async run(ctx) {
    const posted = await startCapture(ctx);
    const base = await startAlertmanager(
      ctx,
      `route: { receiver: ops, group_by: [target], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: ops, webhook_configs: [{ url: "${posted.url}", send_resolved: true }] }]
`,
    );
    const push = (message: Message) =>
      deliver(
        message,
        { channel: "alertmanager", options: { url: base }, sendResolved: true },
        {
          secret: () => undefined,
          binding: () => undefined,
          fetch,
          now: () => Date.now(),
          local: true,
          report: (trace) => ctx.check("no bug is reported", false, trace),
        },
      );

    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const down = alertOf({ alertname: "ZakoTargetDown", target: "cas-eu", severity: "critical" }, now - 252_000);
    const slow = alertOf(
      { alertname: "ZakoSlow", target: "cas-eu", severity: "warning", note: 'ünï "𝕏" \\ 👩‍👩‍👧' },
      now - 61_500,
    );
    const notified = messageOf([down, slow]);
    const first = await push(notified);
    ctx.check("it takes our alerts", first.kind === "delivered", first);

    const many = Array.from({ length: 600 }, (_, i) =>
      alertOf({ alertname: "ZakoTargetDown", target: `many-${i}`, severity: "info", crowd: "yes" }, now - i * 1_000),
    );
    const crowd = await push(messageOf(many));
    ctx.check("it takes 600 alerts, in batches", crowd.kind === "delivered", crowd);

    const kept = (await (await fetch(`${base}/api/v2/alerts`)).json()) as { fingerprint: string; startsAt: string }[];
    const ours = new Map([down, slow, ...many].map((alert) => [alert.fingerprint, alert]));
    const same = kept.filter((one) => ours.get(one.fingerprint)?.startsAt === Date.parse(one.startsAt));
    ctx.check(
      "it knows them by our fingerprints, from our times",
      same.length === 602 && kept.length === 602,
      `${same.length} of ${kept.length}`,
    );

    const isOurs = (body: Body): boolean => body.groupKey.includes("cas-eu");
    const firing = await ctx.until("its webhook", () =>
      posted.bodies.find((body) => isOurs(body) && body.alerts.length === 2),
    );
    ctx.check("its webhook body passes our strict check", checkWebhook(firing).length === 0, checkWebhook(firing));
    compare(ctx, "firing", firing, notified);

    // Not after its own clock: it keeps the later end of a firing alert where the new one is still to come.
    const over = messageOf([down, slow].map((alert) => ({ ...alert, status: "resolved", endsAt: now - 500 })));
    const last = await push(over);
    ctx.check("it takes our resolves", last.kind === "delivered", last);
    const resolved = await ctx.until("its webhook of the end", () =>
      posted.bodies.find((body) => isOurs(body) && body.status === "resolved"),
    );
    compare(ctx, "resolved", resolved, over);
  },
};

const EXTERNAL = "https://watch.example";

function alertOf(labels: Record<string, string>, startsAt: number): MessageAlert {
  const annotations = { summary: "Zako endpoint is down.", description: "3 of 3 vantages.\nNo answer." };
  return { fingerprint: fingerprint(labels), labels, annotations, startsAt, status: "firing" };
}

function messageOf(alerts: readonly MessageAlert[]): Message {
  const firing = alerts.some(({ status }) => status === "firing");
  return {
    id: "m",
    receiver: "ops",
    endpoint: 0,
    reason: firing ? "first notification" : "all alerts resolved",
    status: firing ? "firing" : "resolved",
    groupKey: '{}:{target="cas-eu"}',
    groupLabels: { target: "cas-eu" },
    openedAt: Date.now(),
    targets: 1,
    alsoNotified: [],
    alerts,
    truncated: 0,
    externalUrl: EXTERNAL,
    at: Date.now(),
    test: false,
  };
}

/** Compares what it posted with what we would post of the same alerts: all but the address of the poster. */
function compare(ctx: Context, what: string, theirs: Body, message: Message): void {
  const sorted = (body: Body): unknown => ({
    ...body,
    externalURL: EXTERNAL,
    alerts: [...body.alerts].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
  });
  const ours = JSON.parse(JSON.stringify(webhookBody(message, 0))) as Body;
  const equal = isDeepStrictEqual(sorted(theirs), sorted(ours));
  ctx.check(
    `${what}: its webhook body and ours are the same`,
    equal,
    equal ? "" : JSON.stringify([theirs, ours], null, 1),
  );
  const keys = (body: object): string => Object.keys(body).join(" ");
  ctx.check(`${what}: in the same order`, keys(theirs) === keys(ours), keys(theirs));
}

/** Takes webhooks and keeps their bodies. */
async function startCapture(ctx: Context): Promise<{ url: string; bodies: Body[] }> {
  const bodies: Body[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Body);
    response.end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  ctx.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}/`, bodies };
}
