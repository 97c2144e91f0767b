import type { ZakoState } from "../zako-control.ts";
import type { BlobStore } from "./blob-store.ts";
import type { Address } from "./cas.ts";
import type { ActiveFaults } from "./faults/active-faults.ts";
import type { HealthBoard } from "./health.ts";
import type { PoolOptions } from "./inside/worker-pool.ts";
import type { Metrics } from "./metrics.ts";
import type { Auth } from "./services.ts";

export interface ZakoOptions {
  /** Loopback address of all three servers, so that several Zakos can be several hosts; default 127.0.0.1. */
  readonly host?: string;
  /** Port of gRPC-Web and Connect over HTTP/1.1; 0, the default, takes a free one. So do the other two. */
  readonly port?: number;
  /** Port of HTTP/2 without TLS: native gRPC, Connect and gRPC-Web. */
  readonly grpcPort?: number;
  readonly controlPort?: number;
  /** What GetTransportDetails hands out; by default the host and the gRPC port. */
  readonly advertised?: Address;
  /** Default 8. */
  readonly recommendedConcurrency?: number;
  /** A header that CAS and health calls must carry; none by default. */
  readonly auth?: Auth;
  /**
   * How tokens travel on transfers; `required` is true when left out here. By default a token in `Authorization: Bearer`
   * is verified where there is one, and none is needed. `null`: no token is ever looked at.
   */
  readonly transportAuth?: { readonly header: string; readonly scheme: string; readonly required?: boolean } | null;
  /** Longest blob; default 64 MiB. */
  readonly maxBlobBytes?: number;
  /** All blobs together; default 256 MiB. */
  readonly maxStoreBytes?: number;
  /** Blob bytes per message of a download; default 64 KiB. */
  readonly chunkBytes?: number;
  /** Whether there is a health service, which today's public server lacks; default true. */
  readonly health?: boolean;
  /** Folder that keeps blobs from one process to the next; by default they are only in memory. */
  readonly blobFolder?: string;
  /** Whether there is a diagnostics service, which the public server of today has not; default true. */
  readonly diagnostics?: boolean;
  /** Settings of worker pools that are not those which the host's facts derive. */
  readonly pools?: Partial<Record<"oxc" | "v8", Partial<PoolOptions>>>;
}

/** A running reference Zako. */
export interface Zako {
  /** Origin of gRPC-Web and Connect over HTTP/1.1. */
  readonly url: string;
  /** Origin of HTTP/2 without TLS. */
  readonly grpcUrl: string;
  readonly controlUrl: string;
  readonly faults: ActiveFaults;
  readonly store: BlobStore;
  readonly health: HealthBoard;
  /** `GET /metrics` of `url`. */
  readonly metrics: Metrics;
  /** The same as `GET /state` of the control API. */
  state(): ZakoState;
  /** Back to a fresh server: no faults, blobs or tokens, counters at 0. */
  reset(): void;
  /** Cuts open connections and leaves no handle behind. */
  close(): Promise<void>;
}
