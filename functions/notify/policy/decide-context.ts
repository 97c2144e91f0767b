import { endpointKeyOf } from "../../model/alerting/alerter-state.ts";
import type { Receiver } from "../../model/alerting/receiver.ts";
import type { DecideInput } from "./decide-input.ts";
import { getsThrough } from "./gets-through.ts";
import { ledgersOf } from "./ledger.ts";
import type { DecideContext, RecipientEndpoint } from "./stage.ts";

/** What is derived from the input once. */
export function contextOf(input: DecideInput): DecideContext {
  const ledgers = ledgersOf(input.notificationLog, input.outbox);
  return { ...input, ledgers, endpointsOf: endpointsOf(input.receivers), getsThrough: getsThrough(input, ledgers) };
}

const endpointsOf = (receivers: readonly Receiver[]): ReadonlyMap<string, readonly RecipientEndpoint[]> =>
  new Map(
    receivers.map(({ name, endpoints }) => [
      name,
      endpoints.map((endpoint, index) => ({
        endpointKey: endpointKeyOf(name, endpoint),
        receiver: name,
        index,
        endpoint,
      })),
    ]),
  );
