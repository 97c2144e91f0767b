import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Context, Hono } from "hono";
import { ExportMetricsServiceRequestSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { labelCleaner } from "../../lib/hide-secrets.ts";
import {
  MAX_PUSHED_METRICS,
  type PushAnswer,
  type PushBatch,
  type PushNotes,
  type PushSignal,
  pushableByName,
} from "../../model/probing/push.ts";
import type { ImportedFamily } from "../../model/probing/reported-metric.ts";
import type { PushTarget } from "../../probe/kinds/push.ts";
import type { Auth } from "../auth/create-auth.ts";
import { accept, refuse, shownName } from "./answer.ts";
import { createPushAuthenticator, type PushAuthenticator } from "./authenticate-push.ts";
import { type CrossOrigin, createCrossOrigin } from "./cross-origin.ts";
import { decodeBody, formatOf, type PushFormat } from "./decode.ts";
import { mapMetrics } from "./map-metrics.ts";
import { mapSpans } from "./map-spans.ts";
import type { PushCounts } from "./push-counts.ts";
import { ENCODINGS, MOST_BODY_BYTES, MOST_SENT_BYTES, readBody } from "./read-body.ts";

/** What receiving pushes needs of the rest. */
export interface PushPorts {
  /** Those with `probes.push`. */
  targets: readonly PushTarget[];
  imports: readonly ImportedFamily[];
  /** The secret behind a binding's name, if it is bound. */
  secret(binding: string): string | undefined;
  /** All that are bound, so that none becomes a label. */
  secrets: () => readonly string[];
  /** Hands a batch to whoever keeps the target's series; resolves once it is stored, rejects where it could not be. */
  deliver(target: string, batch: PushBatch): Promise<PushAnswer>;
  /** Takes an error that the sender is told nothing of. */
  report(error: unknown): void;
}

/** What a sender is told of an export without any point or span. */
const NOTHING = "the export holds nothing; check what the sender collects";

const isEmpty = ({ metrics, passed, rejected }: PushBatch): boolean =>
  metrics.length === 0 && passed === 0 && Object.keys(rejected).length === 0;

/** How long a sender waits where nobody can say how long it takes. */
const RETRY_SECONDS = 5;

/** The receiver of OTLP over HTTP: `POST /v1/metrics` and `POST /v1/traces`. */
export function routePush(app: Hono, ports: PushPorts, auth: Auth): void {
  const families = pushableByName(ports.imports);
  const authenticate = createPushAuthenticator(ports.targets, (binding) => ports.secret(binding), auth);
  const metrics: Signal<typeof ExportMetricsServiceRequestSchema> = {
    signal: "metrics",
    schema: ExportMetricsServiceRequestSchema,
    map: (request) => mapMetrics(request, families, labelCleaner(ports.secrets)),
  };
  const traces: Signal<typeof ExportTraceServiceRequestSchema> = {
    signal: "traces",
    schema: ExportTraceServiceRequestSchema,
    map: (request, { spans }) => mapSpans(request, spans),
  };
  const crossOrigin = createCrossOrigin(ports.targets);
  route(app, ports, authenticate, crossOrigin, metrics);
  route(app, ports, authenticate, crossOrigin, traces);
}

/** What sets the two routes apart. */
interface Signal<Schema extends DescMessage> {
  signal: PushSignal;
  schema: Schema;
  map: (request: MessageShape<Schema>, target: PushTarget) => PushCounts;
}

function route<Schema extends DescMessage>(
  app: Hono,
  ports: PushPorts,
  authenticate: PushAuthenticator,
  crossOrigin: CrossOrigin,
  of: Signal<Schema>,
): void {
  const path = `/v1/${of.signal}`;
  app.post(path, async (c) => {
    const answer = crossOrigin.mark(await receive(c, ports, authenticate, of), c.req.header("origin"));
    // What is not read would keep the connection busy.
    if (c.req.raw.body !== null && !c.req.raw.bodyUsed) await c.req.raw.body.cancel().catch(() => {});
    return answer;
  });
  app.options(path, (c) => crossOrigin.preflight(c.req.header("origin")) ?? wrongMethod());
  app.all(path, wrongMethod);
}

const wrongMethod = (): Response => refuse("json", 405, "Method not allowed. Use POST.", { allow: "POST" });

async function receive<Schema extends DescMessage>(
  c: Context,
  ports: PushPorts,
  authenticate: PushAuthenticator,
  { signal, schema, map }: Signal<Schema>,
): Promise<Response> {
  const format = formatOf(c.req.header("content-type"));
  const shown = format ?? "json";
  const named = c.req.query("target") ?? c.req.header("x-zako-target");
  const admission = await authenticate(c.req.raw.headers, named);
  if (!admission.ok) return refuse(shown, admission.status, admission.message, admission.headers);
  const { target } = admission;
  const isInvalid = async (reason: string, answer: Response): Promise<Response> => {
    const batch: PushBatch = { signal, metrics: [], rejected: { [reason]: 1 }, passed: 0 };
    await ports.deliver(target.name, batch).catch((error: unknown) => ports.report(error));
    return answer;
  };
  if (format === undefined)
    return isInvalid(
      "content_type",
      refuse("json", 415, "Unsupported content type. Send application/x-protobuf or application/json."),
    );
  const body = await readBody(c.req.raw);
  if (!body.ok) return isInvalid(body.problem, refuseBody(format, body.problem));
  const decoded = decodeBody(schema, format, body.bytes);
  if (!decoded.ok && decoded.problem === "shape")
    return isInvalid("malformed", refuse(format, 400, formatShape(schema, decoded.found)));
  if (!decoded.ok) return isInvalid(decoded.problem, refuseBody(format, decoded.problem));
  const counts = map(decoded.message, target);
  const batch = counts.batch();
  if (batch.metrics.length > MAX_PUSHED_METRICS) return isInvalid("oversize", refuseBody(format, "oversize"));
  return deliver(ports, target.name, batch, counts.notes(), format);
}

/** Most names of a wrong body that are repeated. */
const MOST_FOUND = 5;

function formatShape(schema: DescMessage, found: readonly string[]): string {
  const wanted = schema.fields.map(({ jsonName }) => `"${jsonName}"`).join(" or ");
  const names = found.slice(0, MOST_FOUND).map((name) => `"${shownName(name)}"`);
  const [has, more] = [names.join(", "), found.length > MOST_FOUND ? " and more" : ""];
  return `The body has no ${wanted}. It has ${has}${more}. Send the JSON of an ${schema.name}, and check the path.`;
}

function refuseBody(format: PushFormat, problem: "encoding" | "oversize" | "malformed"): Response {
  if (problem === "encoding")
    return refuse(format, 415, "Unsupported content encoding. Send gzip, zstd or no encoding.", {
      "accept-encoding": ENCODINGS,
    });
  if (problem === "malformed")
    return refuse(
      format,
      400,
      "The body is not a valid OTLP export of this signal. Check the path and the content type.",
    );
  const mib = (bytes: number): string => `${bytes / 2 ** 20} MiB`;
  const most = `${mib(MOST_SENT_BYTES)} sent, ${mib(MOST_BODY_BYTES)} unpacked, or too many parts`;
  return refuse(format, 413, `The body is too large (more than ${most}). Export smaller batches.`);
}

async function deliver(
  ports: PushPorts,
  target: string,
  batch: PushBatch,
  notes: PushNotes,
  format: PushFormat,
): Promise<Response> {
  let answer: PushAnswer;
  try {
    answer = await ports.deliver(target, batch);
  } catch (error) {
    ports.report(error);
    const headers = { "retry-after": String(RETRY_SECONDS) };
    return refuse(format, 503, "The export could not be stored. Send it again later.", headers);
  }
  if (answer.kind === "stored")
    return accept(format, batch.signal, {
      rejected: joined(batch.rejected, answer.rejected),
      names: { ...notes.names, ...answer.names },
      warnings: isEmpty(batch) ? [NOTHING] : notes.warnings,
    });
  if (answer.kind === "unknown_target")
    return refuse(
      format,
      404,
      "The configuration in force has no `probes.push` for this target. Add it, or stop pushing.",
    );
  const headers = { "retry-after": String(Math.ceil(answer.retryAfterMs / 1_000)) };
  return refuse(
    format,
    429,
    "Too many pushes: `probes.push.max_per_minute` is exceeded. Send it again later.",
    headers,
  );
}

function joined(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [reason, points] of Object.entries(b)) sum[reason] = (sum[reason] ?? 0) + points;
  return sum;
}
