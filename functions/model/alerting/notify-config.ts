import type { Receiver } from "./receiver.ts";
import type { NotifyPolicy } from "./route.ts";

/** A URL that is called once a minute while all is well; whoever watches it raises the alarm when it stays away. */
interface Heartbeat {
  name: string;
  /** Name of the binding that holds the URL: whoever knows it can keep the alarm quiet. */
  secret: string;
}

/** The part of the configuration that the Alerter works by. */
export interface NotifyConfig {
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  heartbeats: readonly Heartbeat[];
  /** A Monitor that has not been heard of for so long is stale, ms. */
  staleAfterMs: number;
}
