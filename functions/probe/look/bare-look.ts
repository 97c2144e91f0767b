import { orLate, startDeadline } from "../../lib/deadline.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import { HTTP2_ONLY, type SecondLook } from "./second-look.ts";
import { PREFACE, requestOf, type Spoken, spoken } from "./spoken.ts";

/** A connection, as `cloudflare:sockets` opens one. */
interface BareSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/** Opens a connection. May throw: the platform refuses some addresses. */
export type OpenSocket = (
  address: { hostname: string; port: number },
  options: { secureTransport: "on" | "off"; allowHalfOpen: boolean },
) => BareSocket;

/** Longest look, both connections together. A server of HTTP/2 sends its settings at once. */
const LOOK_MS = 2_000;

/**
 * A bare look at what a port speaks: sends a request of HTTP/1.1, and the preface of HTTP/2 if that is not answered. A server
 * that answers only with the settings of HTTP/2 is one of native gRPC without a front. At most hourly, since it costs
 * connections, and only after failures with which a server closes a connection that it has taken: one that is never
 * accepted cannot be freed by the platform.
 */
export function bareLook(open: OpenSocket): SecondLook {
  return {
    everyMs: HOUR_MS,
    // 520 and 525: the edge got no usable answer, or no TLS session over the protocols that it offers.
    concerns: ({ reason, httpStatus }) => reason === "connect" || httpStatus === 520 || httpStatus === 525,
    async ask(origin, signal) {
      using deadline = startDeadline(LOOK_MS, 0, signal);
      const { host } = new URL(origin);
      for (const hello of [requestOf(host), PREFACE]) {
        const found = await firstSpoken(open, origin, hello, deadline.signal);
        if (found === "http2") return HTTP2_ONLY;
        if (found !== "nothing") return null;
      }
      return null;
    },
  };
}

/** What a port says first to `hello`; `nothing` if it closes the connection without a word, or lets it wait. */
async function firstSpoken(
  open: OpenSocket,
  origin: string,
  hello: Uint8Array,
  signal: AbortSignal,
): Promise<Spoken | "nothing"> {
  if (signal.aborted) return "nothing";
  const url = new URL(origin);
  const isSecure = url.protocol === "https:";
  let socket: BareSocket;
  try {
    const address = { hostname: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || (isSecure ? 443 : 80)) };
    socket = open(address, { secureTransport: isSecure ? "on" : "off", allowHalfOpen: false });
  } catch {
    return "else";
  }
  // What becomes of the connection shows when it is read.
  socket.opened.catch(ignore);
  socket.closed.catch(ignore);
  try {
    return await orLate(converse(socket, hello), signal, "nothing");
  } catch {
    return "nothing";
  } finally {
    void socket.close().catch(ignore);
  }
}

async function converse({ readable, writable }: BareSocket, hello: Uint8Array): Promise<Spoken | "nothing"> {
  const reader = readable.getReader();
  // A server may have closed before all is written, and still have said what it speaks.
  writable.getWriter().write(hello).catch(ignore);
  let head: Uint8Array = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return "nothing";
    head = Uint8Array.from([...head, ...value.subarray(0, 16)]);
    const found = spoken(head);
    if (found !== undefined) return found;
  }
}

function ignore(): void {}
