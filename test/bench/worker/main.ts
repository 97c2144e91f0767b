import { blake3 as noble } from "@noble/hashes/blake3.js";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import { RegionProber } from "../../../functions/probe/region.ts";
import type { CallsAsked, HistoryAsked, MonitorAsked, TicksAsked } from "../asked.ts";
import { makeCalls, prepare } from "./calls.ts";
import { exposeMonitor } from "./exposition.ts";
import { BenchMonitor } from "./monitor.ts";
import { BenchShipper } from "./shipper.ts";
import { StubProber } from "./stub-prober.ts";

export { BenchMonitor, BenchShipper, RegionProber, StubProber };

/** Bindings of the bench's worker. */
interface BenchEnv {
  MONITOR: DurableObjectNamespace<BenchMonitor>;
  REGION_PROBER: DurableObjectNamespace<RegionProber>;
  STUB_PROBER: DurableObjectNamespace<StubProber>;
  SHIPPER: DurableObjectNamespace<BenchShipper>;
  DB: D1Database;
}

const MIB = 2 ** 20;
const PIECE_BYTES = 65_536;

let app: ReturnType<typeof exposeMonitor> | undefined;
const kept = new Map<string, Uint8Array<ArrayBuffer>>();

/** What can be asked for by POST; the path names it. */
const ROUTES: Readonly<Record<string, (asked: never, env: BenchEnv) => unknown>> = {
  "/calls/prepare": (asked: CallsAsked) => prepare(asked),
  "/calls": (asked: CallsAsked) => makeCalls(asked),
  "/monitor": (asked: MonitorAsked, env) => env.MONITOR.getByName(asked.name).setUp(asked),
  "/ticks": (asked: TicksAsked, env) => env.MONITOR.getByName(asked.name).ticks(asked),
  "/commits": ({ name, count }: { name: string; count: number }, env) => env.MONITOR.getByName(name).commits(count),
  "/state": ({ name }: { name: string }, env) => env.MONITOR.getByName(name).state(),
  "/history": (asked: HistoryAsked, env) => env.SHIPPER.getByName("bench").keepHours(asked),
  "/migrate": ({ sql }: { sql: string }, env) => env.DB.prepare(sql).run(),
  "/blake3": ({ maker, mib }: { maker: "wasm" | "noble"; mib: number }) => hash(maker, mib),
  "/spin": ({ rounds }: { rounds: number }) => spin(rounds),
};

function hash(maker: "wasm" | "noble", mib: number): string {
  const piece = new Uint8Array(PIECE_BYTES).fill(7);
  const hasher = maker === "wasm" ? new Blake3() : noble.create();
  for (let bytes = 0; bytes < mib * MIB; bytes += PIECE_BYTES) hasher.update(piece);
  return `${hasher.digest()[0]}`;
}

/** Burns CPU, so that this process can be report from the proxy before it. */
function spin(rounds: number): number {
  let work = 0;
  for (let i = 0; i < rounds; i++) work = (Math.imul(work, 31) + i) | 0;
  return work;
}

/** What the client asked for: what stands before the Worker rewrites the header. */
const encodingOf = (request: Request): string =>
  String((request.cf as IncomingRequestCfProperties | undefined)?.clientAcceptEncoding ?? "identity");

/** Keeps the present answer of `/metrics`, plain or gzipped, to be served as static bytes. */
async function keep(request: Request, env: BenchEnv): Promise<Response> {
  const encoding = encodingOf(request);
  const answer = await metrics(new Request("http://bench/metrics", { headers: { "accept-encoding": encoding } }), env);
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}.`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  kept.set(encoding, bytes);
  return Response.json({ bytes: bytes.length });
}

function metrics(request: Request, env: BenchEnv): Response | Promise<Response> {
  app ??= exposeMonitor(() => env.MONITOR.getByName("metrics"));
  return app.fetch(request);
}

function still(request: Request): Response {
  const encoding = encodingOf(request);
  const body = kept.get(encoding);
  if (body === undefined) return new Response("nothing was kept", { status: 404 });
  const headers = new Headers({ "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  if (encoding !== "gzip") return new Response(body, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(body, { headers, encodeBody: "manual" });
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ping") return new Response("pong");
    if (pathname === "/metrics") return metrics(request, env);
    if (pathname === "/still") return still(request);
    if (pathname === "/keep") return keep(request, env);
    const route = ROUTES[pathname];
    if (route === undefined) return new Response("no such bench", { status: 404 });
    try {
      const report = await route((await request.json()) as never, env);
      return Response.json(report ?? null);
    } catch (error) {
      return new Response(String(error instanceof Error ? error.stack : error), { status: 500 });
    }
  },
} satisfies ExportedHandler<BenchEnv>;
