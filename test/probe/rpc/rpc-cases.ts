import { type Protocol, protocols } from "../../../functions/model/probing/protocol.ts";
import type { Method } from "../../../functions/probe/rpc/rpc-route.ts";
import { frame, join, type Script } from "../scripted-fetch.ts";
import { type AnyKind, kinds } from "./any-call.ts";

export const cases = protocols.flatMap((protocol) =>
  kinds.map((any) => ({ protocol, any, name: `${any.kind} ${protocol}` })),
);

export function contentType(protocol: Protocol, method: Method): string {
  if (protocol !== "connect") return "application/grpc-web+proto";
  return method.methodKind === "unary" ? "application/proto" : "application/connect+proto";
}

/** The answer of a healthy server, as one piece. */
export function goodBody(protocol: Protocol, any: AnyKind): Uint8Array {
  if (protocol !== "connect") return join(frame(0, any.answer), frame(0x80, "grpc-status:0\r\n"));
  return any.method.methodKind === "unary" ? any.answer : join(frame(0, any.answer), frame(2, "{}"));
}

export function good(protocol: Protocol, any: AnyKind): Script {
  return { headers: { "content-type": contentType(protocol, any.method) }, chunks: [goodBody(protocol, any)] };
}
