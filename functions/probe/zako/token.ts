import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Protocol } from "../../../proto/gen/zako/v1/net_pb.ts";
import type { Ask, Client } from "../rpc/client.ts";
import type { StreamAnswer } from "../rpc/rpc.ts";

/** A token that can travel in a header and that is worth remembering; the contract only says that it is not empty. */
const USABLE_TOKEN = /^[\x21-\x7e]{1,4096}$/;

/** Whether a token can be sent. */
export const isUsableToken = (token: string): boolean => USABLE_TOKEN.test(token);

/** Has the server mint a token; undefined where it does not, or hands out one that cannot be sent. */
export async function issueToken(cas: Client): Promise<string | undefined> {
  const answer = await cas.call(ContentAddressableStorage.method.getTransportDetails, [
    { supportedProtocols: [Protocol.grpc] },
  ]);
  return answer.ok && isUsableToken(answer.message.authToken) ? answer.message.authToken : undefined;
}

/**
 * A client that, once, answers the refusal of its token with a new one: a server that was restarted has forgotten its
 * tokens, and a real caller would ask for another. `renew` gives the client with the new token, if there is one.
 */
export function renewingToken(first: Client, renew: () => Promise<Client | undefined>): Client {
  let client = first;
  let renewed = false;
  async function again<A extends StreamAnswer>(ask: Ask | undefined, send: () => Promise<A>): Promise<A> {
    const answer = await send();
    // A call that brought a token of its own wants to see what becomes of that one.
    if (answer.ok || answer.failure.reason !== "rpc_unauthenticated" || renewed || ask?.headers !== undefined) {
      return answer;
    }
    renewed = true;
    const fresh = answer.observation.messages === 0 ? await renew() : undefined;
    if (fresh === undefined) return answer;
    client = fresh;
    return send();
  }
  return {
    call: (method, requests, ask) => again(ask, () => client.call(method, requests, ask)),
    stream: (method, requests, onMessage, ask) => again(ask, () => client.stream(method, requests, onMessage, ask)),
  };
}
