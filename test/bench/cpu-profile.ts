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
