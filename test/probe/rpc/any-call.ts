import { create, type DescMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { startDeadline } from "../../../functions/lib/deadline.ts";
import type { Failure, Reason } from "../../../functions/model/probing/failure.ts";
import type { Protocol } from "../../../functions/model/probing/protocol.ts";
import { type CallOptions, call, type Observation, stream } from "../../../functions/probe/rpc/rpc.ts";
import type { Method } from "../../../functions/probe/rpc/rpc-route.ts";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
} from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import {
  ContentAddressableStorage,
  GetTransportDetailsRequestSchema,
  NegotiateBlobsRequestSchema,
  NegotiateBlobsResponseSchema,
} from "../../../proto/gen/zako/v1/cas_pb.ts";
import {
  DownloadRequestSchema,
  DownloadResponseSchema,
  Transport,
  UploadRequestSchema,
  UploadResponseSchema,
} from "../../../proto/gen/zako/v1/transport_pb.ts";

/** One method of each kind, with requests that any server can read and an answer message of it, encoded. */
export const kinds = [
  {
    kind: "unary",
    method: Health.method.check,
    requests: [create(HealthCheckRequestSchema)],
    answer: toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: 1 })),
  },
  {
    kind: "server stream",
    method: Transport.method.download,
    requests: [create(DownloadRequestSchema)],
    answer: toBinary(DownloadResponseSchema, create(DownloadResponseSchema, { data: Uint8Array.of(1, 2, 3) })),
  },
  {
    kind: "client stream",
    method: Transport.method.upload,
    requests: [create(UploadRequestSchema), create(UploadRequestSchema)],
    answer: toBinary(UploadResponseSchema, create(UploadResponseSchema, { committedSize: 7n })),
  },
  {
    kind: "bidi",
    method: ContentAddressableStorage.method.negotiateBlobs,
    requests: [create(NegotiateBlobsRequestSchema), create(NegotiateBlobsRequestSchema)],
    answer: toBinary(NegotiateBlobsResponseSchema, create(NegotiateBlobsResponseSchema, { missingBlobDigests: [{}] })),
  },
] as const satisfies readonly AnyKind[];

/** A method of any kind, ready to be called. */
export interface AnyKind {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: the kinds have different messages, and tests treat them alike
  readonly method: Method<any, any>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly requests: readonly any[];
  readonly answer: Uint8Array;
}

/** A second unary method. */
export const details = {
  kind: "unary",
  method: ContentAddressableStorage.method.getTransportDetails,
  requests: [create(GetTransportDetailsRequestSchema)],
  answer: new Uint8Array(),
} as const satisfies AnyKind;

/** What came of a call of any kind. */
export interface Outcome {
  readonly outcome: "ok" | Reason;
  readonly failure: Failure | null;
  readonly messages: readonly MessageShape<DescMessage>[];
  readonly observation: Observation;
}

/** Options that tests leave out: ten seconds, far more than anything here takes. */
export type AnyOptions = Partial<CallOptions> & { readonly baseUrl?: string };

/** Calls a method of any kind through the transport under test. */
export async function callAny(protocol: Protocol, any: AnyKind, options: AnyOptions = {}): Promise<Outcome> {
  const endpoint = { baseUrl: options.baseUrl ?? "http://zako.test", protocol };
  const all: CallOptions = { deadline: startDeadline(10_000, Date.now()), ...options };
  const { method } = any;
  const requests = any.requests as readonly MessageInitShape<DescMessage>[];
  const messages: MessageShape<DescMessage>[] = [];
  if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
    const answer = await call(endpoint, method, requests, all);
    if (answer.ok) messages.push(answer.message);
    return outcomeOf(answer.ok ? null : answer.failure, messages, answer.observation);
  }
  const answer = await stream(endpoint, method, requests, (message) => messages.push(message), all);
  return outcomeOf(answer.ok ? null : answer.failure, messages, answer.observation);
}

function outcomeOf(
  failure: Failure | null,
  messages: readonly MessageShape<DescMessage>[],
  observation: Observation,
): Outcome {
  return { outcome: failure?.reason ?? "ok", failure, messages, observation };
}
