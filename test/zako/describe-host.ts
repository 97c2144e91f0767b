import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { create } from "@bufbuild/protobuf";
import { type DescribeHostResponse, DescribeHostResponseSchema } from "../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import type { CasOptions } from "./cas.ts";
import type { Counters } from "./counters.ts";
import type { Inside } from "./inside/inside.ts";

export interface DescribeOptions extends Pick<CasOptions, "store" | "tokens"> {
  readonly inside: Inside;
  readonly counters: Counters;
  readonly openConnections: () => number;
}

/**
 * What DescribeHost says: the real facts of this machine and process. Blobs lie in memory; the disk is the one where a
 * cache folder would be made.
 */
export async function describeHost(options: DescribeOptions): Promise<DescribeHostResponse> {
  const { inside, store, counters, tokens } = options;
  const { since, ...used } = inside.meter.read();
  const { bavail, blocks, bsize } = await statfs(tmpdir(), { bigint: true });
  return create(DescribeHostResponseSchema, {
    host: { memoryBytes: BigInt(inside.host.memoryBytes), cpuCores: inside.host.cores },
    derived: inside.derived,
    effective: inside.effective,
    cas: {
      connections: options.openConnections(),
      concurrentTransfers: counters.underWay("transport"),
      tokensHeld: BigInt(tokens.size),
      cacheHitsTotal: BigInt(counters.cacheHits),
      cacheMissesTotal: BigInt(counters.cacheMisses),
      directoryBytes: BigInt(store.sizeBytes),
    },
    disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize },
    process: {
      residentMemoryBytes: used.residentMemoryBytes,
      cpuTimeNanosTotal: used.cpuNanos,
      contextSwitchesTotal: used.contextSwitches,
      ...(used.diskReadBytes !== undefined && { diskReadBytesTotal: used.diskReadBytes }),
      ...(used.diskWrittenBytes !== undefined && { diskWrittenBytesTotal: used.diskWrittenBytes }),
    },
    sinceUnixMillis: BigInt(since),
  });
}
