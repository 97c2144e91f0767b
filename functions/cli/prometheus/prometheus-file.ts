import { stringify } from "yaml";
import { nameOf, RULES_FILE, type Setup } from "./setup.ts";

/** `prometheus.yml`: every shard by http_sd, the rules, and the Alertmanager. */
export function prometheusFile(setup: Setup): string {
  const { url, tokenFile, alertmanagerUrl, scrapeInterval } = setup;
  // Prometheus 2.42 sends the bare token to http_sd where the type is left out.
  const authorization =
    tokenFile === undefined ? {} : { authorization: { type: "Bearer", credentials_file: tokenFile } };
  const { protocol, host } = new URL(alertmanagerUrl);
  return stringify({
    global: { scrape_interval: scrapeInterval, evaluation_interval: "1m" },
    rule_files: [RULES_FILE],
    alerting: {
      alertmanagers: [{ scheme: protocol.slice(0, -1), static_configs: [{ targets: [host] }] }],
    },
    scrape_configs: [
      {
        job_name: nameOf(setup),
        http_sd_configs: [{ url: `${url}/sd/prometheus`, refresh_interval: "1m", ...authorization }],
        ...authorization,
      },
    ],
  });
}
