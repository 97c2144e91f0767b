import type { Maintenance } from "./alerting/maintenance.ts";
import type { NotifyConfig } from "./alerting/notify-config.ts";
import type { Rule } from "./alerting/rule.ts";
import type { ImportedFamily } from "./probing/reported-metric.ts";
import type { Target } from "./probing/target.ts";
import type { Vantage } from "./probing/vantage.ts";
import type { StatusPageConfig } from "./status-page.ts";

/** How much of the numbers `/metrics` shows. */
export const METRICS_DETAILS = ["standard", "full"] as const;
type MetricsDetail = (typeof METRICS_DETAILS)[number];

/** The whole configuration as the Worker uses it: validated, with defaults, compiled at build time. */
export interface Config {
  /** Hex digest of everything below. A Monitor that sees a new digest remaps its state. */
  hash: string;
  /** Compiled for a local run: http and loopback targets are allowed, `/metrics` is public, and every probe is due on the first tick. */
  local: boolean;
  /** Where `npm start` tells why an origin cannot be reached, http on loopback; absent in deployments. */
  lookUrl?: string;
  /** Keeps the canaries of two installations apart that watch the same store. */
  installation: string;
  /** Slots are multiples of this since the epoch: 60,000, or 10,000 if some interval is not a whole number of minutes. */
  gridMs: number;
  /** How many Monitors share the targets. */
  shards: number;
  /** Never empty; `["local"]` if no regions are configured. */
  vantages: readonly Vantage[];
  /** RegionProbers per region. */
  lanes: number;
  targets: readonly Target[];
  /** Rules to evaluate; absent: the shipped catalogue. */
  rules?: readonly Rule[];
  /** Who is notified of alerts; absent: nobody, alerts are only stored and shown. */
  notify?: NotifyConfig;
  /** Planned work on targets; absent: none. */
  maintenance?: readonly Maintenance[];
  /** What the status page says beside the targets; absent: nothing. */
  statusPage?: StatusPageConfig;
  /** Foreign families that scrapes and pushes may feed, in addition to our own. */
  imports?: readonly ImportedFamily[];
  /** Origin under which people reach this installation, for links; no trailing slash. */
  externalUrl?: string;
  metrics: {
    /** `/metrics` requires no token. */
    public: boolean;
    /** `_created` samples in OpenMetrics answers. */
    created: boolean;
    /** Which series are shown: what rules, dashboards and people need first, or all. */
    detail: MetricsDetail;
  };
  retention: {
    samplesDays: number;
    rollupsDays: number;
  };
}
