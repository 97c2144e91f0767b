import { parentPort, workerData } from "node:worker_threads";
import { type Job, playJob } from "./job.ts";

parentPort?.postMessage(await playJob(workerData as Job));
