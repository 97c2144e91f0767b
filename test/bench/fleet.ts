import { compileConfig } from "../../functions/config/compile.ts";
import { formatPath } from "../../functions/config/issue.ts";
import type { Config } from "../../functions/model/config.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { hashHex } from "../zako/blob-store.ts";
import { GOLDEN_BYTES, goldenContent } from "./golden.ts";

/** The blob that every target's downloads ask for. */
export const GOLDEN = { digest: hashHex(goldenContent()), sizeBytes: GOLDEN_BYTES } as const;

/** The five kinds of probes that the goals speak of. */
export const FIVE_PROBES = [
  "health",
  "cas.details",
  "cas.negotiate",
  "transport.download",
  "transport.upload",
] as const;
export const THREE_VANTAGES = ["weur", "enam", "apac"] as const;

/** Where nobody is asked. */
export const NOWHERE = "http://127.0.0.1:10999";

/** A fleet of targets that are all at one address. */
export interface Fleet {
  targets: number;
  url: string;
  probes: readonly string[];
  vantages?: readonly string[];
  lanes?: number;
  protocol?: "connect" | "grpc-web";
  /** What its first tick shall be: everything at once, or what is due. */
  allAtFirst?: boolean;
}

/** Compiles a configuration for a fleet, as the build would. */
export function fleetConfig(fleet: Fleet): Config {
  const probes = Object.fromEntries(
    PROBE_KINDS.map(({ kind }) => {
      if (!fleet.probes.includes(kind)) return [kind, false];
      const golden = { digest: GOLDEN.digest, size_bytes: GOLDEN.sizeBytes };
      return [kind, kind === "transport.download" ? { golden } : true];
    }),
  );
  const document = {
    installation: "bench",
    ...(fleet.vantages === undefined ? {} : { vantages: fleet.vantages, lanes: fleet.lanes ?? 1 }),
    defaults: { protocol: fleet.protocol ?? "grpc-web", probes },
    targets: Array.from({ length: fleet.targets }, (_, i) => ({ name: `target-${i}`, cas: fleet.url })),
  };
  const compiled = compileConfig(document, PROBE_KINDS, { local: true });
  if (!compiled.ok) {
    const [first] = compiled.issues;
    throw new Error(`Cannot compile the fleet: ${formatPath(first?.path ?? [])}: ${first?.message}`);
  }
  return { ...compiled.config, local: fleet.allAtFirst ?? false };
}
