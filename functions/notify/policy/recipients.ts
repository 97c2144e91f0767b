import { getOrInsert } from "../../lib/get-or-insert.ts";
import { type EndpointState, endpointKeyOf, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import type { DecideInput } from "./decide-input.ts";
import { type Group, groupOf } from "./group.ts";
import { findMutes } from "./mute.ts";
import { type RoutedReceiver, routeAlert, type Suppression } from "./route-recipients.ts";

/** A firing alert that an endpoint should be notified of. */
export interface Recipient extends Pick<RoutedReceiver, "route" | "via"> {
  key: string;
  alert: KnownAlert;
  group: Group;
}

/** Where messages go. */
export type RecipientEndpoint = Pick<EndpointState, "receiver" | "index" | "endpoint">;

export interface Recipients {
  /** By endpoint, then by alert. */
  byEndpoint: ReadonlyMap<string, ReadonlyMap<string, Recipient>>;
  /** Why others are not notified, by alert. */
  suppressed: Map<string, Suppression[]>;
  /** Every endpoint of the configuration. */
  configured: ReadonlyMap<string, RecipientEndpoint>;
}

/** Whether a message about the alert gets through to the endpoint, as far as is known. */
export type GetsThrough = (endpointKey: string, alertKey: string) => boolean;

/** Works out which endpoints every firing alert should notify now. */
export function recipientsOf(input: DecideInput, getsThrough: GetsThrough): Recipients {
  const { policy, alerts, acknowledgements, now } = input;
  const endpointsOf = keyEndpoints(input.receivers);
  const findMute = findMutes(policy, input.silences, alerts.values(), now);
  const byEndpoint = new Map<string, Map<string, Recipient>>();
  const suppressed = new Map<string, Suppression[]>();
  for (const [key, alert] of alerts) {
    if (alert.resolvedAt !== undefined) continue;
    const routing = routeAlert(alert, {
      policy,
      findMute,
      acknowledgement: acknowledgements.get(key),
      isBroken: (receiver) => {
        // A receiver without endpoints cannot be reached.
        const ways = endpointsOf.get(receiver) ?? [];
        return ways.length === 0 || !ways.every(([name]) => getsThrough(name, key));
      },
      now,
    });
    if (routing.suppressed.length > 0) suppressed.set(key, [...routing.suppressed]);
    for (const { receiver, route, via } of routing.recipients) {
      const group = groupOf(route, alert);
      for (const [name] of endpointsOf.get(receiver) ?? []) {
        const recipients = getOrInsert(byEndpoint, name, () => new Map<string, Recipient>());
        if (!recipients.has(key)) recipients.set(key, { key, alert, route, group, via });
      }
    }
  }
  return { byEndpoint, suppressed, configured: new Map([...endpointsOf.values()].flat()) };
}

function keyEndpoints(
  receivers: readonly Receiver[],
): ReadonlyMap<string, readonly (readonly [string, RecipientEndpoint])[]> {
  return new Map(
    receivers.map(({ name, endpoints }) => [
      name,
      endpoints.map((endpoint, index) => [endpointKeyOf(name, endpoint), { receiver: name, index, endpoint }] as const),
    ]),
  );
}
