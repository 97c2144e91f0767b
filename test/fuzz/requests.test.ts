import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkReported } from "../../functions/evaluate/reported/check-reported.ts";
import { PUSHABLE_FAMILIES } from "../../functions/model/probing/push.ts";
import { readHtml } from "../expose/pages/html.ts";
import { exceptionOf, gauge, spanOf, spansOf } from "../expose/push/otlp-samples.ts";
import { BEGAN, bytesOf, counter, exportOf, inPushWorld, jsonOf, pushPlan, TOKEN } from "../expose/push/push-world.ts";
import { config, plan, target } from "../monitor/world.ts";
import { Cases } from "./cases.ts";
import { anyDamage, damage } from "./damage.ts";

const cases = new Cases();

/** All that the Worker ever answers with. */
const STATUSES = [200, 400, 401, 404, 405, 409, 413, 415, 429, 501, 503, 504];
/** No answer takes longer, in ms. */
const LONGEST_MS = 2_000;

/** What judges by how long ago something was. */
const MAY_PASS = /^[/](healthz|targets[/])/;

/** Headers that a repeat of the request may have different. */
const PASSING = new Set(["date", "content-length", "transfer-encoding", "connection"]);

interface Ask {
  method: string;
  path: string;
  headers: [string, string][];
  body: Uint8Array | undefined;
}

const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const anyMethod = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("GET", "HEAD") },
  { weight: 2, arbitrary: fc.constantFrom("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "PURGE", "REPORT") },
);
const known = fc.constantFrom(
  "/",
  "/metrics",
  "/metrics",
  "/metrics",
  "/healthz",
  "/healthz",
  "/probe",
  "/sd/prometheus",
  "/prometheus/rules.yml",
  "/runbooks",
  "/alerts",
  "/alerts",
  "/targets/cas-eu",
  "/targets/nobody",
  "/silences/new",
  "/alerts/acknowledge",
  "/alerts/acknowledge?fingerprint=0123456789abcdef",
  '/silences/new?matchers={target="cas-eu"}&duration=1d',
  "/v1/metrics",
  "/v1/traces",
  "/api",
);
const rpc = fc
  .tuple(
    fc.constantFrom("AlertingService", "SilenceService"),
    fc.constantFrom(
      "ListAlerts",
      "Acknowledge",
      "ListIncidents",
      "ListDeadLetters",
      "StartDrill",
      "AddSilence",
      "ListSilences",
      "ExpireSilence",
      "Nothing",
    ),
    fc.constantFrom(
      "",
      "?connect=v1&encoding=json&message=%7B%7D",
      "?connect=v1&encoding=proto&base64=1&message=",
      "?connect=v1&encoding=json&message=%7B%22matchers%22%3A%5B%22a%22%5D%7D",
      "?connect=v2&encoding=xml",
      "?message=%ff",
    ),
  )
  .map(([service, method, query]) => `/watch.v1.${service}/${method}${query}`);
const anyPath = fc
  .oneof(
    { weight: 6, arbitrary: known },
    { weight: 4, arbitrary: rpc },
    {
      weight: 2,
      arbitrary: fc.tuple(
        known,
        fc.constantFrom("/", "//", "%00", "%2f", "?", "?token=", ".json", "/..", "%", "#", ";", "\\", "?a=%ff"),
        printable,
      ),
    },
    { weight: 1, arbitrary: fc.webPath({ size: "large" }) },
    { weight: 1, arbitrary: printable.map((text) => `/${text}`) },
    { weight: 1, arbitrary: fc.constant(`/${"a/".repeat(4_000)}`) },
  )
  .map((path) => (typeof path === "string" ? path : path.join("")));

const weight = fc.oneof(
  fc.constantFrom(";q=0", ";q=1", ";q=0.5", ";q=x", ";q=-1", ";q=", ""),
  printable.map((q) => `;q=${q}`),
);
const listOf = (...names: string[]) =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...names), printable), weight), { maxLength: 6 })
    .map((entries) => entries.map((entry) => entry.join("")).join(","));
