import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstable_startWorker } from "wrangler";
import { childrenOf, cpuMsOf, listeningPorts } from "./process-cpu.ts";
import { peakBytes, startPeak } from "./process-memory.ts";

const SPIN_ROUNDS = 60_000_000;

/** The bench's Worker in a workerd of its own. */
export interface BenchWorker {
  /** Where the process itself listens, without wrangler's proxy before it. */
  url: string;
  /** CPU time that it has used so far, ms, in steps of 10. */
  cpuMs(): number;
  /** By how much the resident memory of its process grows at most while some work is done, over what it is before, bytes. */
  growth(work: () => Promise<unknown>): Promise<number>;
  /** Asks for a piece of work and waits for its end. Throws with the worker's own words where it failed. */
  ask<NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry>;
  /** CPU time that a piece of work takes, ms. */
  cost(path: string, asked: unknown): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a fresh worker with empty storage. */
export async function startBenchWorker(): Promise<BenchWorker> {
  const state = mkdtempSync(join(tmpdir(), "zako-watch-bench-"));
  const before = new Set(childrenOf(process.pid, "workerd"));
  const started = await unstable_startWorker({
    config: "test/bench/worker/wrangler.toml",
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      persist: state,
      logLevel: "error",
      watch: false,
    },
  });
  await started.ready;
  const proxy = String(await started.url).replace(/\/$/, "");
  await post(proxy, "/spin", { rounds: 1 });
  const pid = await spinning(
    proxy,
    childrenOf(process.pid, "workerd").filter((child) => !before.has(child)),
  );
  const url = await answering(listeningPorts(pid));
  await post(url, "/migrate", { sql: readFileSync("schemas/migrations/0001_history.sql", "utf8") });
  const ask = <NotificationLogEntry>(path: string, asked: unknown): Promise<NotificationLogEntry> =>
    post(url, path, asked) as Promise<NotificationLogEntry>;
  return {
    url,
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
      await started.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Of the processes, the one that works when the Worker works: the other is wrangler's proxy. */
async function spinning(proxy: string, pids: readonly number[]): Promise<number> {
  const before = pids.map(cpuMsOf);
  await post(proxy, "/spin", { rounds: SPIN_ROUNDS });
  const used = pids.map((pid, i) => cpuMsOf(pid) - (before[i] ?? 0));
  const pid = pids[used.indexOf(Math.max(...used))];
  if (pid === undefined) throw new Error("Cannot find the Worker's process: wrangler started no workerd.");
  return pid;
}

async function answering(ports: readonly number[]): Promise<string> {
  for (const port of ports) {
    const url = `http://127.0.0.1:${port}`;
    const text = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) })
      .then((response) => response.text())
      .catch(() => "");
    if (text === "pong") return url;
  }
  throw new Error(`Cannot find the Worker's own port: none of ${ports.join(", ")} answers.`);
}

async function post(url: string, path: string, asked: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(asked) });
  if (!response.ok) throw new Error(`The bench's worker failed at ${path}: ${await response.text()}`);
  return response.json();
}
