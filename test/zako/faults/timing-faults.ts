import { firstHalf, withBody } from "../body.ts";
import { type Call, forever, pause } from "../call.ts";
import { defineFault, type Fault } from "./fault.ts";

/** Answers that come late, slowly or never. */
export const timingFaults: readonly Fault[] = [
  defineFault({
    name: "latency",
    doc: "Waits before it does anything, then answers as ever.",
    params: { ms: { doc: "how long", default: 500 } },
    before: (call, { ms }) => pause(call, ms),
  }),
  defineFault({
    name: "hang",
    doc: "Takes the request and never answers; not even headers come.",
    before: (call) => forever(call),
  }),
  defineFault({
    name: "hang-mid-stream",
    doc: "Sends headers and the first few bytes of the body, then nothing more, with the connection open.",
    rewrite: (answer, call) => withBody(answer, stuck(answer.body, call), { keepLength: true }),
  }),
  defineFault({
    name: "stalled-error",
    doc: "An HTTP error whose page begins and then stalls, with the connection open.",
    params: { status: { doc: "HTTP status", default: 503, min: 400, max: 599 } },
    answer: (call, { status }) => ({
      status: Math.floor(status),
      header: new Headers({ "content-type": "text/html" }),
      body: stalling(call),
    }),
  }),
  defineFault({
    name: "slow-drip",
    doc: "Sends the body a few bytes at a time.",
    params: {
      ms: { doc: "pause before each piece", default: 100 },
      bytes: { doc: "size of each piece", default: 1, min: 1 },
    },
    rewrite: (answer, call, { ms, bytes }) =>
      answer.body === undefined
        ? answer
        : withBody(answer, dripping(answer.body, call, ms, Math.floor(bytes)), { keepLength: true }),
  }),
];

async function* stalling(call: Call): AsyncGenerator<Uint8Array> {
  yield Buffer.from("<!doctype html>");
  await forever(call);
}

async function* stuck(body: AsyncIterable<Uint8Array> | undefined, call: Call): AsyncGenerator<Uint8Array> {
  yield await firstHalf(body);
  await forever(call);
}

async function* dripping(
  body: AsyncIterable<Uint8Array>,
  call: Call,
  ms: number,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += bytes) {
      await pause(call, ms);
      if (call.signal.aborted) return;
      yield chunk.subarray(at, at + bytes);
    }
  }
}