const right = `Bearer ${env.METRICS_TOKEN}`;
const admin = `Bearer ${env.ADMIN_TOKEN}`;
const anyAuthorization = fc.oneof(
  { weight: 4, arbitrary: fc.constant(right) },
  { weight: 4, arbitrary: fc.constant(admin) },
  { weight: 1, arbitrary: fc.nat(right.length).map((at) => right.slice(0, at)) },
  { weight: 1, arbitrary: printable.map((text) => `Bearer ${text}`) },
  { weight: 1, arbitrary: printable },
);
const accepts = listOf(
  "application/openmetrics-text;version=1.0.0",
  "application/openmetrics-text",
  "text/plain;version=0.0.4",
  "text/plain;version=1.0.0;escaping=allow-utf-8",
  'text/plain;version="1.0.0"',
  "*/*",
  "text/*",
);
const anyType = fc.constantFrom(
  "application/x-www-form-urlencoded",
  "application/x-www-form-urlencoded; charset=utf-8",
  "application/json",
  "application/proto",
  "application/grpc-web+proto",
  "application/grpc-web-text",
  "application/connect+json",
  "multipart/form-data; boundary=x",
  "text/plain",
  ",",
);
const others = [
  "range",
  "if-none-match",
  "if-modified-since",
  "origin",
  "cookie",
  "x-forwarded-for",
  "content-type",
  "te",
];
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const anyHeaders = fc
  .record({
    accept: maybe(accepts),
    "accept-encoding": maybe(listOf("gzip", "identity", "br", "*", "deflate")),
    authorization: maybe(anyAuthorization),
    "content-type": maybe(anyType),
    rest: fc.array(fc.tuple(fc.constantFrom(...others), printable), { maxLength: 4 }),
  })
  .map(({ rest, ...named }): [string, string][] => [
    ...Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ...rest,
  ]);

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
/** What a browser posts, some of it right. */
const anyForm = fc
  .record({
    token: fc.constantFrom(env.METRICS_TOKEN, env.ADMIN_TOKEN, "nope", ""),
    matchers: fc.oneof(fc.constantFrom('target="cas-eu"', "{", "a=~(b+)+"), printable),
    duration: fc.oneof(fc.constantFrom("2h", "0s", "999999999d"), printable),
    author: printable,
    reason: printable,
    fingerprint: fc.constantFrom("0123456789abcdef", "<b>"),
  })
  .map((fields) => `${new URLSearchParams(fields)}`);
/** What a client of the API sends as JSON, some of it right. */
const anyMessage = fc
  .oneof(
    fc.constant({}),
    fc.record({ matchers: fc.array(printable, { maxLength: 3 }), includeEnded: fc.anything() }),
    fc.record({ fingerprint: fc.oneof(printable, fc.constant("0123456789abcdef")), author: printable }),
    fc.record({ labels: fc.dictionary(printable, printable, { maxKeys: 4 }), author: printable }),
    fc.record({
      matchers: fc.constant(["target=cas-eu"]),
      endsAt: fc.constantFrom("2200-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "x"),
      author: printable,
      reason: printable,
    }),
    fc.record({ id: printable }),
  )
  // What JSON cannot say is left out.
  .map((message) => JSON.stringify(message, (_, value) => (typeof value === "bigint" ? `${value}` : value)));

const wildAsk: fc.Arbitrary<Ask> = fc.record({
  method: anyMethod,
  path: anyPath,
  headers: anyHeaders,
  body: maybe(
    fc.oneof(
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 2_000 }) },
      { weight: 2, arbitrary: anyForm.map(encoded) },
      { weight: 2, arbitrary: anyMessage.map(encoded) },
      { weight: 1, arbitrary: fc.constant(new Uint8Array(70_000)) },
    ),
  ),
});
/** One that comes as far as what it asks for. */
const posted = (path: fc.Arbitrary<string>, type: string, body: fc.Arbitrary<string>): fc.Arbitrary<Ask> =>
  fc.record({
    method: fc.constant("POST"),
    path,
    headers: anyAuthorization.map((authorization): [string, string][] => [
      ["authorization", authorization],
      ["content-type", type],
    ]),
    body: body.map(encoded),
  });
