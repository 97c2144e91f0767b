import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./product.ts";
import type { Context } from "./story.ts";

export interface ZakoProcessOptions {
  /** Loopback address; default 127.0.0.1. */
  host?: string;
  /** Services that it lacks; by default health and diagnostics, as the public server does. */
  without?: readonly ("health" | "diagnostics")[];
}

/** A reference Zako in a process of its own. */
export interface ZakoProcess {
  /** Origin of gRPC-Web over HTTP/1.1; the same after each restart. */
  url: string;
  /** Origin of native gRPC; the same after each restart. */
  grpcUrl: string;
  /** Control API, where faults are switched; the same after each restart. */
  controlUrl: string;
  /** `IP:port` that it hands out. */
  address: string;
  /** SIGKILL; answers when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the blobs that it had; answers when it serves. */
  restart(): Promise<void>;
}

/** Starts one in the story's folder; it ends with the story. */
export async function startZakoProcess(
  ctx: Context,
  { host = "127.0.0.1", without = ["health", "diagnostics"] }: ZakoProcessOptions = {},
): Promise<ZakoProcess> {
  const [port, grpcPort, controlPort] = [await freePort(host), await freePort(host), await freePort(host)];
  const main = join(process.cwd(), "test/zako/main.ts");
  const ports = ["--port", `${port}`, "--grpc-port", `${grpcPort}`, "--control-port", `${controlPort}`];
  const shape = without.length === 0 ? [] : ["--without", without.join(",")];
  const blobs = mkdtempSync(join(ctx.scratch, "blobs-"));
  const args = [main, "serve", "--host", host, ...ports, ...shape, "--blobs", blobs];
  const start = async (): Promise<Child> => {
    const child = startChild(process.execPath, args, ctx.scratch);
    await child.line(/^control /);
    return child;
  };
  let child = await start();
  ctx.defer(() => child.signalGroup("SIGKILL"));
  return {
    url: `http://${host}:${port}`,
    grpcUrl: `http://${host}:${grpcPort}`,
    controlUrl: `http://${host}:${controlPort}`,
    address: `${host}:${grpcPort}`,
    kill: async () => {
      child.signalGroup("SIGKILL");
      await child.ended;
    },
    restart: async () => {
      child = await start();
    },
  };
}
