import type { DescMessage, DescMethodStreaming, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { startDeadline } from "../../../functions/lib/deadline.ts";
import { type Failure, reasons } from "../../../functions/model/probing/failure.ts";
import { call, type Endpoint, stream } from "../../../functions/probe/rpc/rpc.ts";

/** The transport under test behind the library's own interface, so that one driver can use both. */
export function transportOf(endpoint: Endpoint, ownFetch?: typeof fetch): Transport {
  const options = (headers: HeadersInit | undefined, signal: AbortSignal | undefined) => ({
    deadline: signal === undefined ? startDeadline(10_000, Date.now()) : { at: Date.now() + 10_000, signal },
    headers: Object.fromEntries(new Headers(headers).entries()),
    maxBytes: 4 * 2 ** 20,
    headWaitMs: 1,
    ...(ownFetch === undefined ? {} : { fetch: ownFetch }),
  });
  const shared = { service: undefined as never, header: new Headers(), trailer: new Headers() };
  return {
    async unary(method, signal, _timeoutMs, headers, input) {
      const answer = await call(endpoint, method, [input], options(headers, signal));
      if (!answer.ok) throw errorOf(answer.failure);
      return { ...shared, stream: false, method, message: answer.message };
    },
    async stream<I extends DescMessage, O extends DescMessage>(
      method: DescMethodStreaming<I, O>,
      signal: AbortSignal | undefined,
      _timeoutMs: number | undefined,
      headers: HeadersInit | undefined,
      input: AsyncIterable<MessageInitShape<I>>,
    ) {
      const requests: MessageInitShape<I>[] = [];
      for await (const request of input) requests.push(request);
      const messages: MessageShape<O>[] = [];
      let failed: Failure | null;
      if (method.methodKind === "client_streaming") {
        const answer = await call<I, O>(endpoint, method, requests, options(headers, signal));
        failed = answer.ok ? null : answer.failure;
        if (answer.ok) messages.push(answer.message);
      } else {
        const take = (message: MessageShape<O>): number => messages.push(message);
        const answer = await stream<I, O>(endpoint, method, requests, take, options(headers, signal));
        failed = answer.ok ? null : answer.failure;
      }
      async function* given() {
        yield* messages;
        if (failed !== null) throw errorOf(failed);
      }
      return { ...shared, stream: true, method, message: given() };
    },
  };
}

/** As the library throws it: what the server stated is marked as such, anything else is not. */
function errorOf(failed: Failure): ConnectError {
  const stated = failed.reason.startsWith("rpc_");
  const code = stated ? reasons.indexOf(failed.reason) - reasons.indexOf("rpc_canceled") + 1 : Code.Unknown;
  return Object.assign(new ConnectError(failed.message, code), { isWireError: stated });
}
