import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Call } from "./call.ts";
import { decode, type Envelope, encode, isFramed } from "./envelope.ts";

type Body = AsyncIterable<Uint8Array>;

/** One block of zeros that every long body is made of, so that a gigabyte costs no memory. */
const zeroBlock = new Uint8Array(65_536);

/** So many zeros, a block at a time, as fast as the client takes them. */
export async function* zeros(lengthBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = lengthBytes; left > 0; left -= zeroBlock.length) yield zeroBlock.subarray(0, left);
}

/** The answer with another body. Its length is no longer known, unless the fault wants to lie about it. */
export function withBody(
  answer: UniversalServerResponse,
  body: Body,
  { keepLength = false } = {},
): UniversalServerResponse {
  const header = new Headers(answer.header);
  if (!keepLength) header.delete("content-length");
  return { ...answer, header, body };
}

/** The answer with other frames; an answer that has none stays as it is. */
export function withFrames(
  answer: UniversalServerResponse,
  call: Call,
  change: (frames: AsyncIterable<Envelope>) => Body,
): UniversalServerResponse {
  if (!isFramed(answer, call.shape) || answer.body === undefined) return answer;
  return withBody(answer, change(decode(answer.body)));
}

/** The first half of the first chunk, at least a byte where there is one. */
export async function firstHalf(body: Body | undefined): Promise<Uint8Array> {
  for await (const chunk of body ?? []) {
    if (chunk.length > 0) return chunk.subarray(0, Math.ceil(chunk.length / 2));
  }
  return new Uint8Array(0);
}

/** A body of one piece. */
export async function* just(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Frames as bytes again, each changed on the way. */
export async function* mapFrames(
  frames: AsyncIterable<Envelope>,
  change: (frame: Envelope) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield change(frame);
}

/** The frame as it is. */
export const unchanged = (frame: Envelope): Uint8Array => encode(frame);

/** The same bytes wherever one run of ASCII text stands in a body, replaced by others of the same length. */
export async function* replaceText(body: Body, text: string, replacement: Uint8Array): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes.set(replacement, at);
    yield bytes;
  }
}
