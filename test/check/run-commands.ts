import { type ChildProcess, spawn } from "node:child_process";
import type { CommandBlock } from "./documented-commands.ts";

/** What running a block of commands came to. */
export interface Ran {
  ok: boolean;
  /** All that it printed; where it failed, the command that did stands at the end. */
  output: string;
}

export interface RunOptions {
  /** A copy of the project. */
  folder: string;
  env?: NodeJS.ProcessEnv;
  /** Makes a command one for this run, such as with another port. */
  adapt?: (command: string) => string;
  /** Ends what runs too long. */
  timeoutMs: number;
}

const SAY_WHICH = `trap 'echo "failed: $BASH_COMMAND" >&2' ERR`;

/** Runs a block as one script that ends with the first command that fails. */
export async function runCommands({ commands }: CommandBlock, options: RunOptions): Promise<Ran> {
  const { folder, env, adapt = (command) => command, timeoutMs } = options;
  const script = [SAY_WHICH, ...commands.map(adapt)].join("\n");
  const child = spawn("bash", ["-e", "-E", "-o", "pipefail", "-c", script], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  return await ended(child, timeoutMs);
}

function ended(child: ChildProcess, timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    let output = "";
    const end = (ok: boolean): void => {
      clearTimeout(timer);
      resolve({ ok, output: output.trim() });
    };
    const timer = setTimeout(() => {
      output += `\nfailed: not ended after ${timeoutMs / 1000} s`;
      // With all that it has started.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      end(false);
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    child.once("error", (error) => {
      output += String(error);
      end(false);
    });
    child.once("close", (code) => end(code === 0));
  });
}
