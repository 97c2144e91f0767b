import { firstHalf, withBody } from "../body.ts";
import { type Call, forever, pause } from "../call.ts";
import { defineFault, type Fault } from "./fault.ts";

/** Connections that break, or carry what is not HTTP. Over HTTP/2 all calls of the connection break with it. */
export const connectionFaults: readonly Fault[] = [
  defineFault({
    name: "reset",
    doc: "Reads the request, then resets the TCP connection (RST) without a byte of answer.",
    before: (call) => {
      call.reset();
      return forever(call);
    },
  }),
  defineFault({
    name: "reset-mid-body",
    doc: "Sends headers and the first few bytes of the body, then resets the TCP connection (RST).",
    params: { ms: { doc: "pause before the reset, so that the client has read what came before", default: 50 } },
    rewrite: (answer, call, { ms }) => withBody(answer, resetting(answer.body, call, ms), { keepLength: true }),
  }),
  defineFault({
    name: "hang-up",
    doc: "Reads the request, then closes the TCP connection in good order (FIN) without a byte of answer.",
    before: (call) => {
      call.hangUp();
      return forever(call);
    },
  }),
  defineFault({
    name: "not-http",
    doc: "Answers with a line that is no HTTP, and closes the connection.",
    http: 1,
    async answer(call) {
      await call.raw("220 mail.example.test ESMTP ready\r\n");
      call.hangUp();
      return undefined;
    },
  }),
  defineFault({
    name: "endless-headers",
    doc: "Sends a good status line and then header after header, as fast as they are taken.",
    http: 1,
    async answer(call) {
      const block = Array.from({ length: 64 }, (_, at) => `x-endless-${at}: ${"z".repeat(960)}\r\n`).join("");
      let wanted = await call.raw("HTTP/1.1 200 OK\r\n");
      while (wanted && !call.signal.aborted) wanted = await call.raw(block);
      return undefined;
    },
  }),
];

async function* resetting(
  body: AsyncIterable<Uint8Array> | undefined,
  call: Call,
  ms: number,
): AsyncGenerator<Uint8Array> {
  yield await firstHalf(body);
  await pause(call, ms);
  call.reset();
  await forever(call);
}
