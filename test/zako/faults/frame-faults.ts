import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { just, mapFrames, unchanged, withBody, withFrames, zeros } from "../body.ts";
import { type Call, forever } from "../call.ts";
import { compressedFlag, type Envelope, encode, isEnd, isFramed } from "../envelope.ts";
import { defineFault, type Fault } from "./fault.ts";

const framed = ["connect-stream", "grpc-web", "grpc"] as const;

/** Answers that break the rules of the RPC protocols: framing, trailers, sizes. */
export const frameFaults: readonly Fault[] = [
  defineFault({
    name: "truncate",
    doc: "The body ends in good order in the middle of its first message (unary Connect over HTTP/1.1: the connection closes short of Content-Length).",
    rewrite: truncate,
  }),
  defineFault({
    name: "no-trailers",
    doc: "All messages come, but not the trailers (gRPC, gRPC-Web) or the EndStream message (Connect streams).",
    shapes: framed,
    rewrite(answer, call) {
      const { trailer: _, ...rest } = withFrames(answer, call, (frames) => withoutEnd(frames, call));
      return rest;
    },
  }),
  defineFault({
    name: "garbage-frames",
    doc: "The body is noise under the right content type; read as a frame it announces far more bytes than it has.",
    params: { bytes: { doc: "length of the noise", default: 4_096, max: 10_000_000 } },
    rewrite: (answer, _, { bytes }) => withBody(answer, just(noise(bytes))),
  }),
  defineFault({
    name: "garbage-messages",
    doc: "Well-framed messages that are not protobuf.",
    rewrite: (answer, call) =>
      isFramed(answer, call.shape)
        ? withFrames(answer, call, (frames) => withGarbage(frames, call))
        : withBody(answer, just(new Uint8Array(64).fill(0xff))),
  }),
  defineFault({
    name: "compressed-flag",
    doc: "Messages say that they are compressed and are not (unary Connect: content-encoding gzip).",
    rewrite(answer, call) {
      if (isFramed(answer, call.shape))
        return withFrames(answer, call, (frames) => mapFrames(frames, compressed(call)));
      const header = new Headers(answer.header);
      header.set("content-encoding", "gzip");
      return { ...answer, header };
    },
  }),
  defineFault({
    name: "frame-length",
    doc: "The first message announces more bytes than it has; then the body ends.",
    shapes: framed,
    params: { bytes: { doc: "announced length", default: 4_294_967_295, max: 4_294_967_295 } },
    rewrite: (answer, call, { bytes }) => withFrames(answer, call, (frames) => lying(frames, bytes)),
  }),
  defineFault({
    name: "huge-message",
    doc: "One message of a gigabyte, all of it really sent (unary Connect: a body of that size).",
    params: { bytes: { doc: "its size", default: 2 ** 30, max: 2 ** 32 - 1 } },
    rewrite: (answer, call, { bytes }) => withBody(answer, huge(isFramed(answer, call.shape), bytes)),
  }),
  defineFault({
    name: "endless-stream",
    doc: "The answer's first message again and again, without end (unary Connect: its body).",
    rewrite: (answer, call) => withBody(answer, endless(answer, call)),
  }),
];

function truncate(answer: UniversalServerResponse, call: Call): UniversalServerResponse {
  if (isFramed(answer, call.shape)) {
    const { trailer: _, ...rest } = withFrames(answer, call, (frames) => halfOfFirst(frames, call));
    return rest;
  }
  const { body } = answer;
  return body === undefined ? answer : withBody(answer, halfThenClose(body, call), { keepLength: call.http === 1 });
}

async function* halfOfFirst(frames: AsyncIterable<Envelope>, call: Call): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    // Nothing but the end comes: without it the body is cut short already.
    if (!isEnd(frame, call.shape)) yield encode(frame).subarray(0, 5 + Math.floor(frame.data.length / 2));
    return;
  }
}

async function* halfThenClose(body: AsyncIterable<Uint8Array>, call: Call): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    yield chunk.subarray(0, Math.floor(chunk.length / 2));
    break;
  }
  if (call.http === 2) return;
  // In good order: what was written before leaves first.
  await call.raw("");
  call.hangUp();
  await forever(call);
}

async function* withoutEnd(frames: AsyncIterable<Envelope>, call: Call): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    if (!isEnd(frame, call.shape)) yield unchanged(frame);
  }
}

async function* withGarbage(frames: AsyncIterable<Envelope>, call: Call): AsyncGenerator<Uint8Array> {
  const garbage = new Uint8Array(64).fill(0xff);
  let sent = false;
  for await (const frame of frames) {
    if (!isEnd(frame, call.shape)) yield encode({ flags: frame.flags, data: garbage });
    else {
      if (!sent) yield encode({ flags: 0, data: garbage });
      yield unchanged(frame);
    }
    sent = true;
  }
  if (!sent) yield encode({ flags: 0, data: garbage });
}

function compressed(call: Call): (frame: Envelope) => Uint8Array {
  return (frame) =>
    isEnd(frame, call.shape) ? unchanged(frame) : encode({ flags: frame.flags | compressedFlag, data: frame.data });
}

async function* lying(frames: AsyncIterable<Envelope>, bytes: number): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    yield encode({ flags: 0, data: frame.data }, bytes);
    return;
  }
  yield encode({ flags: 0, data: new Uint8Array(0) }, bytes);
}

async function* huge(isFrame: boolean, bytes: number): AsyncGenerator<Uint8Array> {
  if (isFrame) yield encode({ flags: 0, data: new Uint8Array(0) }, bytes);
  yield* zeros(bytes);
}

async function* endless(answer: UniversalServerResponse, call: Call): AsyncGenerator<Uint8Array> {
  const block = repeated(await firstMessage(answer, call));
  while (!call.signal.aborted) {
    yield block;
    // Lets other calls have their turn when the client reads as fast as we write.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The first message as it stands on the wire; an empty one where the answer has none. */
async function firstMessage(answer: UniversalServerResponse, call: Call): Promise<Uint8Array> {
  const empty = encode({ flags: 0, data: new Uint8Array(0) });
  if (answer.body === undefined) return empty;
  if (!isFramed(answer, call.shape)) {
    for await (const chunk of answer.body) return chunk;
    return empty;
  }
  for await (const bytes of withFrames(answer, call, (frames) => withoutEnd(frames, call)).body ?? []) return bytes;
  return empty;
}

/** Many copies in one write, so that short messages flow as fast as long ones. */
function repeated(bytes: Uint8Array): Uint8Array {
  const times = Math.max(1, Math.floor(65_536 / Math.max(1, bytes.length)));
  return Buffer.concat(new Array<Uint8Array>(times).fill(bytes));
}

/** Noise that is the same in every run; its first byte has no flags, the next four announce 16.9 MB. */
function noise(bytes: number): Uint8Array {
  const out = new Uint8Array(Math.floor(bytes));
  for (let at = 0, state = 0x9e3779b9; at < out.length; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + at;
    out[at] = state >>> 24;
  }
  out.set([0x00, 0x01, 0x02, 0x03, 0x04].slice(0, out.length));
  return out;
}
