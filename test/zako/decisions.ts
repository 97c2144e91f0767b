import type { Code } from "@connectrpc/connect";
import type { HealthCheckResponse_ServingStatus } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import type { DescribeHostResponse } from "../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import type { TransportDetails } from "../../proto/gen/zako/v1/cas_pb.ts";
import type { BlobStore } from "./blob-store.ts";
import type { Bent } from "./inside/thread-orders.ts";

/** What the services ask before they answer. Each is what an honest server would do until a fault bends it. */
export interface Decisions {
  /** An error to answer with instead of doing anything. */
  refusal: { code: Code; message: string } | undefined;
  /** Whether Negotiate lists a blob as missing. */
  reportsMissing: boolean;
  /** Whether GetTransportDetails refuses protocols it does not know. */
  refusesUnknownProtocols: boolean;
  /** Whether GetTransportDetails refuses callers that offer no protocol. */
  refusesNoProtocol: boolean;
  /** What GetTransportDetails answers. */
  details: TransportDetails;
  /** Whether an upload must hash to its digest. */
  checksContent: boolean;
  /** Whether an upload must be as long as its digest says. */
  checksLength: boolean;
  /** Whether a digest must be 32 bytes long. */
  checksDigest: boolean;
  /** Whether only chunks may follow the metadata of an upload. */
  refusesSecondMetadata: boolean;
  /** Whether the token of a transfer must be one that was handed out. */
  checksToken: boolean;
  /** Whether an upload is refused as `already_exists`. */
  saysAlreadyExists: boolean;
  /** Whether an accepted upload is kept. */
  keepsUploads: boolean;
  /** What an accepted upload answers. */
  committedSize: bigint;
  /** Whether Download looks at the range at all. */
  honoursRange: boolean;
  /** Whole blob that Download takes its range from. */
  content: { readonly bytes: Uint8Array; readonly store: BlobStore };
  /** Bytes that Download sends for the range. */
  sent: Uint8Array;
  /** Whether there is a health service. */
  offersHealth: boolean;
  /** What the health service says about a service that it knows. */
  health: HealthCheckResponse_ServingStatus;
  /** Whether there is a diagnostics service. */
  offersDiagnostics: boolean;
  /** Whether a task that was submitted ever gets a thread. */
  givesThreads: boolean;
  /** How the threads of a pool collect garbage. */
  collection: { readonly delayMs: number; readonly leaks: boolean };
  /** How a context is converted. */
  conversion: Bent;
  /** What the built-in module gives back. */
  moduleValue: bigint;
  /** What DescribeHost answers. */
  host: DescribeHostResponse;
}
