import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultParams, FaultScope } from "../zako-control.ts";
import { FaultError } from "./faults/active-faults.ts";
import { catalogue } from "./faults/catalogue.ts";
import { type StatusName, statusNames } from "./health.ts";
import { type MetricsFault, metricsFaults } from "./metrics-faults.ts";
import type { Zako } from "./zako.ts";

/** A request that the control API refuses: what was wrong, in words for the caller. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const routes = [
  "GET /state",
  "GET /faults",
  "POST /faults",
  "DELETE /faults",
  "DELETE /faults/:name",
  "PUT /blobs",
  "DELETE /blobs/:hex",
  "PUT /health",
  "PUT /metrics",
  "POST /reset",
];

/** The HTTP API that tests and `npm run zako` steer a running server with. Answers JSON, errors as plain text. */
export function createControl(zako: Zako): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    readBody(req)
      .then((body) => route(zako, req.method ?? "", req.url ?? "", body))
      .then(
        (value) => answer(res, 200, "application/json", `${JSON.stringify(value, null, 2)}\n`),
        (error: unknown) => {
          const status = error instanceof Refused ? error.status : error instanceof FaultError ? 400 : 500;
          answer(res, status, "text/plain; charset=utf-8", `${error instanceof Error ? error.message : error}\n`);
        },
      );
  };
}

function route(zako: Zako, method: string, url: string, body: Buffer): unknown {
  const [path = "", name] = new URL(url, "http://control").pathname.slice(1).split("/").map(decodeURIComponent);
  switch (`${method} /${path}${name === undefined ? "" : "/:"}`) {
    case "GET /state":
      return zako.state();
    case "GET /faults":
      return catalogue();
    case "POST /faults": {
      const { name: wanted, params, ...scope } = readFault(body);
      return zako.faults.set(wanted, { ...params, ...scope });
    }
    case "DELETE /faults":
      return { cleared: zako.faults.clear() };
    case "DELETE /faults/:":
      return { cleared: zako.faults.clear(name) };
    case "PUT /metrics":
      zako.metrics.fault = readMetricsFault(body);
      return { fault: zako.metrics.fault ?? null };
    case "PUT /blobs":
      return { hex: zako.store.put(body), sizeBytes: body.length };
    case "DELETE /blobs/:":
      return { removed: zako.store.remove((name ?? "").toLowerCase()) };
    case "PUT /health":
      return setHealth(zako, body);
    case "POST /reset":
      zako.reset();
      return { reset: true };
    default:
      throw new Refused(404, `There is no ${method} /${path}. There are: ${routes.join(", ")}.`);
  }
}

/** `{ "name": NAME }`, or `null` for an honest endpoint. */
function readMetricsFault(body: Buffer): MetricsFault | undefined {
  const fault = JSON.parse(body.toString() || "null") as MetricsFault | null;
  if (fault !== null && !metricsFaults.has(fault.name))
    throw new Refused(
      400,
      `The endpoint has no fault \`${fault.name}\`; it has ${[...metricsFaults.keys()].join(", ")}.`,
    );
  return fault ?? undefined;
}

function readFault(body: Buffer): { name: string; params?: FaultParams } & FaultScope {
  const fault = readObject(body, 'a fault, such as {"name": "latency", "params": {"ms": 500}}');
  const known = ["name", "params", "method", "times", "probability"];
  for (const key of Object.keys(fault)) {
    if (!known.includes(key)) throw new Refused(400, `A fault has no field \`${key}\`; it has ${known.join(", ")}.`);
  }
  if (typeof fault["name"] !== "string")
    throw new Refused(400, "A fault needs a `name`; `GET /faults` lists them all.");
  const params = fault["params"] ?? {};
  if (typeof params !== "object" || Array.isArray(params)) {
    throw new Refused(400, '`params` must be an object, such as {"ms": 500}.');
  }
  return fault as unknown as { name: string; params?: FaultParams } & FaultScope;
}

function setHealth(zako: Zako, body: Buffer): unknown {
  const { service, status } = readObject(body, 'an object, such as {"service": "", "status": "NOT_SERVING"}');
  if (typeof service !== "string") throw new Refused(400, "`service` must be a name, or empty for the whole server.");
  if (!statusNames.includes(status as StatusName)) {
    throw new Refused(400, `\`status\` is ${JSON.stringify(status)}; it must be one of ${statusNames.join(", ")}.`);
  }
  zako.health.set(service, status as StatusName);
  return { health: zako.health.snapshot() };
}

function readObject(body: Buffer, wanted: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, with what would have been right.
  }
  throw new Refused(400, `The body must be ${wanted}.`);
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(res: ServerResponse, status: number, type: string, body: string): void {
  res.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  res.end(body);
}
