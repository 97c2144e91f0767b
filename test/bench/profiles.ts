import type { CallsAsked, MonitorAsked, TicksAsked } from "./asked.ts";
import type { Bench } from "./bench.ts";
import { type BenchWorker, startBenchWorker } from "./bench-worker.ts";
import { type CpuProfile, profiled, selfTimes } from "./cpu-profile.ts";
import { FIVE_PROBES, fleetConfig, GOLDEN, NOWHERE, THREE_VANTAGES } from "./fleet.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2030, 0, 1);
const CALLS = 2_000;
const UPLOADS = 500;
/** Probes of one profile of a tick. */
const PROBES = 3_000;
const MOST_TICKS = 100;
const SCRAPES = 20;
const SHOWN = 30;

/** Work to look into; what it returns is the work once more, after everything is warm. */
type Prepare = (worker: BenchWorker, zakoUrl: string) => Promise<() => Promise<unknown>>;

const PROFILES: Readonly<Record<string, Prepare>> = {
  "unary-connect": calls("check", "connect", CALLS),
  "unary-grpc-web": calls("check", "grpc-web", CALLS),
  "upload-connect": calls("upload", "connect", UPLOADS),
  "upload-grpc-web": calls("upload", "grpc-web", UPLOADS),
  "tick-5": tick(5),
  "tick-100": tick(100),
  "tick-1000": tick(1_000),
  metrics: scrapes,
};

export const PROFILE_NAMES = Object.keys(PROFILES);

/** Profiles one piece of work: a table of self times by function, as lines, and V8's own record. */
export async function profileOf(
  name: string,
  zakoUrl: Bench["zako"]["url"],
): Promise<{ lines: string[]; profile: CpuProfile } | undefined> {
  const prepare = PROFILES[name];
  if (prepare === undefined) return undefined;
  const worker = await startBenchWorker({ inspector: true });
  try {
    const work = await prepare(worker, zakoUrl);
    await work();
    const before = worker.cpuMs();
    const profile = await profiled(worker.inspector ?? "", work);
    const cpuMs = worker.cpuMs() - before;
    const times = selfTimes(profile);
    const total = times.reduce((sum, { us }) => sum + us, 0);
    const rows = times
      .slice(0, SHOWN)
      .map(({ what, us }) => `${((us / total) * 100).toFixed(1).padStart(6)} %  ${what}`);
    return { lines: [`self time by function; CPU of the process ${Math.round(cpuMs)} ms`, ...rows], profile };
  } finally {
    await worker.stop();
  }
}

function calls(question: CallsAsked["question"], protocol: CallsAsked["protocol"], count: number): Prepare {
  let seed = 0;
  return async ({ ask }, url) =>
    async () => {
      const asked: CallsAsked = { maker: "ours", question, protocol, url, count, blob: GOLDEN, seed };
      seed += count;
      await ask("/calls/prepare", asked);
      await ask("/calls", asked);
    };
}

function tick(targets: number): Prepare {
  return async ({ ask }, url) => {
    const config = fleetConfig({ targets, url, probes: ["health"], protocol: "connect" });
    await ask("/monitor", { name: "profile", config, probing: "fetch" } satisfies MonitorAsked);
    const count = Math.min(MOST_TICKS, Math.ceil(PROBES / targets));
    let from = START;
    return async () => {
      await ask("/ticks", { name: "profile", from, count, stepMs: MINUTE_MS } satisfies TicksAsked);
      from += count * MINUTE_MS;
    };
  };
}

async function scrapes({ ask, url }: BenchWorker): Promise<() => Promise<unknown>> {
  const fleet = { targets: 100, url: NOWHERE, probes: FIVE_PROBES, vantages: THREE_VANTAGES, allAtFirst: true };
  const config = fleetConfig(fleet);
  await ask("/monitor", { name: "metrics", config, probing: "instant" } satisfies MonitorAsked);
  let from = START;
  return async () => {
    for (let i = 0; i < SCRAPES; i++) {
      await ask("/ticks", { name: "metrics", from, count: 1, stepMs: MINUTE_MS } satisfies TicksAsked);
      from += MINUTE_MS;
      await (await fetch(`${url}/metrics`, { headers: { "accept-encoding": "identity" } })).arrayBuffer();
    }
  };
}
