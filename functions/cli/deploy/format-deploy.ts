import { NEW_TOKEN } from "../../config/token-problems.ts";
import type { Config } from "../../model/config.ts";
import type { WantedSecret } from "./wanted-secrets.ts";

/** The https addresses among what a deployment names; schedules and wildcards are left out. Pure. */
export function urlsOf(targets: readonly string[]): string[] {
  return targets.flatMap((target) => {
    const text = target.replace(/\s*\(.*\)$/, "").replace(/\/\*$/, "");
    if (/^[a-z ]+: /i.test(target) || text.includes("*")) return [];
    const url = URL.parse(text.includes("://") ? text : `https://${text}`);
    return url === null ? [] : [url.origin];
  });
}

/** Secrets that nobody has set, and how to set them. */
export function formatMissing(
  secrets: readonly WantedSecret[],
  environment: string | undefined,
  verb: "uses" | "misses",
): string {
  // Without a name, wrangler warns that there are several.
  const env = environment === undefined ? '--env=""' : `--env ${environment}`;
  const count = `${secrets.length} ${secrets.length === 1 ? "secret" : "secrets"}`;
  const head =
    verb === "misses"
      ? `   ${count} missing. Set each; no new deployment is needed:`
      : `   The configuration uses ${count}. Set those that are missing:`;
  return [
    head,
    ...secrets.map(({ name, without }) => `     npx wrangler secret put ${name} ${env}   # without it, ${without}`),
    `   For tokens of your own, ${NEW_TOKEN}.`,
  ].join("\n");
}

/** Where the installation answers. */
export function formatUrls(urls: readonly string[], { metrics, externalUrl }: Config): string {
  const url = externalUrl ?? urls[0];
  if (url === undefined)
    return "   The Worker has no address: add `workers_dev = true` or a route to wrangler.toml, and set external_url.";
  const token = metrics.public ? "" : ", with METRICS_TOKEN";
  return [
    `   ${url}/healthz         200 after the first tick, within two minutes`,
    `   ${url}/alerts          alerts and targets${token}`,
    `   ${url}/metrics         for Prometheus${token}; ${url}/sd/prometheus names one scrape per shard`,
    `   Commands: ADMIN_TOKEN=... npm run cli -- alerts list --url ${url}`,
    ...(externalUrl === undefined
      ? [`   Set external_url: ${url} in the configuration, so that messages link to it.`]
      : []),
  ].join("\n");
}
