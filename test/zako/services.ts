import { timingSafeEqual } from "node:crypto";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type Interceptor,
  type StreamResponse,
} from "@connectrpc/connect";
import { Health } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import { DiagnosticsService } from "../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import { ContentAddressableStorage } from "../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../proto/gen/zako/v1/transport_pb.ts";
import { type Call, callOf } from "./call.ts";
import { type CasOptions, createCas } from "./cas.ts";
import { codeName } from "./code-name.ts";
import type { Counters } from "./counters.ts";
import { createDiagnostics, type DiagnosticsOptions } from "./diagnostics.ts";
import { createHealth, type HealthBoard } from "./health.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

/** A header that every call of the control plane must carry. */
export interface Auth {
  readonly header: string;
  /** The header's whole value, such as `Bearer s3cret`. */
  readonly value: string;
}

/** How the token of GetTransportDetails travels on a transfer. */
export interface TransportAuth {
  readonly header: string;
  /** Word before the token; empty when the header is the token alone. */
  readonly scheme: string;
  /** Whether a transfer without the header is refused too. */
  readonly required: boolean;
}

export interface ServicesOptions extends CasOptions, TransportOptions, DiagnosticsOptions {
  readonly health: HealthBoard;
  readonly offersHealth: boolean;
  readonly auth: Auth | undefined;
  readonly transportAuth: TransportAuth | undefined;
}

/** The four services behind their guards, for all protocols. No compression, like the server it stands for. */
export function createServices(options: ServicesOptions): ConnectRouter {
  const router = createConnectRouter({
    acceptCompression: [],
    interceptors: [recorder(options.counters), guard(options)],
  });
  router.service(ContentAddressableStorage, createCas(options));
  router.service(Transport, createTransport(options));
  router.service(Health, createHealth(options.health, options.offersHealth));
  router.service(DiagnosticsService, createDiagnostics(options));
  return router;
}

/** Counts the code of every call before the client can see it. */
function recorder(counters: Counters): Interceptor {
  return (next) => async (request) => {
    const call = callOf(request.contextValues);
    try {
      const response = await next(request);
      if (!response.stream) {
        counters.settle(call, "ok");
        return response;
      }
      return { ...response, message: recorded(response.message, call, counters) } as typeof response;
    } catch (error) {
      counters.settle(call, codeName(error));
      throw error;
    }
  };
}

async function* recorded(messages: StreamResponse["message"], call: Call, counters: Counters) {
  try {
    yield* messages;
    // A stream that ended because its client left has not answered anything.
    counters.settle(call, call.signal.aborted ? "aborted" : "ok");
  } catch (error) {
    counters.settle(call, codeName(error));
    throw error;
  }
}

/** Refuses what a fault wants refused, then callers without their credentials. */
function guard({ auth, transportAuth, tokens }: ServicesOptions): Interceptor {
  return (next) => (request) => {
    const call = callOf(request.contextValues);
    const refusal = call.decide("refusal", undefined);
    if (refusal !== undefined) throw new ConnectError(refusal.message, refusal.code);
    if (!call.method.startsWith("transport.")) {
      if (auth !== undefined && !same(call.headers.get(auth.header), auth.value)) {
        throw new ConnectError("the credentials are missing or wrong", Code.Unauthenticated);
      }
    } else if (transportAuth !== undefined && call.decide("checksToken", true)) {
      checkToken(call, transportAuth, auth, tokens);
    }
    return next(request);
  };
}

function checkToken(call: Call, how: TransportAuth, auth: Auth | undefined, tokens: ReadonlySet<string>): void {
  const value = call.headers.get(how.header);
  // The control plane's own credentials may travel along; they are no token, neither a good nor a bad one.
  const foreign = auth?.header.toLowerCase() === how.header.toLowerCase() && same(value, auth.value);
  if (value === null || foreign) {
    if (!how.required) return;
    throw new ConnectError("a transfer needs the token of GetTransportDetails", Code.Unauthenticated);
  }
  const prefix = how.scheme === "" ? "" : `${how.scheme} `;
  if (!value.startsWith(prefix) || !tokens.has(value.slice(prefix.length))) {
    throw new ConnectError("this token was never handed out", Code.Unauthenticated);
  }
}

function same(given: string | null, wanted: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