/** Headers that each protocol has, right and wrong. */
const rpcHeaders = fc
  .record({
    "grpc-timeout": maybe(fc.constantFrom("5S", "1m", "0n", "99999999H", "x", "")),
    "connect-timeout-ms": maybe(fc.constantFrom("5000", "0", "9999999999", "-1", "x")),
    "connect-protocol-version": maybe(fc.constantFrom("1", "2", "")),
    "grpc-encoding": maybe(fc.constantFrom("gzip", "identity", "br")),
    "content-encoding": maybe(fc.constantFrom("gzip", "identity")),
  })
  .map((all) =>
    Object.entries(all).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  );
const anyBytes = fc.oneof(
  anyMessage.map((text) => encoded(text)),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(new Uint8Array()),
);
/** A frame as it should be, and one whose flags and length are not those of what it holds. */
const anyFrame = fc
  .tuple(anyBytes, fc.constantFrom(0, 0, 0, 0, 1, 0x80, 0xff), fc.constantFrom(0, 0, 0, 0, 1, -1, 1 << 20))
  .map(([bytes, flags, off]) => {
    const frame = new Uint8Array(5 + bytes.length);
    frame[0] = flags;
    new DataView(frame.buffer).setUint32(1, Math.max(0, bytes.length + off));
    frame.set(bytes, 5);
    return frame;
  });
const grpcWebAsk: fc.Arbitrary<Ask> = fc
  .record({
    path: rpc,
    authorization: fc.oneof({ weight: 4, arbitrary: fc.constant(admin) }, anyAuthorization),
    type: fc.constantFrom("application/grpc-web+proto", "application/grpc-web", "application/grpc-web+json"),
    headers: rpcHeaders,
    body: fc.oneof({ weight: 4, arbitrary: anyFrame }, { weight: 1, arbitrary: anyBytes }),
  })
  .map(({ path, authorization, type, headers, body }) => ({
    method: "POST",
    path,
    headers: [["authorization", authorization], ["content-type", type], ...headers] as [string, string][],
    body,
  }));
const getAsk: fc.Arbitrary<Ask> = fc
  .record({
    path: rpc,
    authorization: fc.oneof({ weight: 4, arbitrary: fc.constant(admin) }, anyAuthorization),
    query: fc.record(
      {
        connect: fc.constantFrom("v1", "v1", "v1", "v2", ""),
        encoding: fc.constantFrom("json", "proto", "xml"),
        base64: fc.constantFrom("1", "1", "0"),
        compression: fc.constantFrom("identity", "gzip"),
        message: fc.oneof(anyMessage, fc.base64String(), printable, fc.constant("")),
      },
      { requiredKeys: ["connect"] },
    ),
    headers: rpcHeaders,
  })
  .map(({ path, authorization, query, headers }) => ({
    method: "GET",
    path: `${path.split("?")[0]}?${new URLSearchParams(query)}`,
    headers: [["authorization", authorization], ...headers] as [string, string][],
    body: undefined,
  }));

/** The status in the trailers of a gRPC-Web answer. */
const grpcStatusOf = (body: string): number => Number(/grpc-status: ?(\d+)/i.exec(body)?.[1] ?? "0");
/** What the gRPC specification itself calls internal: a compressed message without an encoding. */
const COMPRESSED = "do%20not%20know%20how%20to%20decompress";

const anyAsk = fc.oneof(
  { weight: 4, arbitrary: wildAsk },
  {
    weight: 1,
    arbitrary: posted(
      fc.constantFrom("/alerts", "/targets/cas-eu", "/silences/new", "/alerts/acknowledge"),
      "application/x-www-form-urlencoded",
      anyForm,
    ),
  },
  { weight: 2, arbitrary: posted(rpc, "application/json", anyMessage) },
  { weight: 2, arbitrary: grpcWebAsk },
  { weight: 2, arbitrary: getAsk },
);

function requestOf({ method, path, headers, body }: Ask): Request | undefined {
  const init: RequestInit = { method, headers, redirect: "manual" };
  if (body !== undefined && method !== "GET" && method !== "HEAD") init.body = body;
  try {
    return new Request(`https://watch.example${path}`, init);
  } catch {
    // What cannot be a request reaches nobody.
    return undefined;
  }
}

