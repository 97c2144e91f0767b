import { clearFaults, type FaultParams, type FaultScope, setFault } from "../zako-control.ts";
import { type GrpcWebProxy, startGrpcWebProxy } from "./grpc-web-proxy.ts";
import type { Context } from "./story.ts";
import { startZakoProcess, type ZakoProcess, type ZakoProcessOptions } from "./zako-process.ts";

/** One way in which a Zako breaks, and what the people who are paged must read as its cause. */
interface Fault {
  /** Part of the target's name. */
  name: string;
  /** Probe and reason that the title must name. */
  probe: string;
  reason: string;
  /** Native gRPC instead of gRPC-Web. */
  grpc?: true;
  /** Shaped like the public server. */
  upstream?: true;
  /** A proxy stands in front. */
  proxied?: true;
  /** What is switched on; without it the process is killed. */
  switched?: { name: string; params?: FaultParams; scope?: FaultScope };
}

/** Longer than every probe's timeout, and short enough that the answers are still wanted by somebody. */
const SLOW_MS = 3_500;

const FAULTS: readonly Fault[] = [
  { name: "flipped-byte", probe: "transport.download", reason: "corrupt", switched: { name: "flip-byte" } },
  { name: "refused", probe: "health", reason: "connect" },
  { name: "hanging", probe: "health", reason: "timeout", switched: { name: "hang" } },
  {
    name: "unavailable",
    probe: "health",
    reason: "rpc_unavailable",
    switched: { name: "rpc", params: { code: "unavailable" } },
  },
  { name: "full-disk", probe: "transport.upload", reason: "rpc_already_exists", switched: { name: "full-disk" } },
  {
    name: "lying-negotiate",
    probe: "cas.negotiate",
    reason: "missing_but_present",
    switched: { name: "says-missing" },
  },
  { name: "slow", probe: "health", reason: "timeout", switched: { name: "latency", params: { ms: SLOW_MS } } },
  // The bridge to native gRPC knows better than the platform's edge would.
  { name: "upstream-killed", probe: "cas.negotiate", reason: "connect", grpc: true, upstream: true },
  { name: "proxied-killed", probe: "health", reason: "rpc_unavailable", proxied: true },
  { name: "drifting", probe: "cas.details", reason: "address_drift", switched: { name: "drifting-address" } },
];

/** The first of the ten loopback addresses. */
const FIRST_HOST = 11;

/** One target of the story: a Zako process on an address of its own, and the fault that it will have. */
export interface Broken {
  target: string;
  probe: string;
  reason: string;
  /** Whether it lacks health and diagnostics services. */
  upstream: boolean;
  /** Its entry in `watch.yaml`. */
  entry: string;
  /** Makes it fail; answers when it does. */
  breakIt(): Promise<unknown>;
  /** Answers when it serves again. */
  mend(): Promise<unknown>;
}

/** Starts ten Zakos on 127.0.0.11 to 127.0.0.20. */
export async function startTen(ctx: Context): Promise<Broken[]> {
  const ten: Broken[] = [];
  for (const [i, fault] of FAULTS.entries()) ten.push(await startOne(ctx, fault, FIRST_HOST + i));
  return ten;
}

async function startOne(ctx: Context, fault: Fault, address: number): Promise<Broken> {
  const { probe, reason, grpc, upstream, proxied, switched } = fault;
  const [host, target] = [`127.0.0.${address}`, `zako-${address}-${fault.name}`];
  const shape: ZakoProcessOptions = upstream ? {} : { without: [] };
  const zako = await startZakoProcess(ctx, { host, ...shape });
  let proxy: GrpcWebProxy | undefined;
  if (proxied) {
    proxy = await startGrpcWebProxy(zako.url, host);
    ctx.defer(() => proxy?.close());
  }
  const [cas, protocol] = grpc ? [zako.grpcUrl, "grpc"] : [proxy?.url ?? zako.url, "grpc-web"];
  const auth = "transport_auth: { header: authorization, scheme: Bearer }";
  return {
    ...{ target, probe, reason, upstream: upstream === true },
    entry: `{ name: ${target}, cas: "${cas}", protocol: ${protocol}, address: "${zako.address}", ${auth} }`,
    breakIt: () => (switched === undefined ? zako.kill() : switchOn(zako, switched)),
    mend: () => (switched === undefined ? zako.restart() : clearFaults(zako.controlUrl)),
  };
}

const switchOn = ({ controlUrl }: ZakoProcess, { name, params, scope }: NonNullable<Fault["switched"]>) =>
  setFault(controlUrl, name, params, scope);
