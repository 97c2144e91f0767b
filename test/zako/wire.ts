import { createContextValues } from "@connectrpc/connect";
import {
  type UniversalHandler,
  type UniversalServerRequest,
  type UniversalServerResponse,
  uResponseNotFound,
} from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import { type Call, callKey, type MethodName, methodNames, type Shape } from "./call.ts";
import type { Connections } from "./connections.ts";
import type { Counters } from "./counters.ts";
import type { Decisions } from "./decisions.ts";
import type { ActiveFaults } from "./faults/active-faults.ts";
import type { Applied } from "./faults/fault.ts";
import { type NodeRequest, type NodeResponse, send } from "./send.ts";

export interface WireOptions {
  readonly handlers: readonly UniversalHandler[];
  readonly faults: ActiveFaults;
  readonly counters: Counters;
  readonly connections: Connections;
  /** Longest request that is kept; over HTTP/1.1 the rest is read and thrown away. */
  readonly maxRequestBytes: number;
}

/** Takes requests of all protocols and HTTP versions to the services, past the faults. */
export function createWire(options: WireOptions): (req: NodeRequest, res: NodeResponse) => void {
  const { counters } = options;
  const handlers = new Map(options.handlers.map((handler) => [handler.requestPath, handler]));

  async function serve(req: NodeRequest, res: NodeResponse): Promise<void> {
    const path = req.url?.split("?", 1)[0] ?? "";
    const handler = handlers.get(path);
    if (handler === undefined) {
      counters.unknownPath(path);
      await readAll(req, 0);
      await send(uResponseNotFound, res);
      return;
    }
    const universal = universalRequestFromNodeRequest(req, res, undefined, createContextValues());
    const { call, applied } = createCall(handler, universal, req, options);
    universal.contextValues?.set(callKey, call);
    counters.start(
      call,
      applied.map(({ fault }) => fault.name),
    );
    let whole = false;
    try {
      whole = await answerCall(call, applied, handler, universal, req, res);
    } finally {
      counters.settle(call, whole ? "unread" : "aborted");
      counters.end(call, whole);
    }
  }

  async function answerCall(
    call: Call,
    applied: readonly Applied[],
    handler: UniversalHandler,
    universal: UniversalServerRequest,
    req: NodeRequest,
    res: NodeResponse,
  ): Promise<boolean> {
    const reply = (answer: UniversalServerResponse): Promise<boolean> =>
      send(rewrite(answer, call, applied), res, {
        onPiece: () => counters.piece(call),
        beforeEnd: () => {
          // A stream that ends because its client has left is not whole.
          if (!call.signal.aborted) counters.end(call, true);
        },
      });
    let request = universal;
    // HTTP/1.1 is half-duplex: with the request read to its end, an early answer cannot race with what is still sent.
    if (call.http === 1) {
      const body = await readAll(req, options.maxRequestBytes);
      // A gRPC-Web front like tonic-web lets bidi through as half-duplex; the library would answer 505, as for Connect.
      request = { ...universal, body: once(body), ...(call.shape === "grpc-web" && { httpVersion: "2.0" }) };
    }
    for (const { fault, params } of applied) await fault.before?.(call, params);
    if (call.signal.aborted) return false;
    const instead = applied.find(({ fault }) => fault.answer !== undefined);
    if (instead !== undefined) {
      if (call.http === 2) await readAll(req, 0);
      counters.settle(call, "fault");
      const answer = await instead.fault.answer?.(call, instead.params);
      if (answer === undefined || call.signal.aborted) return false;
      return reply(answer);
    }
    const answer = await handler(request);
    if (answer.status !== 200) counters.settle(call, `http_${answer.status}`);
    return reply(answer);
  }

  return (req, res) => {
    serve(req, res).catch((error: unknown) => {
      // A client that leaves while it is read from is no surprise; anything else is a bug of this server.
      if (!res.destroyed && !req.destroyed) console.error("the reference Zako failed:", error);
      res.destroy();
    });
  };
}

function createCall(
  handler: UniversalHandler,
  universal: UniversalServerRequest,
  req: NodeRequest,
  { faults, connections }: WireOptions,
): { call: Call; applied: readonly Applied[] } {
  const http = req.httpVersionMajor === 2 ? 2 : 1;
  const method = methodName(handler);
  const shape = shapeOf(universal.header.get("content-type") ?? "");
  const socket = connections.find(req.socket.localPort, req.socket.remotePort);
  const applied = faults.take(method, shape, http);
  const call: Call = {
    method,
    shape,
    http,
    headers: universal.header,
    signal: universal.signal,
    decide: (decision, honest) => bend(decision, honest, call, applied),
    reset: () => void socket?.resetAndDestroy(),
    hangUp: () => void socket?.destroy(),
    raw: (bytes) =>
      new Promise((resolve) => {
        if (socket === undefined || socket.destroyed) return resolve(false);
        socket.write(bytes, (error) => resolve(error === undefined || error === null));
      }),
  };
  return { call, applied };
}

function bend<K extends keyof Decisions>(
  decision: K,
  honest: Decisions[K],
  call: Call,
  applied: readonly Applied[],
): Decisions[K] {
  let value = honest;
  for (const { fault, params } of applied) value = fault.decide?.[decision]?.(value, params, call) ?? value;
  return value;
}

function rewrite(answer: UniversalServerResponse, call: Call, applied: readonly Applied[]): UniversalServerResponse {
  let rewritten = answer;
  for (const { fault, params } of applied) rewritten = fault.rewrite?.(rewritten, call, params) ?? rewritten;
  return rewritten;
}

const serviceNames: Record<string, string> = {
  ContentAddressableStorage: "cas",
  Transport: "transport",
  DiagnosticsService: "diagnostics",
};

function methodName({ service, method }: UniversalHandler): MethodName {
  const wanted = `${serviceNames[service.name] ?? "health"}.${method.name}`;
  const name = methodNames.find((one) => one === wanted);
  if (name === undefined) throw new Error(`no name for ${service.typeName}/${method.name}`);
  return name;
}

function shapeOf(contentType: string): Shape {
  if (contentType.startsWith("application/grpc-web")) return "grpc-web";
  if (contentType.startsWith("application/grpc")) return "grpc";
  return contentType.startsWith("application/connect+") ? "connect-stream" : "connect";
}

/** Reads a request to its end and keeps at most so many bytes of it. */
async function readAll(req: NodeRequest, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  for await (const chunk of req as AsyncIterable<Uint8Array>) {
    if (kept + chunk.length > maxBytes) continue;
    kept += chunk.length;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