const headersOf = (response: Response): Record<string, string> =>
  Object.fromEntries([...response.headers].filter(([name]) => !PASSING.has(name)));

/** Ms that a request takes at best of three: a busy machine is not the request's doing. */
async function fastestMs(ask: Ask): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const response = await exports.default.fetch(requestOf(ask) as Request);
    await response.arrayBuffer();
    all.push(performance.now() - began);
  }
  return Math.min(...all);
}

it("whatever is asked, the answer is one that is documented, carries its headers and gives nothing away", async () => {
  const statuses = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(anyAsk, async (ask) => {
      const request = requestOf(ask);
      fc.pre(request !== undefined);
      cases.count("requests");
      const authorized = request.headers.get("authorization");
      const { pathname } = new URL(request.url);
      const began = performance.now();
      const response = await exports.default.fetch(request);
      const { status } = response;
      const body = new TextDecoder().decode(await response.arrayBuffer());
      if (performance.now() - began > LONGEST_MS) expect(await fastestMs(ask)).toBeLessThan(LONGEST_MS);
      statuses.set(`${status}`, (statuses.get(`${status}`) ?? 0) + 1);

      expect(STATUSES).toContain(status);
      if (status === 501 && ask.method !== "HEAD") expect(JSON.parse(body)).toMatchObject({ code: "unimplemented" });
      if (status === 504 && ask.method !== "HEAD")
        expect(JSON.parse(body)).toMatchObject({ code: "deadline_exceeded" });
      if (
        response.headers.get("content-type")?.startsWith("application/grpc-web") === true &&
        !body.includes(COMPRESSED)
      )
        expect([2, 13, 15]).not.toContain(grpcStatusOf(body));
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      const all = `${body}${JSON.stringify([...response.headers])}`;
      expect(all).not.toMatch(
        /(metrics|admin)-token-of-the-tests|\.ts:|\bat \w+ \(|SQLITE|D1_|monitor:0|cas\.eu\.example/,
      );
      const isPush = pathname === "/v1/metrics" || pathname === "/v1/traces";
      if (status === 405) expect(response.headers.get("allow")).toMatch(/^(GET, HEAD(, POST)?|POST(, GET, HEAD)?)$/);
      if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
      if (status === 200 && pathname === "/metrics")
        expect(authorized?.replace(/^bearer +/i, "Bearer ").trimEnd()).toBe(right);
      const type = response.headers.get("content-type");
      if (ask.method !== "HEAD" && type?.startsWith("text/html")) expect(() => readHtml(body)).not.toThrow();
      else if (status >= 400 && pathname !== "/healthz" && !isPush && ask.method !== "HEAD") {
        const words = expect.stringMatching(/^[A-Z].*\.$/);
        const isOurs = !pathname.startsWith("/watch.v1.") || [404, 405, 415].includes(status);
        if (isOurs && !body.startsWith('{"code"')) expect(JSON.parse(body)).toEqual({ error: words });
        else expect(JSON.parse(body)).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/./) });
      }

      if (ask.method !== "HEAD") return;
      expect(body).toBe("");
      const whole = await exports.default.fetch(requestOf({ ...ask, method: "GET" }) as Request);
      await whole.arrayBuffer();
      // Between the two a Monitor that has just been started may have become late.
      if (!MAY_PASS.test(pathname)) expect(status).toBe(whole.status);
      expect(headersOf(response)).toEqual(headersOf(whole));
    }),
    { numRuns: cases.runs(400) },
  );
  console.log(`fuzz of requests came to: ${[...statuses].map(([status, count]) => `${status} ${count}`).join(", ")}`);
});

