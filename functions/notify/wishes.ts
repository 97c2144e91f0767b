import { getOrInsert } from "../lib/get-or-insert.ts";
import { endpointKeyOf, type KnownAlert, type KnownEndpoint } from "../model/alert-book.ts";
import type { Receiver } from "../model/receiver.ts";
import { type Address, address, type Held } from "./address.ts";
import type { DecideInput } from "./decide-input.ts";
import { type Group, groupOf } from "./group.ts";
import { findMutes } from "./mute.ts";

/** That an endpoint shall know of a firing alert. */
export interface Wish extends Pick<Address, "route" | "via"> {
  key: string;
  alert: KnownAlert;
  group: Group;
}

/** Where messages go. */
export type Destination = Pick<KnownEndpoint, "receiver" | "index" | "endpoint">;

export interface Wishes {
  /** By endpoint, then by alert. */
  byEndpoint: ReadonlyMap<string, ReadonlyMap<string, Wish>>;
  /** Why others are not told, by alert. */
  held: Map<string, Held[]>;
  /** Every endpoint of the configuration, told of something or not. */
  configured: ReadonlyMap<string, Destination>;
}

/** Whether a message about the alert gets through to the endpoint, as far as is known. */
export type GetsThrough = (endpointKey: string, alertKey: string) => boolean;

/** Works out for every firing alert which endpoints shall know of it now. */
export function gatherWishes(input: DecideInput, getsThrough: GetsThrough): Wishes {
  const { policy, alerts, acknowledgements, now } = input;
  const endpointsOf = keyEndpoints(input.receivers);
  const findMute = findMutes(policy, input.silences, alerts.values(), now);
  const byEndpoint = new Map<string, Map<string, Wish>>();
  const held = new Map<string, Held[]>();
  for (const [key, alert] of alerts) {
    if (alert.resolvedAt !== undefined) continue;
    const addressing = address(alert, {
      policy,
      findMute,
      acknowledgement: acknowledgements.get(key),
      isBroken: (receiver) => {
        // A receiver without an endpoint cannot be reached by any way.
        const ways = endpointsOf.get(receiver) ?? [];
        return ways.length === 0 || !ways.every(([name]) => getsThrough(name, key));
      },
      now,
    });
    if (addressing.held.length > 0) held.set(key, [...addressing.held]);
    for (const { receiver, route, via } of addressing.told) {
      const group = groupOf(route, alert);
      for (const [name] of endpointsOf.get(receiver) ?? []) {
        const wishes = getOrInsert(byEndpoint, name, () => new Map<string, Wish>());
        if (!wishes.has(key)) wishes.set(key, { key, alert, route, group, via });
      }
    }
  }
  return { byEndpoint, held, configured: new Map([...endpointsOf.values()].flat()) };
}

function keyEndpoints(
  receivers: readonly Receiver[],
): ReadonlyMap<string, readonly (readonly [string, Destination])[]> {
  return new Map(
    receivers.map(({ name, endpoints }) => [
      name,
      endpoints.map((endpoint, index) => [endpointKeyOf(name, endpoint), { receiver: name, index, endpoint }] as const),
    ]),
  );
}
