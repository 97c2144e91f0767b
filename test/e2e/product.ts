import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { type Child, type Ended, startChild } from "./child.ts";
import { type Scrape, scrape } from "./metrics.ts";
import { processesIn } from "./processes.ts";

export interface ProductOptions {
  /** After `npm start --`. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** A copy of the project; a fresh one is made where none is given. */
  project?: string;
}

/** A running `npm start`. */
export interface Product {
  url: string;
  /** Control API of its reference Zako; empty where it has none of its own. */
  controlUrl: string;
  /** The `watch.yaml` that it says can be edited. */
  config: string;
  /** Folder that it runs in. */
  project: string;
  /** All that it printed. */
  lines: readonly string[];
  /** When it said that it is ready, epoch ms. */
  readyAt: number;
  child: Child;
  scrape(): Promise<Scrape>;
  /** Process id of the workerd that runs the Worker, not of the proxy before it. */
  workerPid(): number;
  /** Ctrl-C; answers when it has ended. */
  stop(): Promise<Ended>;
}

/** Where a free port is looked for: below those that the system gives to whoever asks for any. */
const FIRST_PORT = 12_000;
const LAST_PORT = 31_999;

/**
 * A port of the loopback that is free and stays so until it is used: neither a connection nor a server that asked for
 * any port can be given it, not even between two runs that use it one after the other.
 */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, host, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Runs `npm start` in a copy of the project and waits until it is ready. */
export async function startProduct(project: string, options: ProductOptions): Promise<Product> {
  const port = Number(options.env?.["PORT"] ?? (await freePort()));
  const args = options.args === undefined ? [] : ["--", ...options.args];
  const child = startChild("npm", ["start", ...args], project, { PORT: String(port), ...options.env });
  const printed = async (pattern: RegExp): Promise<string> =>
    pattern.exec(await child.line(pattern, 120_000))?.[1] ?? "";
  const url = await printed(/^ +metrics +(http:\S+)\/metrics$/);
  const readyAt = Date.now();
  const config = await printed(/^ +targets +(.+): edit it/);
  const own = options.args?.includes("--config") !== true;
  return {
    url,
    controlUrl: own ? await printed(/^ +control +(http:\S+)/) : "",
    config,
    project,
    lines: child.lines,
    readyAt,
    child,
    scrape: () => scrape(url),
    workerPid: () => findWorker(project, port),
    stop: () => {
      child.signalGroup("SIGINT");
      return child.ended;
    },
  };
}

function findWorker(project: string, port: number): number {
  const isWorker = ({ command }: { command: string }): boolean =>
    /\/workerd serve /.test(command) && !command.includes(`entry=127.0.0.1:${port} `);
  const found = processesIn(project).filter(isWorker);
  const [worker] = found;
  if (worker === undefined || found.length > 1) throw new Error(`${found.length} workerds run the Worker, not one`);
  return worker.pid;
}
