import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Shape } from "./call.ts";

/** A frame of Connect streams, gRPC-Web and gRPC: a byte of flags, a length, that many bytes. */
export interface Envelope {
  readonly flags: number;
  readonly data: Uint8Array;
}

/** Flag of a compressed frame, in all three protocols. */
export const compressedFlag = 0x01;

/** Frame header: one byte of flags, four of length. */
const headerBytes = 5;

/** The bytes of a frame; `lengthBytes` for one that lies about its length. */
export function encode({ flags, data }: Envelope, lengthBytes = data.length): Uint8Array {
  const bytes = new Uint8Array(headerBytes + data.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, lengthBytes);
  bytes.set(data, headerBytes);
  return bytes;
}

/** Whether a frame is the one that ends its stream; gRPC ends with HTTP trailers instead. */
export function isEnd({ flags }: Envelope, shape: Shape): boolean {
  return shape === "grpc-web" ? (flags & 0x80) !== 0 : shape === "connect-stream" && (flags & 0x02) !== 0;
}

/** Whether the answer is made of frames. An answer that is no RPC answer at all (an HTTP status) is not. */
export function isFramed({ status, body }: UniversalServerResponse, shape: Shape): boolean {
  return shape !== "connect" && status === 200 && body !== undefined;
}

/** The frames of a body that the server wrote itself, as they come. */
export async function* decode(body: AsyncIterable<Uint8Array>): AsyncGenerator<Envelope> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of body) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(1);
      if (rest.length < headerBytes + length) break;
      yield { flags: rest[0] ?? 0, data: rest.subarray(headerBytes, headerBytes + length) };
      rest = rest.subarray(headerBytes + length);
    }
  }
}
