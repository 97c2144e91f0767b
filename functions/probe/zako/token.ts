import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Protocol } from "../../../proto/gen/zako/v1/net_pb.ts";
import type { Ask, Client } from "../rpc/client.ts";
import type { StreamAnswer } from "../rpc/rpc.ts";

/** A token that fits into a header and into storage; the contract only says that it is not empty. */
const USABLE_TOKEN = /^[\x21-\x7e]{1,4096}$/;

/** Whether a token can be sent. */
export const isUsableToken = (token: string): boolean => USABLE_TOKEN.test(token);

/** Requests a token; undefined if the server issues none, or one that cannot be sent. */
export async function issueToken(cas: Client): Promise<string | undefined> {
  const answer = await cas.call(ContentAddressableStorage.method.getTransportDetails, [
    { supportedProtocols: [Protocol.grpc] },
  ]);
  return answer.ok && isUsableToken(answer.message.authToken) ? answer.message.authToken : undefined;
}

/**
 * A client that retries once with a new token if its token is refused: a restarted server has forgotten its tokens, and a
 * real caller would request another. `renew` returns the client with the new token, if there is one.
 */
export function renewingToken(first: Client, renew: () => Promise<Client | undefined>): Client {
  let client = first;
  let renewed = false;
  async function again<A extends StreamAnswer>(ask: Ask | undefined, send: () => Promise<A>): Promise<A> {
    const answer = await send();
    // A call with its own token tests that token.
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
