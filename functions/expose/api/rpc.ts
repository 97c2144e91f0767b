import { Code, ConnectError, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import type { PlannedWork } from "../../model/alerting/maintenance.ts";
import { checkBearer } from "../bearer.ts";
import type { AlertingPort } from "./alerting-port.ts";
import { alertingService, type Notified } from "./alerting-service.ts";
import { refused } from "./refused.ts";
import { silenceService } from "./silence-service.ts";

/** What the services need. */
export interface RpcPorts {
  alerting: AlertingPort;
  notify: Omit<Notified, "planned">;
  /** Maintenance of the configuration. */
  planned: PlannedWork;
  /** The secret `ADMIN_TOKEN`; undefined where it is not set. */
  adminToken(): string | undefined;
  /** Epoch ms. */
  now(): number;
  /** When each target began to be watched, epoch ms; without the targets of Monitors that do not answer. */
  watchedSince(): Promise<ReadonlyMap<string, number>>;
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
export function createRpc(ports: RpcPorts): ReadonlyMap<string, RpcMethod> {
  const router = createConnectRouter({
    grpc: false,
    readMaxBytes: READ_MAX_BYTES,
    // A misspelt field would otherwise be ignored, and create another silence than was meant.
    jsonOptions: { ignoreUnknownFields: false },
    requestGate: async ({ requestHeader }) => {
      const guard = { binding: "ADMIN_TOKEN", secret: ports.adminToken() };
      const refusal = await checkBearer(requestHeader.get("authorization"), guard);
      if (refusal === undefined) return;
      const headers = { "www-authenticate": refusal.challenge };
      throw new ConnectError(refusal.message, Code.Unauthenticated, headers);
    },
    interceptors: [hideBugs(ports.report)],
  });
  router.service(
    AlertingService,
    alertingService(ports.alerting, { ...ports.notify, planned: ports.planned }, ports.now, () => ports.watchedSince()),
  );
  router.service(SilenceService, silenceService(ports.alerting, ports.now));
  return new Map(
    router.handlers.map((handler): [string, RpcMethod] => {
      const handle = createFetchHandler(handler);
      return [
        handler.requestPath,
        { allow: handler.allowedMethods, call: async (request) => blameSender(await handle(request)) },
      ];
    }),
  );
}

/** How the library begins to say that it cannot read a message. */
const UNREADABLE = "parse binary:";

/** Over Connect, the library answers 500 to bytes that are not a message; the fault is the caller's. */
async function blameSender(answer: Response): Promise<Response> {
  if (answer.status !== 500 || answer.headers.get("content-type") !== "application/json") return answer;
  const text = await answer.text();
  const { message } = JSON.parse(text) as { message?: string };
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  if (message?.startsWith(UNREADABLE) !== true) return new Response(text, { status: answer.status, headers });
  const words = "The body is not a valid request of this method. See proto/watch/v1/alerting.proto.";
  return Response.json({ code: "invalid_argument", message: words }, { status: 400, headers });
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
