import { spawn } from "node:child_process";

/** What became of a command. */
export interface Ran {
  ok: boolean;
  timedOut: boolean;
  output: string;
}

/** Runs a command with all that it starts in a group of its own, which is ended with it. */
export function runCommand(cwd: string, timeoutMs: number, command: string, ...args: string[]): Promise<Ran> {
  // The same cases for every mutant, and for the code without one.
  const env = { TEST_SEED: "20261201", ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" };
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      // The end says what failed; a mutant may print without end.
      output = (output + chunk.toString()).slice(-200_000);
    });
  const endGroup = (): void => {
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch {
      // All of it has ended.
    }
  };
  process.once("exit", endGroup);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup();
  }, timeoutMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      process.off("exit", endGroup);
      endGroup();
      resolve({ ok: code === 0, timedOut, output });
    });
  });
}
