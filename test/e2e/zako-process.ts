import { join } from "node:path";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./product.ts";
import type { Context } from "./story.ts";

/** A reference Zako in a process of its own, shaped like the public server: no health service and no diagnostics. */
export interface ZakoProcess {
  /** Origin of gRPC-Web over HTTP/1.1; the same after each restart. */
  url: string;
  /** Origin of native gRPC; the same after each restart. */
  grpcUrl: string;
  /** SIGKILL; answers when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same ports with the blobs that it had; answers when it serves. */
  restart(): Promise<void>;
}

/** Starts one in the story's folder; it ends with the story. */
export async function startZakoProcess(ctx: Context): Promise<ZakoProcess> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const main = join(process.cwd(), "test/zako/main.ts");
  const ports = ["--port", `${port}`, "--grpc-port", `${grpcPort}`, "--control-port", "0"];
  const args = [main, "serve", ...ports, "--without", "health,diagnostics", "--blobs", join(ctx.scratch, "blobs")];
  const start = async (): Promise<Child> => {
    const child = startChild(process.execPath, args, ctx.scratch);
    await child.line(/^control /);
    return child;
  };
  let child = await start();
  ctx.defer(() => child.signalGroup("SIGKILL"));
  return {
    url: `http://127.0.0.1:${port}`,
    grpcUrl: `http://127.0.0.1:${grpcPort}`,
    kill: async () => {
      child.signalGroup("SIGKILL");
      await child.ended;
    },
    restart: async () => {
      child = await start();
    },
  };
}
