import { readFileSync } from "node:fs";

/** What the process has used since a moment; absent what the platform does not tell. */
export interface Used {
  /** Epoch ms. */
  readonly since: number;
  readonly residentMemoryBytes: bigint;
  readonly cpuNanos: bigint;
  readonly contextSwitches: bigint;
  readonly diskReadBytes?: bigint;
  readonly diskWrittenBytes?: bigint;
}

type Totals = Omit<Used, "since" | "residentMemoryBytes">;

/** Reads the operating system's books about this process, from a moment on. */
export class ProcessMeter {
  #since = Date.now();
  #began = readTotals();

  /** Counts from now on. */
  reset(): void {
    this.#since = Date.now();
    this.#began = readTotals();
  }

  read(): Used {
    const [now, began] = [readTotals(), this.#began];
    return {
      since: this.#since,
      residentMemoryBytes: BigInt(process.memoryUsage.rss()),
      cpuNanos: now.cpuNanos - began.cpuNanos,
      contextSwitches: now.contextSwitches - began.contextSwitches,
      ...(now.diskReadBytes !== undefined && { diskReadBytes: now.diskReadBytes - (began.diskReadBytes ?? 0n) }),
      ...(now.diskWrittenBytes !== undefined && {
        diskWrittenBytes: now.diskWrittenBytes - (began.diskWrittenBytes ?? 0n),
      }),
    };
  }
}

function readTotals(): Totals {
  const usage = process.resourceUsage();
  return {
    cpuNanos: BigInt(usage.userCPUTime + usage.systemCPUTime) * 1_000n,
    contextSwitches: BigInt(usage.voluntaryContextSwitches + usage.involuntaryContextSwitches),
    ...readDiskBytes(),
  };
}

/** Linux counts bytes that really went to and from disk; elsewhere nothing is known. */
function readDiskBytes(): Pick<Totals, "diskReadBytes" | "diskWrittenBytes"> {
  let text: string;
  try {
    text = readFileSync("/proc/self/io", "utf8");
  } catch {
    return {};
  }
  const bytes = (name: string): bigint => BigInt(new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  return { diskReadBytes: bytes("read_bytes"), diskWrittenBytes: bytes("write_bytes") };
}
