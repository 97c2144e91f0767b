import { type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type Transport as RpcTransport } from "@connectrpc/connect";
import type { AnyKind } from "./any-call.ts";

/** What a caller sees of a call: the messages, and how it ended (`other` is anything but the server's own status). */
export interface Driven {
  readonly messages: readonly Uint8Array[];
  readonly end: number | "ok" | "other";
}

/** Calls a method of any kind through a transport of the library's interface. */
export async function drive(
  transport: RpcTransport,
  { method, requests }: Pick<AnyKind, "method" | "requests">,
): Promise<Driven> {
  const messages: Uint8Array[] = [];
  // The server of this suite asks for no deadline of its own; a test that hangs ends by the runner's.
  const timeoutMs = 10_000;
  try {
    if (method.methodKind === "unary") {
      const answer = await transport.unary(method, undefined, timeoutMs, undefined, requests[0]);
      messages.push(toBinary<DescMessage>(method.output, answer.message));
    } else {
      const input = (async function* () {
        yield* requests as readonly MessageInitShape<DescMessage>[];
      })();
      const answer = await transport.stream(method, undefined, timeoutMs, undefined, input);
      for await (const message of answer.message) messages.push(toBinary<DescMessage>(method.output, message));
    }
    return { messages, end: "ok" };
  } catch (error) {
    const { code, isWireError } = ConnectError.from(error) as ConnectError & { isWireError?: boolean };
    return { messages, end: isWireError === true ? code : "other" };
  }
}
