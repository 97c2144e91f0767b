import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Failure } from "../../model/probing/failure.ts";
import { HTTP2_ONLY } from "../../probe/look/second-look.ts";
import { PREFACE, requestOf, type Spoken, spoken } from "../../probe/look/spoken.ts";
import { NEEDS_TLS, nodeFailureOf } from "./node-failure.ts";

/** How an origin is looked at. */
export interface LookOptions {
  /** Certificates, PEM, that are trusted instead of the usual ones. */
  ca?: string;
  /** Longest wait for one connection, ms. */
  timeoutMs?: number;
}

const LOOK_MS = 3_000;

/** How long a server may take to say something once a connection is there. */
const FIRST_WORDS_MS = 500;

/**
 * Connects to an origin as a call over HTTP/1.1 does, and says why such calls fail; null if a connection shows nothing wrong.
 * Asks for nothing: sends `OPTIONS *`, and the preface of HTTP/2 if that is not answered.
 */
export async function lookAt(origin: string, options: LookOptions = {}): Promise<Failure | null> {
  const { host } = new URL(origin);
  for (const hello of [requestOf(host), PREFACE]) {
    const found = await firstWords(origin, hello, options);
    if (found === "http2") return HTTP2_ONLY;
    if (found === "tls") return NEEDS_TLS;
    if (found !== "nothing") return typeof found === "string" ? null : found;
  }
  return null;
}

/** What a port says first to `hello`, or why there is no connection; `nothing` if it closes without a word, or waits. */
function firstWords(
  origin: string,
  hello: Uint8Array,
  { ca, timeoutMs = LOOK_MS }: LookOptions,
): Promise<Spoken | "nothing" | Failure> {
  return new Promise((resolve) => {
    const [socket, ready] = open(origin, ca);
    let isConnected = false;
    const end = (found: Spoken | "nothing" | Failure): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    let timer = setTimeout(() => end(nodeFailureOf(TOO_LATE, "HTTP/1.1")), timeoutMs);
    socket.once(ready, () => {
      isConnected = true;
      clearTimeout(timer);
      timer = setTimeout(() => end("nothing"), FIRST_WORDS_MS);
      socket.write(hello);
    });
    // Once connected, a lost connection is an answer to `hello`; an alert of TLS still is one to the connection.
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end(isConnected && !/^ERR_SSL_/.test(error.code ?? "") ? "nothing" : nodeFailureOf(error, "HTTP/1.1")),
    );
    socket.once("close", () => end("nothing"));
    let head: Uint8Array = new Uint8Array();
    socket.on("data", (chunk: Buffer) => {
      head = Uint8Array.from([...head, ...chunk.subarray(0, 16)]);
      const found = spoken(head);
      if (found !== undefined) end(found);
    });
  });
}

const TOO_LATE = Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" });

/** A connection that is being opened, and the event that says that it is. */
function open(origin: string, ca: string | undefined): [Socket, "connect" | "secureConnect"] {
  const { protocol, hostname, port } = new URL(origin);
  const isSecure = protocol === "https:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = { host, port: Number(port || (isSecure ? 443 : 80)) };
  if (!isSecure) return [connectTcp(address), "connect"];
  const name = isIP(host) === 0 ? { servername: host } : {};
  const trust = ca === undefined ? {} : { ca };
  return [connectTls({ ...address, ...trust, ...name, ALPNProtocols: ["http/1.1"] }), "secureConnect"];
}
