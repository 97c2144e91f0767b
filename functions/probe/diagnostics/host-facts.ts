import type { DescribeHostResponse } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import type { Family } from "../../model/metric.ts";
import type { Run } from "../kind.ts";
import { seconds } from "./diagnostics.ts";

/** Reports a host's facts; omitted fields are not reported. */
export function observeHost(run: Run<unknown>, answer: DescribeHostResponse): void {
  const { host, effective, cas, disk, process } = answer;
  const gauge = (family: Family, value: bigint | number | undefined): void => {
    if (value !== undefined) run.observe(family, Number(value));
  };
  const total = (family: Family, value: bigint | number | undefined): void => {
    if (value !== undefined) run.reportTotal(family, Number(value), Number(answer.sinceUnixMillis));
  };
  gauge(F.memory, host?.memoryBytes);
  gauge(F.cpuCores, host?.cpuCores);
  gauge(F.cacheCapacity, effective?.casCacheCapacityBytes);
  gauge(F.cacheTtl, effective && Number(effective.casCacheTtlMillis) / 1_000);
  gauge(F.cacheTti, effective && Number(effective.casCacheTtiMillis) / 1_000);
  gauge(F.threadStack, effective?.threadStackBytes);
  gauge(F.casDirectory, cas?.directoryBytes);
  gauge(F.activeConnections, cas?.connections);
  gauge(F.actualConcurrency, cas?.concurrentTransfers);
  gauge(F.tokensHeld, cas?.tokensHeld);
  gauge(F.cacheHitRatioOfMemory, cas && hitRatio(Number(cas.cacheHitsTotal), Number(cas.cacheMissesTotal)));
  gauge(F.diskFree, disk?.freeBytes);
  gauge(F.diskTotal, disk?.totalBytes);
  gauge(F.residentMemory, process?.residentMemoryBytes);
  total(F.processCpu, process?.cpuTimeNanosTotal === undefined ? undefined : seconds(process.cpuTimeNanosTotal));
  total(F.contextSwitches, process?.contextSwitchesTotal);
  total(F.diskRead, process?.diskReadBytesTotal);
  total(F.diskWritten, process?.diskWrittenBytesTotal);
}

/** Undefined without reads. */
function hitRatio(hits: number, misses: number): number | undefined {
  return hits + misses === 0 ? undefined : hits / (hits + misses);
}
