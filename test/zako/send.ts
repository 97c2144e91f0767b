import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** What happens to an answer on its way. */
export interface SendEvents {
  /** A piece of the body is about to be written; the first comes after the headers. */
  onPiece?: () => void;
  /** Everything but the end itself is written: before that the client cannot think the call over. */
  beforeEnd?: () => void;
}

/** Writes an answer as slowly as the client reads it. Says whether all of it was handed to the kernel. */
export async function send(
  answer: UniversalServerResponse,
  response: NodeResponse,
  { onPiece, beforeEnd }: SendEvents = {},
): Promise<boolean> {
  const http2 = "stream" in response;
  // The two classes share these methods, but no type that the compiler can call them by.
  const res = response as unknown as ServerResponse;
  const body = answer.body?.[Symbol.asyncIterator]();
  try {
    let chunk = await body?.next();
    const headers = Object.fromEntries(answer.header ?? []);
    // Illegal in HTTP/2, where only the client can ask for another connection.
    if (http2) delete headers["connection"];
    res.writeHead(answer.status, headers);
    if (http2) res.flushHeaders();
    while (body !== undefined && chunk?.done === false) {
      onPiece?.();
      if (!(await write(res, chunk.value))) return false;
      chunk = await body.next();
    }
    if (answer.trailer !== undefined) res.addTrailers(Object.fromEntries(answer.trailer));
    beforeEnd?.();
    return await end(res);
  } finally {
    // Not awaited: a generator that waits for its client only ends with the call.
    body?.return?.()?.catch(() => {});
  }
}

/** Resolves to true when the stream wants more, to false when the client has left. */
function write(res: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (gone(res)) return resolve(false);
    if (res.write(chunk)) return resolve(true);
    const drain = (): void => done(true);
    const close = (): void => done(false);
    const done = (more: boolean): void => {
      res.off("drain", drain);
      res.off("close", close);
      resolve(more);
    };
    res.on("drain", drain);
    res.on("close", close);
  });
}

function end(res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    if (gone(res)) return resolve(false);
    res.once("finish", () => resolve(true));
    res.once("close", () => resolve(res.writableFinished));
    res.end();
  });
}

/** Whether the client has left. Node's HTTP/2 responses know that only of their stream. */
function gone(res: ServerResponse): boolean {
  const { stream } = res as { stream?: { destroyed: boolean; closed: boolean } };
  return stream === undefined ? res.destroyed || res.closed : stream.destroyed || stream.closed;
}
