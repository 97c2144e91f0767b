import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Job, playJob } from "./job.ts";
import type { Played } from "./play.ts";

/** Plays all jobs, `threads` at a time, and tells of each as it ends. Rejects with the first that throws. */
export async function playAll(
  jobs: readonly Job[],
  threads: number,
  onPlayed: (played: Played) => void,
): Promise<Played[]> {
  const all: Played[] = [];
  const left = [...jobs];
  const take = async (run: (job: Job) => Promise<Played>): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      const played = await run(job);
      all.push(played);
      onPlayed(played);
    }
  };
  if (threads <= 1) await take(playJob);
  else await Promise.all(Array.from({ length: threads }, () => take(inThread)));
  return all;
}

/** In a thread of its own, so that nothing is left of a job after it. */
function inThread(job: Job): Promise<Played> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(join(import.meta.dirname, "job-thread.ts"), { workerData: job });
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) =>
      reject(new Error(`${job.scenario}, seed ${job.seed}: its thread ended with ${code}.`)),
    );
  });
}
