import { env } from "cloudflare:workers";
import fc from "fast-check";
import { RUNBOOKS } from "../../functions/expose/runbooks/registry.ts";
import { AlertingService, SilenceService } from "../../proto/gen/watch/v1/alerting_pb.ts";

/** A request as it is sent. */
export interface Ask {
  method: string;
  path: string;
  headers: [string, string][];
  body: Uint8Array | undefined;
}

/** Text of one line. */
export const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
});
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
  "/metrics?shard=0",
  "/metrics?target=cas-eu&family=zako_v1_probe_success",
  "/runbooks",
  `/runbooks/${RUNBOOKS[0]?.slug}`,
  "/runbooks/none",
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
/** Every method there is, and some that there are not. */
const procedures = [AlertingService, SilenceService].flatMap((service) =>
  [...service.methods.map(({ name }) => name), "Nothing"].map((method) => `${service.typeName}/${method}`),
);
const rpc = fc
  .tuple(
    fc.constantFrom(...procedures, "watch.v1.AlertingService/AddSilence", "watch.v1.NoService/ListAlerts"),
    fc.constantFrom(
      "",
      "?connect=v1&encoding=json&message=%7B%7D",
      "?connect=v1&encoding=proto&base64=1&message=",
      "?connect=v1&encoding=json&message=%7B%22matchers%22%3A%5B%22a%22%5D%7D",
      "?connect=v2&encoding=xml",
      "?message=%ff",
    ),
  )
  .map(([procedure, query]) => `/${procedure}${query}`);
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
/** What opens the metrics. */
export const right = `Bearer ${env.METRICS_TOKEN}`;
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
  "application/grpc+proto",
  "application/connect+json",
  "application/connect+proto",
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
/** Any method over any protocol's own content type. */
const typedAsk: fc.Arbitrary<Ask> = fc
  .record({
    method: fc.oneof({ weight: 3, arbitrary: fc.constant("POST") }, anyMethod),
    path: rpc,
    authorization: fc.oneof({ weight: 4, arbitrary: fc.constant(admin) }, anyAuthorization),
    type: anyType,
    headers: rpcHeaders,
    body: fc.oneof(anyFrame, anyBytes),
  })
  .map(({ authorization, type, headers, ...ask }) => ({
    ...ask,
    headers: [["authorization", authorization], ["content-type", type], ...headers] as [string, string][],
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

/** Anything that somebody may ask the Worker: pages, forms, and calls of every method over each protocol. */
export const anyAsk = fc.oneof(
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
  { weight: 2, arbitrary: typedAsk },
  { weight: 2, arbitrary: grpcWebAsk },
  { weight: 2, arbitrary: getAsk },
);
