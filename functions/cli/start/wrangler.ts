import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const CLI = "node_modules/wrangler/bin/wrangler.js";

/** A running `wrangler dev`. */
export interface Wrangler {
  /** Resolves when it is gone, for whatever reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

const quiet = (env: NodeJS.ProcessEnv, logs: string): NodeJS.ProcessEnv => ({
  ...env,
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_LOG_PATH: logs,
  NO_COLOR: "1",
});

/**
 * Runs a command to its end. Where it fails, prints what it said and `conclusion`. A command that does not begin with
 * Node is one of wrangler's.
 */
export async function runOnce(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  conclusion: string,
): Promise<number> {
  const [first = "", ...rest] = command;
  const args = first === process.execPath ? rest : [CLI, ...command];
  const child = spawn(process.execPath, args, { env: quiet(env, join(".wrangler", "logs")), signal });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (c) => resolve(c ?? 1));
  });
  if (code !== 0 && !signal.aborted) console.error(`${said.trimEnd()}\n${conclusion}`);
  return code;
}

/** Starts `wrangler dev` in a process group of its own, so that stopping it leaves nothing behind. */
export async function startWrangler(options: {
  port: number;
  state: string;
  scratch: string;
  /** Paths of the wrangler.toml of further Workers. */
  workers: readonly string[];
  /** The compiled config, which takes the place of the one that is built from `watch.yaml`. */
  compiled: string;
  env: NodeJS.ProcessEnv;
  verbose: boolean;
  /** Files of secrets, each overriding those before it. */
  secretFiles: readonly string[];
  /** Aborted to give up before it is ready. */
  signal: AbortSignal;
  onLine: (line: string) => void;
}): Promise<Wrangler> {
  const args = ["dev", "--local", "--ip", "127.0.0.1", "--port", String(options.port), "--inspector-port", "0"];
  args.push("--show-interactive-dev-session=false", "--persist-to", options.state);
  // The first one named answers on the port; without any, wrangler finds this project's by itself.
  if (options.workers.length > 0) args.push("--config", "wrangler.toml");
  for (const worker of options.workers) args.push("--config", worker);
  for (const file of options.secretFiles) args.push("--env-file", file);
  // `wrangler dev` takes no heed of --alias.
  const tsconfig = join(options.scratch, "tsconfig.json");
  const paths = { "#compiled-config": [options.compiled] };
  writeFileSync(tsconfig, JSON.stringify({ extends: resolve("tsconfig.json"), compilerOptions: { paths } }));
  args.push("--tsconfig", tsconfig);
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: quiet(options.env, join(options.scratch, "logs")),
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // A kill of this process that cannot be caught still leaves the group; an exit of any other kind does not.
  process.once("exit", () => signalGroup(child, "SIGKILL"));
  const said: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    const read = (line: string): void => {
      if (said.length < 200) said.push(line);
      if (options.verbose) console.error(line);
      if (line.includes("Ready on http")) resolve();
      options.onLine(line);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", read);
    child.once("exit", () => reject(new Error(`${said.join("\n")}\nCannot start the Worker: wrangler exited.`)));
  });
  const giveUp = (): void => void stopGroup(child, exited);
  options.signal.addEventListener("abort", giveUp);
  if (options.signal.aborted) giveUp();
  const patience = setTimeout(() => console.log("Still starting; --verbose shows what it is waiting for."), 30_000);
  try {
    await ready;
  } finally {
    clearTimeout(patience);
    options.signal.removeEventListener("abort", giveUp);
  }
  return { exited, stop: () => stopGroup(child, exited) };
}

async function stopGroup(child: ChildProcess, exited: Promise<void>): Promise<void> {
  signalGroup(child, "SIGINT");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}
