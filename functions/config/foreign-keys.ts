import type { Path } from "./issue.ts";

/** Sections of the document in which keys of other tools are recognised. */
type Section = "top" | "target" | "probe" | "notify" | "route" | "inhibit" | "interval" | "endpoint" | "channel";

/** A key that another tool has, and what to write here instead. */
interface ForeignKey {
  of: string;
  instead: string;
}

const AM = "Alertmanager";
const BB = "blackbox_exporter";
const PROM = "Prometheus";
const GATUS = "Gatus";
const KUMA = "Uptime Kuma";

const one = (of: string, instead: string, ...keys: string[]): [string, ForeignKey][] =>
  keys.map((key) => [key, { of, instead }]);
const table = (...rows: [string, ForeignKey][][]): ReadonlyMap<string, ForeignKey> => new Map(rows.flat());

const CHANNELS = (["slack", "pagerduty", "email", "webhook"] as const).map((name) =>
  one(AM, `write \`${name}\`; each list entry is one channel`, `${name}_configs`),
);
const NO_CHANNEL = one(
  AM,
  "zako-watch does not have this channel; write `webhook`, or `alertmanager` to let an Alertmanager send it",
  ...["opsgenie", "victorops", "pushover", "wechat", "telegram", "discord", "msteams", "msteamsv2", "sns", "webex"].map(
    (name) => `${name}_configs`,
  ),
  ...["jira_configs", "rocketchat_configs", "incidentio_configs"],
);

