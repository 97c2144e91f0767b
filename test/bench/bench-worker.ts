import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleFolder, WRANGLER_FILE } from "./bundle.ts";
import { cpuMsOf, listeningPorts } from "./process-cpu.ts";
import { peakBytes, startPeak } from "./process-memory.ts";
import { workerdConfig } from "./workerd-config.ts";

const WORKERD = "node_modules/workerd/bin/workerd";
const STARTUP_MS = 20_000;

/** The bench's Worker in a workerd of its own, with nothing before or behind it. */
export interface BenchWorker {
  url: string;
  /** Where the inspector listens, `host:port`; undefined where none was asked for. */
  inspector: string | undefined;
  /** CPU time that the process has used so far, ms. */
  cpuMs(): number;
  /** By how much the resident memory of its process grows at most while some work is done, over what it is before, bytes. */
  growth(work: () => Promise<unknown>): Promise<number>;
  /** Asks for a piece of work and waits for its end. Throws with the worker's own words where it failed. */
  ask<NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry>;
  /** CPU time that a piece of work takes, ms. */
  cost(path: string, asked: unknown): Promise<number>;
  stop(): Promise<void>;
}

/** How a worker is started. */
export interface WorkerAsked {
  /** Lets the inspector in, which costs some time itself. */
  inspector?: boolean;
  /** Replaces the bundle of this checkout. */
  bundle?: string;
}

/** Starts a fresh worker with empty storage. */
export async function startBenchWorker({ inspector = false, bundle }: WorkerAsked = {}): Promise<BenchWorker> {
  const folder = mkdtempSync(join(tmpdir(), "zako-watch-bench-"));
  const [config, storage] = [join(folder, "config.capnp"), join(folder, "storage")];
  mkdirSync(storage);
  writeFileSync(
    config,
    workerdConfig({ wranglerFile: WRANGLER_FILE, bundle: bundle ?? bundleFolder(), storage }, folder),
  );
  const args = ["serve", config, "--experimental", ...(inspector ? ["--inspector-addr=127.0.0.1:0"] : [])];
  const child = spawn(WORKERD, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (part) => {
    said += part;
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const pid = child.pid as number;
  const { url, inspectorAt } = await listening(child, inspector, () => said);
  const ask = <NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry> =>
    post(url, path, asked) as Promise<NotificationLogEntry>;
  return {
    url,
    inspector: inspectorAt,
    cpuMs: () => cpuMsOf(pid),
    async growth(work) {
      const before = startPeak(pid);
      await work();
      return peakBytes(pid) - before;
    },
    ask,
    async cost(path, asked) {
      const from = cpuMsOf(pid);
      await ask(path, asked);
      return cpuMsOf(pid) - from;
    },
    async stop() {
      process.off("exit", kill);
      kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the Worker answers; of the two ports that workerd may have, the other one is the inspector's. */
async function listening(
  child: ChildProcess,
  inspector: boolean,
  said: () => string,
): Promise<{ url: string; inspectorAt: string | undefined }> {
  for (const end = Date.now() + STARTUP_MS; Date.now() < end; await sleep(20)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`workerd has ended: ${said()}`);
    const ports = listeningPorts(child.pid as number);
    if (ports.length < (inspector ? 2 : 1)) continue;
    for (const port of ports) {
      const url = `http://127.0.0.1:${port}`;
      const text = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) })
        .then((response) => response.text())
        .catch(() => "");
      const other = ports.find((one) => one !== port);
      if (text === "pong") return { url, inspectorAt: other === undefined ? undefined : `127.0.0.1:${other}` };
    }
  }
  throw new Error(`workerd does not answer: ${said()}`);
}

/** Asks a Worker of the bench, whoever runs it. */
export async function post(url: string, path: string, asked: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(asked) });
  if (!response.ok) throw new Error(`The bench's worker failed at ${path}: ${await response.text()}`);
  return response.json();
}
