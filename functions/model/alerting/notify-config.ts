import type { Receiver } from "./receiver.ts";
import type { NotifyPolicy } from "./route.ts";

/** A URL that is called once a minute while all is well; whoever watches it raises the alarm when it stays away. */
interface Heartbeat {
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
