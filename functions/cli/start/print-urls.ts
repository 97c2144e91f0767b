import type { Receiver } from "../../../test/receiver/server.ts";
import type { Zako } from "../../../test/zako/server.ts";
import type { DevSecrets } from "./dev-secrets.ts";

/** Targets whose senders are told how to push; the others go the same way. */
const MOST_SENDERS = 3;

/** Says what can be looked at, and what can be tried. */
export function printUrls(
  port: number,
  running: { zako: Zako | undefined; receiver: Receiver | undefined; secrets: DevSecrets },
  config: string,
): void {
  const { zako, receiver } = running;
  const { senders } = running.secrets;
  const base = `http://127.0.0.1:${port}`;
  const lines = [
    "",
    `Ready. ${zako === undefined ? "" : "A reference Zako runs on this machine and is probed every 10 seconds. "}Ctrl-C stops everything.`,
    "",
    `  status    ${base}/`,
    `  metrics   ${base}/metrics`,
    `  health    ${base}/healthz`,
    `  alerts    ${base}/alerts, or: npm run cli -- alerts list`,
    `  targets   ${config}: edit it while this runs`,
    ...senders.slice(0, MOST_SENDERS).map(({ target, token }) => {
      const headers = `authorization=Bearer%20${token},x-zako-target=${target}`;
      return `  push      OTEL_EXPORTER_OTLP_ENDPOINT=${base} OTEL_EXPORTER_OTLP_HEADERS=${headers}`;
    }),
    ...(zako === undefined
      ? []
      : [
          `  Zako      ${zako.url} (gRPC-Web and Connect), ${zako.grpcUrl} (native gRPC)`,
          `  control   ${zako.controlUrl}`,
          `  messages  ${receiver?.url}   notifications as Slack, e-mail, PagerDuty and a webhook receive them`,
          "",
          "In another terminal:",
          "",
          "  break it      npm run zako -- fault flip-byte",
          "  fix it        npm run zako -- clear",
          "  other faults  npm run zako -- fault --list",
        ]),
    "",
  ];
  console.log(lines.join("\n"));
}
