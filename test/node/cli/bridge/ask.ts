import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Bridge, type BridgeOptions, startBridge } from "../../../../functions/cli/bridge/start-bridge.ts";
import { frame, framesOf } from "./scripted-origin.ts";

/** For `vi.waitFor`: looks again at once, since what is waited for comes with the next turns of the event loop. */
export const withDeadline = { interval: 1, timeout: 20_000 };

/** The head of every call. */
export const WEB = { "content-type": "application/grpc-web" };

/** Calls a method of a bridge's upstream by Node's fetch. */
export function call(to: Bridge, init: RequestInit = {}): Promise<Response> {
  return fetch(`${to.url}/a.Service/Method`, { method: "POST", headers: WEB, body: frame("hi"), ...init });
}

/** The frames of a whole answer. */
export const framesIn = async (response: Response) => framesOf(new Uint8Array(await response.arrayBuffer()));

/** Status and text, or `cut` where the body breaks off. */
export async function outcome(response: Response): Promise<[number, string]> {
  const text = await response.text().catch(() => "cut");
  return [response.status, text];
}

/** Uses a bridge of its own. */
export async function through<T>(
  upstream: string,
  use: (own: Bridge) => Promise<T>,
  options?: BridgeOptions,
): Promise<T> {
  const own = await startBridge(upstream, options);
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

/** A server of plain TCP; what becomes of its clients is up to `onSocket`. */
export async function startTcp(onSocket: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
