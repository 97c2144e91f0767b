import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";

/** What an origin does with a call. */
export type Script = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** An HTTP/2 server of a few lines that does whatever a test wants on the wire. */
export interface ScriptedOrigin {
  readonly url: string;
  readonly port: number;
  /** What it does with the next calls. */
  script: Script;
  /** Open sessions, and all there ever were. */
  readonly sessions: Set<ServerHttp2Session>;
  readonly totalSessions: number;
  /** Calls that came. */
  readonly calls: number;
  close(): Promise<void>;
}

/** Starts an origin, over TLS where it is given a key and a certificate (PEM). */
export async function startOrigin(options: { tls?: { key: string; cert: string }; port?: number } = {}) {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = options.tls === undefined ? createServer() : createSecureServer(options.tls);
  const origin = { url: "", port: 0, script: answerOk as Script, sessions, totalSessions: 0, calls: 0, close };
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("session", (session) => {
    origin.totalSessions++;
    sessions.add(session);
    session.on("error", () => {});
    session.once("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers) => {
    origin.calls++;
    stream.on("error", () => {});
    origin.script(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  origin.port = (server.address() as AddressInfo).port;
  origin.url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${origin.port}`;

  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  return origin satisfies ScriptedOrigin;
}

/** One message of a protocol-buffer string, and status 0. */
export const answerOk: Script = (stream) => {
  stream.resume();
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame("hello"));
};

/** A gRPC frame. */
export function frame(data: string | Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.from(data as string);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The frames of a body: flags and data as text. */
export function framesOf(body: Uint8Array): [flags: number, data: string][] {
  const bytes = Buffer.from(body);
  const frames: [number, string][] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) throw new Error("a frame is cut");
    frames.push([bytes.readUInt8(at), bytes.toString("latin1", at + 5, end)]);
    at = end;
  }
  return frames;
}