const PUSH_STATUSES = [200, 400, 401, 404, 413, 415];
const good = exportOf([
  counter("zako.v1.worker.gc_runs", 7, BEGAN, { pool: "v8", user: "a" }),
  gauge("zako.v1.worker.queue_length", 3, { pool: "v8" }),
  gauge("of.others", 1),
]);
const goodSpans = spansOf([spanOf(1, "load module", 5, [exceptionOf("TypeError")]), spanOf(2, "program start", 900)]);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const anyBody = fc
  .tuple(
    fc.constantFrom(
      { signal: "metrics", type: "application/x-protobuf", bytes: bytesOf.metrics(good) },
      { signal: "metrics", type: "application/json", bytes: utf8(jsonOf(good)) },
      { signal: "traces", type: "application/x-protobuf", bytes: bytesOf.spans(goodSpans) },
      {
        signal: "traces",
        type: "application/json",
        bytes: utf8(
          '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677","name":"load module"}]}]}]}',
        ),
      },
    ),
    fc.array(anyDamage, { maxLength: 3 }),
  )
  .map(([body, all]) => ({ ...body, bytes: all.reduce((bytes, one) => damage(bytes, one), body.bytes) }));
const anyPush = fc.record({
  body: anyBody,
  gzip: fc.constantFrom("yes", "yes", "no", "no", "claimed"),
  type: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    fc.constantFrom("text/plain", "application/json", "application/x-protobuf", ""),
  ),
  authorization: fc.oneof({ weight: 9, arbitrary: fc.constant(`Bearer ${TOKEN}`) }, printable),
  query: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("", "?target=cas-eu") },
    printable.map((text) => `?target=${encodeURIComponent(text)}`),
  ),
});

it("whatever is pushed, the answer is one that is documented, and what is taken is sound", async () => {
  const families = new Map(PUSHABLE_FAMILIES.map((family) => [family.name, family]));
  const statuses = new Map<string, number>();
  const initial = config([
    target("cas-eu", [plan("health"), pushPlan("EU", { max_per_minute: 6_000 })]),
    target("cas-us", [pushPlan("US")]),
  ]);
  await inPushWorld(
    async (world) => {
      const other = await world.post("metrics", jsonOf(good), { authorization: "Bearer push-token-of-cas-us" });
      expect(other.status).toBe(200);
      const ofOther = () => [...world.monitor.stored()].filter(([name]) => name.includes("{cas-us;"));
      const before = ofOther();
      let counted = 0;
      await fc.assert(
        fc.asyncProperty(anyPush, async ({ body, gzip, type, authorization, query }) => {
          cases.count("requests");
          world.monitor.now += 1_000;
          world.batches.length = 0;
          const packed = new Blob([body.bytes as Uint8Array<ArrayBuffer>])
            .stream()
            .pipeThrough(new CompressionStream("gzip"));
          const response = await world.app.request(`/v1/${body.signal}${query}`, {
            method: "POST",
            headers: {
              authorization: authorization.trim(),
              "content-type": type ?? body.type,
              ...(gzip === "no" ? {} : { "content-encoding": "gzip" }),
            },
            body: gzip === "yes" ? await new Response(packed).arrayBuffer() : (body.bytes as Uint8Array<ArrayBuffer>),
          });
          const { status } = response;
          statuses.set(`${status}`, (statuses.get(`${status}`) ?? 0) + 1);
          expect(PUSH_STATUSES).toContain(status);
          expect(response.headers.get("content-type")).toMatch(/^application\/(json|x-protobuf)$/);
          const text = new TextDecoder().decode(await response.arrayBuffer());
          expect(text).not.toMatch(/token-of|cas-us|\.ts:/);
          expect(world.reported).toEqual([]);
          for (const { metrics } of world.batches)
            for (const { metric } of metrics)
              expect(checkReported(metric, families.get(metric.family))).toBeUndefined();
          const taken = world.stored("zako_watch_push_points_total", { signal: "metrics" });
          expect(taken).toBeGreaterThanOrEqual(counted);
          counted = taken;
        }),
        { numRuns: cases.runs(400) },
      );
      expect(ofOther()).toEqual(before);
      expect((await world.monitor.core.wake(world.monitor.now, "cron")).result).toBe("run");
    },
    { initial },
  );
  console.log(`fuzz of pushes came to: ${[...statuses].map(([status, count]) => `${status} ${count}`).join(", ")}`);
});
