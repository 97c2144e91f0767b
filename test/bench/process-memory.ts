import { readFileSync, writeFileSync } from "node:fs";

/** Forgets the peak of a process' resident memory; answers with what it is now, bytes. */
export function startPeak(pid: number): number {
  // 5: the peak becomes the present size (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return kilobytes(pid, "VmRSS");
}

/** The most that the process has had since `startPeak`, bytes. */
export const peakBytes = (pid: number): number => kilobytes(pid, "VmHWM");

function kilobytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const found = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
  if (found === undefined) throw new Error(`Cannot find ${field} of process ${pid}.`);
  return Number(found) * 1_024;
}
