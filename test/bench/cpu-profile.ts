/** V8's own record of where time went. Times are in us. */
export interface CpuProfile {
  nodes: readonly {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
    children?: readonly number[];
  }[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

/** How often the profiler looks, us. */
const INTERVAL_US = 100;

/** Profiles a workerd's isolate of that service name, through its inspector, while some work is done. */
export async function profiled(inspector: string, work: () => Promise<unknown>): Promise<CpuProfile> {
  const [target] = (await (await fetch(`http://${inspector}/json`)).json()) as { webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error("workerd's inspector offers no isolate.");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  const answers = new Map<number, (result: unknown) => void>();
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot connect to ${target.webSocketDebuggerUrl}.`));
  });
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) answers.get(id)?.(result);
  };
  let last = 0;
  const send = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve) => {
      answers.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await send("Profiler.enable");
  await send("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await send("Profiler.start");
  await work();
  const { profile } = (await send("Profiler.stop")) as { profile: CpuProfile };
  socket.close();
  return profile;
}

/** Time of one function by itself, us. */
interface SelfTime {
  /** Name and place in the bundle. */
  what: string;
  us: number;
}

/** What V8 calls the time in which no JavaScript ran. */
const IDLE = "(idle)";
const PROGRAM = "(program)";

/** Self time by function, the longest first; idle time is left out. Platform functions often bear the name of another. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === IDLE) return;
    const place = frame.url === "" ? "" : ` ${frame.url.split("/").at(-1)}:${frame.lineNumber + 1}`;
    const what = `${frame.functionName || "(anonymous)"}${place}`;
    times.set(what, (times.get(what) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return [...times].map(([what, us]) => ({ what, us })).sort((a, b) => b.us - a.us);
}

/** The part of the time that is the isolate's: JavaScript, the platform functions that it calls, and garbage collection. */
export function isolateShare(profile: CpuProfile): number {
  const times = selfTimes(profile);
  const sum = (of: readonly SelfTime[]): number => of.reduce((total, { us }) => total + us, 0);
  return sum(times.filter(({ what }) => what !== PROGRAM)) / sum(times);
}
