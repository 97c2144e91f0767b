import type { NotifyConfig } from "./alerting/notify-config.ts";
import type { Rule } from "./alerting/rule.ts";
import type { ImportedFamily } from "./probing/reported-metric.ts";
import type { Target } from "./probing/target.ts";
import type { Vantage } from "./probing/vantage.ts";

/** The whole configuration as the Worker uses it: checked, defaults filled in, made at build time. */
export interface Config {
  /** Hex digest of everything below; a Monitor that sees a new one remaps its state. */
  hash: string;
  /** Made for a local run: http and loopback targets are allowed, `/metrics` is public, all is due on the first tick. */
  local: boolean;
  /** Separates the canaries of two installations that watch one store. */
  installation: string;
  /** Slots are the multiples of this since the epoch: 60,000, or 10,000 where some interval is no whole minute. */
  gridMs: number;
  /** How many Monitors share the targets. */
  shards: number;
  /** Never empty; `["local"]` where no regions are configured. */
  vantages: readonly Vantage[];
  /** RegionProbers per region. */
  lanes: number;
  targets: readonly Target[];
  /** Rules that are evaluated; absent: the catalogue as it is shipped. */
  rules?: readonly Rule[];
  /** Who is told of alerts; absent: nobody, alerts are only kept and shown. */
  notify?: NotifyConfig;
  /** Families of others that scrapes and pushes may bring, beside our own. */
  imports?: readonly ImportedFamily[];
  /** Origin under which people reach this installation, for links; no slash at the end. */
  externalUrl?: string;
  metrics: {
    /** No token is asked for on `/metrics`. */
    public: boolean;
    /** `_created` samples in OpenMetrics answers. */
    created: boolean;
  };
  retention: {
    samplesDays: number;
    rollupsDays: number;
  };
}
