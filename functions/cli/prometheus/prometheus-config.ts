import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suggestion } from "../../config/suggest.ts";
import { formatDuration, parseDuration } from "../../lib/duration.ts";
import { SECOND_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import { type Command, UsageError } from "../command.ts";
import { configArguments } from "../config/config-arguments.ts";
import { loadOrComplain } from "../config/read-config.ts";
import { readOptions } from "../read-options.ts";
import { notifiesItself, provisioningFiles } from "./provisioning-files.ts";
import { nameOf, type Setup } from "./setup.ts";

const OPTIONS = {
  local: { type: "boolean" },
  into: { type: "string" },
  print: { type: "string" },
  url: { type: "string" },
  "token-file": { type: "string" },
  "scrape-interval": { type: "string", default: "1m" },
  prometheus: { type: "string", default: "http://127.0.0.1:9090" },
  alertmanager: { type: "string", default: "http://127.0.0.1:9093" },
  webhook: { type: "string", default: "http://127.0.0.1:5001/" },
} as const;

type Given = ReturnType<typeof readOptions<typeof OPTIONS>>["values"];

/** Prints or writes what Prometheus, Alertmanager and Grafana need, with the names of this installation. */
export const prometheusConfig: Command = {
  name: "prometheus config",
  usage:
    "[FILE] [--local] [--print PATH | --into FOLDER] [--url URL] [--token-file PATH] [--scrape-interval 1m] [--prometheus URL] [--alertmanager URL] [--webhook URL]",
  summary: "Prints configuration for Prometheus, or with --into all files for Prometheus, Alertmanager and Grafana.",
  async run(args, context) {
    const { values, positionals } = readOptions(args, OPTIONS);
    const { file, local } = configArguments([...positionals, ...(values.local ? ["--local"] : [])], context);
    const loaded = loadOrComplain(file, local, context);
    if (loaded === undefined) return 1;
    const setup = setupOf(loaded.config, values);
    const files = await provisioningFiles(setup, loaded.config, shownFamilies(context.kinds, loaded.config.imports));
    if (values.into === undefined) {
      const path = values.print ?? "prometheus/prometheus.yml";
      const text = files.get(path);
      if (text === undefined)
        throw new UsageError(`${JSON.stringify(path)} is not a file${suggestion(path, [...files.keys()])}`);
      context.print(text.trimEnd());
      return 0;
    }
    for (const [path, text] of files) {
      const at = join(values.into, path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
      context.print(at);
    }
    return 0;
  },
};

function setupOf(config: Config, given: Given): Setup {
  const url = given.url ?? config.externalUrl;
  if (url === undefined)
    throw new UsageError("the address of the installation is unknown; set external_url in watch.yaml, or give --url");
  const tokenFile = `/etc/prometheus/${nameOf(config)}.token`;
  return {
    url: originOf("--url", url),
    installation: config.installation,
    tokenFile: given["token-file"] ?? (config.metrics.public ? undefined : tokenFile),
    notifiesItself: notifiesItself(config),
    scrapeInterval: intervalOf(given["scrape-interval"]),
    prometheusUrl: originOf("--prometheus", given.prometheus),
    alertmanagerUrl: originOf("--alertmanager", given.alertmanager),
    webhookUrl: given.webhook,
  };
}

/** The shortest window of a rule is 5 minutes, and needs four scrapes. */
const LONGEST_INTERVAL_MS = 75_000;

function intervalOf(text: string): string {
  const ms = parseDuration(text);
  if (ms === undefined || ms < SECOND_MS || ms > LONGEST_INTERVAL_MS)
    throw new UsageError(
      `--scrape-interval ${JSON.stringify(text)} is not a duration from 1s to ${formatDuration(LONGEST_INTERVAL_MS)}; rules need four scrapes in 5 minutes`,
    );
  return text;
}

function originOf(option: string, text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "")
    throw new UsageError(
      `${option} ${JSON.stringify(text)} is not an origin; give one such as https://watch.example.com`,
    );
  return url.origin;
}
