import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { signal } from "./processes.ts";

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process in a group of its own, as a terminal would start it, and the lines that it printed. */
export interface Child {
  pid: number;
  lines: string[];
  ended: Promise<Ended>;
  /** Resolves with the first line that matches; rejects with all lines where the process ends or time runs out before. */
  line(pattern: RegExp, boundMs?: number): Promise<string>;
  /** To the whole group, as Ctrl-C does. */
  signalGroup(name: NodeJS.Signals): void;
}

/** Starts a process. */
export function startChild(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Child {
  const child: ChildProcess = spawn(command, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on("line", (text) => {
      lines.push(text);
      for (const look of waiting) look(text);
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once("error", (error) => {
      lines.push(String(error));
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, name) => resolve({ code, signal: name }));
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    signalGroup: (name) => {
      if (child.pid !== undefined) signal(-child.pid, name);
    },
    line: (pattern, boundMs = 60_000) =>
      new Promise((resolve, reject) => {
        const known = lines.find((text) => pattern.test(text));
        if (known !== undefined) return resolve(known);
        const look = (text: string): void => {
          if (pattern.test(text)) settle(() => resolve(text));
        };
        const fail = (why: string): void =>
          settle(() => reject(new Error(`${command} ${args.join(" ")}: ${why}\n${lines.join("\n")}`)));
        const timer = setTimeout(fail, boundMs, `no line like ${pattern} within ${boundMs / 1000} s`);
        const settle = (then: () => void): void => {
          waiting.delete(look);
          clearTimeout(timer);
          then();
        };
        waiting.add(look);
        void ended.then(() => fail(`ended before a line like ${pattern}`));
      }),
  };
}