const KEYS: Readonly<Record<Section, ReadonlyMap<string, ForeignKey>>> = {
  top: table(
    one(AM, "write `notify: { route: ... }`", "route"),
    one(AM, "write `notify: { receivers: { NAME: [...] } }`", "receivers"),
    one(AM, "write `notify: { inhibit: [...] }`", "inhibit_rules"),
    one(AM, "write `notify: { intervals: { NAME: [...] } }`", "time_intervals", "mute_time_intervals"),
    one(AM, "write `title` and `text` of an endpoint", "templates"),
    one(AM, "write each setting where it is used; secrets are named there", "global"),
    one(BB, "write `probes` of a target", "modules"),
    one(PROM, "write `targets`, each with `name` and `cas`", "scrape_configs"),
    one(PROM, "write `rules: { NAME: { kind: ... } }`", "groups", "rule_files"),
    one(GATUS, "write `targets`, each with `name` and `cas`", "endpoints"),
    one(GATUS, "write `notify: { receivers: ... }`", "alerting"),
    one(GATUS, "write `probes: { push: true }` of a target", "external-endpoints"),
    one(GATUS, "remove it: state is in Durable Objects and D1", "storage"),
    one(GATUS, "remove it: PORT sets the port of `npm start`", "web"),
    one(GATUS, "remove it: the pages have no settings", "ui"),
    one(GATUS, "remove it: the secrets METRICS_TOKEN and ADMIN_TOKEN protect pages and API", "security"),
    one(GATUS, "remove it: a failure of the prober itself is never a vote; add `vantages`", "connectivity"),
    one(GATUS, "remove it: rounds are bounded by `lanes`", "concurrency", "disable-monitoring-lock"),
    one(KUMA, "write `targets`, each with `name` and `cas`", "monitorList", "monitors"),
    one(KUMA, "write `notify: { receivers: ... }`", "notificationList"),
    one(KUMA, "remove it: a proxy is not possible; `vantages` are regions", "proxyList"),
  ),
  target: table(
    one(GATUS, "write `cas`", "url"),
    one(KUMA, "write `cas` with a URL", "hostname", "port"),
    one(GATUS, "write `labels: { group: ... }`", "group"),
    one(GATUS, "remove it: each probe judges by itself; `degraded_after` bounds its duration", "conditions"),
    one(GATUS, "write `notify: { route: { routes: [...] } }`", "alerts"),
    one(GATUS, "write `auth: { header: ..., secret: NAME }`", "headers"),
    one(GATUS, "remove it: the probes know what to ask", "method", "body", "graphql", "dns", "ssh"),
    one(GATUS, "write `defaults: { timeout: ... }`; certificates are always verified", "client"),
    one(GATUS, "remove the target, or switch off its `probes`", "enabled"),
    one(GATUS, "write `interval` of a probe, such as `probes: { health: { interval: 1m } }`", "interval"),
    one(GATUS, "write `maintenance` at the top of the document", "maintenance-windows"),
    one(BB, "write `timeout` of a probe, such as `probes: { health: { timeout: 5s } }`", "timeout"),
    one(BB, "write `probes`", "module", "prober", "http", "grpc", "tcp", "icmp"),
    one(PROM, "write `name`", "job_name", "job"),
    one(PROM, "write one entry of `targets` for each server, with `name` and `cas`", "static_configs", "targets"),
    one(PROM, "write `interval` of a probe, such as `probes: { scrape: { interval: 1m } }`", "scrape_interval"),
    one(PROM, "write `timeout` of a probe, such as `probes: { scrape: { timeout: 5s } }`", "scrape_timeout"),
    one(PROM, "write `probes: { scrape: { url: ... } }`", "metrics_path", "scheme", "params"),
    one(PROM, "write `auth: { header: authorization, scheme: Bearer, secret: NAME }`", "authorization", "bearer_token"),
    one(PROM, "write `auth: { header: authorization, scheme: Basic, secret: NAME }`", "basic_auth"),
    one(PROM, "remove it: certificates are always verified", "tls_config"),
    one(PROM, "write `labels` of the target", "relabel_configs", "metric_relabel_configs"),
    one(KUMA, "remove it: the probes know what to ask", "type", "accepted_statuscodes", "keyword", "ignoreTls"),
    one(KUMA, "write `thresholds: { failures: ..., out_of: ... }` of a probe", "maxretries"),
    one(KUMA, "write `recheck`", "retryInterval", "retry_interval"),
    one(KUMA, "write `notify: { route: ... }`", "notificationIDList"),
    one(KUMA, "write `labels`", "tags"),
  ),
  probe: table(
    one(
      BB,
      "remove it: the probe knows what to ask",
      "prober",
      "method",
      "body",
      "valid_status_codes",
      "query_response",
    ),
    one(
      BB,
      "remove it: the probe judges by the answer",
      "fail_if_body_matches_regexp",
      "fail_if_body_not_matches_regexp",
    ),
    one(BB, "write `protocol` of the target", "grpc", "http", "tls", "tls_config", "preferred_ip_protocol"),
    one(GATUS, "write `thresholds: { failures: ..., out_of: ... }`", "failure-threshold"),
    one(GATUS, "write `thresholds: { recoveries: ... }`", "success-threshold"),
    one(GATUS, "write `degraded_after` for the duration; the probe judges the answer", "conditions"),
    one(PROM, "write `interval`", "scrape_interval"),
    one(PROM, "write `timeout`", "scrape_timeout"),
    one(KUMA, "write `thresholds: { failures: ..., out_of: ... }`", "maxretries"),
    one(KUMA, "write `recheck`", "retryInterval"),
  ),
  notify: table(
    one(AM, "write `inhibit`", "inhibit_rules"),
    one(AM, "write `intervals: { NAME: [...] }`", "time_intervals", "mute_time_intervals"),
    one(
      AM,
      "write `repeat_interval`, `group_wait` and the like in `route`",
      "group_wait",
      "group_interval",
      "repeat_interval",
      "group_by",
    ),
    one(AM, "write `send_resolved` beside the channel, in an entry of a receiver", "send_resolved"),
    one(AM, "write `mute` of a route or of a severity", "mute_timings"),
    one(AM, "write `title` and `text` of an endpoint", "templates"),
    one(AM, "write each setting where it is used; secrets are named there", "global"),
  ),
  route: table(
    one(AM, "write `match`", "matchers", "object_matchers"),
    one(AM, "write `match: ['NAME=~\"REGEX\"']`", "match_re"),
    one(AM, "write `mute`", "mute_time_intervals", "mute_timings"),
    one(AM, "write `active_intervals`", "active_time_intervals"),
    one(AM, "write `send_resolved` beside the channel, in an entry of a receiver", "send_resolved"),
    one(AM, "write `routes` in the route itself", "child_routes"),
  ),
  inhibit: table(
    one(AM, "write `source`", "source_matchers", "source_match", "source_match_re"),
    one(AM, "write `target`", "target_matchers", "target_match", "target_match_re"),
  ),
  interval: table(
    one(AM, "write the name as the key: `intervals: { NAME: [...] }`", "name"),
    one(AM, "write its entries here, one level up", "time_intervals"),
    one(AM, "write `location`", "timezone", "time_zone", "tz"),
    one(AM, "write `times: [{ start_time: ..., end_time: ... }]`", "start_time", "end_time", "start", "end"),
  ),
  endpoint: table(
    ...CHANNELS,
    NO_CHANNEL,
    one(AM, "write the name as the key: `receivers: { NAME: [...] }`", "name"),
    one(GATUS, "write it in the channel, such as `slack: { webhook_url: NAME }`", "webhook-url", "integration-key"),
    one(
      GATUS,
      "zako-watch does not have this channel; write `webhook`",
      "telegram",
      "discord",
      "teams",
      "ntfy",
      "gotify",
      "custom",
    ),
    one(GATUS, "write `interval` and `thresholds` of a probe, and `routes`", "default-alert"),
  ),
  channel: table(
    one(AM, "write it one level up, beside the channel", "send_resolved", "send-on-resolved"),
    one(AM, "write it one level up, beside the channel: `title` and `text`", "title", "text", "pretext", "description"),
    one(AM, "write `webhook_url` with the name of a secret", "api_url", "api_url_file", "webhook-url"),
    one(AM, "write `routing_key` with the name of a secret", "service_key", "routing_key_file", "integration-key"),
    one(
      AM,
      "remove it: mail goes out by the platform or by an HTTP provider",
      "smarthost",
      "auth_username",
      "auth_password",
      "require_tls",
    ),
    one(
      AM,
      "remove it: the channel has no such setting",
      "http_config",
      "max_alerts",
      "headers",
      "html",
      "icon_emoji",
      "username",
    ),
  ),
};

/** What to write instead of a key of another tool, as the end of a sentence; undefined where nobody has such a key. */
export function foreignKey(path: Path, key: string): string | undefined {
  const section = sectionOf(path);
  const found = section && KEYS[section].get(key);
  return found && `is a key of ${found.of}; ${found.instead}`;
}

function sectionOf(path: Path): Section | undefined {
  const [first, second] = path;
  if (first === undefined) return "top";
  if (first === "targets")
    return path.length === 2 ? "target" : path[2] === "probes" && path.length === 4 ? "probe" : undefined;
  if (first === "defaults") return path[1] === "probes" && path.length === 3 ? "probe" : undefined;
  if (first === "maintenance") return path[2] === "intervals" ? "interval" : undefined;
  if (first !== "notify") return undefined;
  if (second === undefined) return "notify";
  if (second === "route") return "route";
  if (second === "inhibit") return "inhibit";
  if (second === "intervals") return "interval";
  if (second === "receivers") return path.length === 4 ? "endpoint" : path.length === 5 ? "channel" : undefined;
  return undefined;
}
