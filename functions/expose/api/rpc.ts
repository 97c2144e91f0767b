import { Code, ConnectError, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { orLate, startDeadline } from "../../lib/deadline.ts";
import type { PlannedWork } from "../../model/alerting/maintenance.ts";
import { checkBearer } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import type { ExpositionSource } from "../metrics/exposition.ts";
import type { AlertingPort } from "./alerting-port.ts";
import { alertingService, type Notified } from "./alerting-service.ts";
import { refused } from "./refused.ts";
import {
  askedTimeout,
  blamesUsForBytes,
  frameProblem,
  protocolOf,
  type RpcProtocol,
  rpcError,
  timeoutHeader,
} from "./rpc-protocol.ts";
import { silenceService } from "./silence-service.ts";

/** What the services need. */
export interface RpcPorts {
  alerting: AlertingPort;
  notify: Omit<Notified, "planned">;
  /** Maintenance of the configuration. */
  planned: PlannedWork;
  /** Epoch ms. */
  now(): number;
  snapshots: ExpositionSource["snapshots"];
  /** Takes a bug that ended a call; the caller does not see it. */
  report(error: unknown): void;
}

/** The largest request that is read. */
const READ_MAX_BYTES = 65_536;

/** Paths of the services, for the router. */
export const RPC_PATHS = [`/${AlertingService.typeName}/*`, `/${SilenceService.typeName}/*`];

/** A method of the API, as it is called over HTTP. */
export interface RpcMethod {
  /** HTTP methods that it takes. */
  allow: readonly string[];
  call(request: Request): Promise<Response>;
}

/**
 * The methods of watch.v1 by path, over Connect and gRPC-Web, unary, and with GET what has no side effects. The token is
 * asked for before a byte of the request is read.
 */
export function createRpc(ports: RpcPorts, auth: Auth): ReadonlyMap<string, RpcMethod> {
  const router = createConnectRouter({
    grpc: false,
    readMaxBytes: READ_MAX_BYTES,
    // A misspelt field would otherwise be ignored, and create another silence than was meant.
    jsonOptions: { ignoreUnknownFields: false },
    requestGate: async ({ requestHeader }) => {
      const refusal = await checkBearer({ route: "api", headers: requestHeader }, auth.admin(), auth.gate);
      if (refusal === undefined) return;
      const code = refusal.status === 429 ? Code.ResourceExhausted : Code.Unauthenticated;
      throw new ConnectError(refusal.message, code, refusal.headers);
    },
    interceptors: [hideBugs(ports.report)],
  });
  router.service(
    AlertingService,
    alertingService(ports.alerting, { ...ports.notify, planned: ports.planned }, ports.now, () => watchedSince(ports)),
  );
  router.service(SilenceService, silenceService(ports.alerting, ports.now));
  return new Map(
    router.handlers.map((handler): [string, RpcMethod] => {
      const handle = createFetchHandler(handler);
      return [handler.requestPath, { allow: handler.allowedMethods, call: (request) => callWithin(handle, request) }];
    }),
  );
}

/** A call takes no longer than this, whatever the caller asks for. */
const LONGEST_CALL_MS = 30_000;

type Handle = (request: Request) => Promise<Response>;

/** Calls the library within the caller's timeout. What is wrong with the request is never said to be our fault. */
async function callWithin(handle: Handle, request: Request): Promise<Response> {
  const protocol = protocolOf(request);
  // The library says that it does not speak it.
  if (protocol === undefined) return handle(request);
  const problem = frameProblem(protocol, request);
  if (problem !== undefined) return rpcError(protocol, request, Code.InvalidArgument, problem);
  const asked = askedTimeout(protocol, request);
  if (!asked.ok) return rpcError(protocol, request, Code.InvalidArgument, asked.why);
  const timeoutMs = Math.min(asked.timeoutMs ?? LONGEST_CALL_MS, LONGEST_CALL_MS);
  // The library would only set a timer of its own.
  const headers = new Headers(request.headers);
  headers.delete(timeoutHeader(protocol));
  using deadline = startDeadline(timeoutMs, Date.now());
  const answer = blameSender(protocol, request, handle(new Request(request, { headers })));
  const inTime = timeoutMs < 1 ? undefined : await orLate(answer, deadline.signal, undefined);
  if (inTime !== undefined) return inTime;
  // Nobody waits for it any more.
  answer.catch(() => {});
  const words = `The call did not end within ${timeoutMs} ms. It may still take effect: look before you repeat a change.`;
  return rpcError(protocol, request, Code.DeadlineExceeded, words);
}

/** The library answers that there was a bug of ours to bytes that are not a message; the fault is the caller's. */
async function blameSender(protocol: RpcProtocol, request: Request, answered: Promise<Response>): Promise<Response> {
  const answer = await answered;
  // Every answer is one message.
  const body = new Uint8Array(await answer.arrayBuffer());
  if (!blamesUsForBytes(protocol, answer.status, body))
    return new Response(body, { status: answer.status, headers: answer.headers });
  const words = "The body is not a valid request of this method. See proto/watch/v1/alerting.proto.";
  return rpcError(protocol, request, Code.InvalidArgument, words);
}

/** When each target began to be watched, epoch ms; without the targets of Monitors that do not answer. */
async function watchedSince({ snapshots }: Pick<RpcPorts, "snapshots">): Promise<Map<string, number>> {
  const blocks = (await snapshots()).shards.flatMap((shard) => shard?.blocks ?? []);
  return new Map(blocks.flatMap(({ target, createdAt }) => (target === "" ? [] : [[target, createdAt]])));
}

/** Any other error is a bug: it is logged, and the caller only learns that there was one. */
const hideBugs =
  (report: RpcPorts["report"]): Interceptor =>
  (next) =>
  async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      report(error);
      throw refused(Code.Internal, "The Alerter did not answer. Try again, and check the Worker's logs.");
    }
  };
