import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process of this machine, from Linux' /proc. */
export interface Process {
  pid: number;
  parent: number;
  command: string;
  /** Working directory; empty where it may not be read. */
  folder: string;
}

/** All processes that live; zombies are dead. */
export function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (state === "Z" || state === "X") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").join(" ").trim();
        return [{ pid: Number(name), parent: Number(parent), command, folder: readlinkSync(`/proc/${name}/cwd`) }];
      } catch {
        return [];
      }
    });
}

/** Processes that were started in a folder or beneath it, whoever their parents are by now. */
export function processesIn(folder: string): Process[] {
  return processes().filter((p) => p.folder === folder || p.folder.startsWith(`${folder}/`));
}

/** Sends a signal; a process or group that is gone is no error. A negative number names a group. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
