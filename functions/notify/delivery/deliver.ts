import { bugTrace } from "../../lib/bug-trace.ts";
import { startDeadline } from "../../lib/deadline.ts";
import type { Delivery } from "../../model/alerting/delivery.ts";
import type { Message } from "../../model/alerting/message.ts";
import type { Endpoint } from "../../model/alerting/receiver.ts";
import type { ChannelDeps } from "../channels/channel.ts";
import { findChannel } from "../channels/registry.ts";
import { failed, uncertain } from "./judge-answer.ts";
import { orAborted } from "./post.ts";

/** How long one try may take, ms. */
const DELIVERY_DEADLINE_MS = 10_000;
/** After the deadline a channel has this long to say how far it came. All do at once; one that does not is a bug. */
const GRACE_MS = 500;

/** What a delivery needs of the world; `signal` ends it sooner than its own deadline. */
export interface DeliverDeps extends Omit<ChannelDeps, "signal"> {
  signal?: AbortSignal;
  /** Takes the trace of a bug, for the log; it holds nothing of messages, addresses or secrets. */
  report: (trace: string) => void;
}

/**
 * Tries once to deliver a message to an endpoint, within 10 s, and says what became of it. Never throws and keeps
 * nothing: when to try again is for the caller to decide, from the answer.
 */
export async function deliver(message: Message, endpoint: Endpoint, deps: DeliverDeps): Promise<Delivery> {
  const channel = findChannel(endpoint.channel);
  if (channel === undefined) return failed("internal", `this version has no channel ${endpoint.channel}`);
  using deadline = startDeadline(DELIVERY_DEADLINE_MS, deps.now(), deps.signal);
  using end = startDeadline(DELIVERY_DEADLINE_MS + GRACE_MS, deps.now());
  try {
    // The document was read with the channel's own schema.
    return await orAborted(channel.send(message, endpoint.options, { ...deps, signal: deadline.signal }), end.signal);
  } catch (error) {
    if (end.signal.aborted) return uncertain("timeout", `${endpoint.channel} did not finish within its deadline`);
    deps.report(`bug in channel ${endpoint.channel}: ${bugTrace(error)}`);
    return failed("render", "the message could not be rendered for the channel; this is a bug, see the log");
  }
}
