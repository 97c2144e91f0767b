import type { Receiver } from "./receiver.ts";
import type { NotifyPolicy } from "./route.ts";

/** A URL that is called every minute while everything works. The service behind it raises the alarm when calls stop. */
export interface Heartbeat {
  name: string;
  /** Name of the binding with the URL. The URL is a secret: whoever knows it can suppress the alarm. */
  secret: string;
}

/** The part of the configuration that the Alerter uses. */
export interface NotifyConfig {
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  heartbeats: readonly Heartbeat[];
  /** A Monitor is stale after this time without a report, ms. */
  staleAfterMs: number;
}
