import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Cases } from "./cases.ts";

const cases = new Cases();

/** All that the Worker ever answers with. */
const STATUSES = [200, 401, 404, 405, 503];

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
  "/api",
);
const anyPath = fc
  .oneof(
    { weight: 6, arbitrary: known },
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
const anyAuthorization = fc.oneof(
  { weight: 4, arbitrary: fc.constant(right) },
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
    rest: fc.array(fc.tuple(fc.constantFrom(...others), printable), { maxLength: 4 }),
  })
  .map(({ rest, ...named }): [string, string][] => [
    ...Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ...rest,
  ]);

const anyAsk: fc.Arbitrary<Ask> = fc.record({
  method: anyMethod,
  path: anyPath,
  headers: anyHeaders,
  body: maybe(fc.uint8Array({ maxLength: 2_000 })),
});

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

it("whatever is asked, the answer is one that is documented, carries its headers and gives nothing away", async () => {
  const statuses = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(anyAsk, async (ask) => {
      const request = requestOf(ask);
      fc.pre(request !== undefined);
      cases.count("requests");
      const authorized = request.headers.get("authorization");
      const { pathname } = new URL(request.url);
      const response = await exports.default.fetch(request);
      const { status } = response;
      const body = new TextDecoder().decode(await response.arrayBuffer());
      statuses.set(`${status}`, (statuses.get(`${status}`) ?? 0) + 1);

      expect(STATUSES).toContain(status);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      const all = `${body}${JSON.stringify([...response.headers])}`;
      expect(all).not.toMatch(/metrics-token-of-the-tests|\.ts:|\bat \w+ \(|SQLITE|D1_|monitor:0|cas\.eu\.example/);
      if (status === 405) expect(response.headers.get("allow")).toBe("GET, HEAD");
      if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
      if (status === 200 && pathname === "/metrics")
        expect(authorized?.replace(/^bearer +/i, "Bearer ").trimEnd()).toBe(right);
      if (status >= 400 && pathname !== "/healthz" && ask.method !== "HEAD")
        expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });

      if (ask.method !== "HEAD") return;
      expect(body).toBe("");
      const whole = await exports.default.fetch(requestOf({ ...ask, method: "GET" }) as Request);
      await whole.arrayBuffer();
      // Between the two a Monitor that has just been started may have become late.
      if (pathname !== "/healthz") expect(status).toBe(whole.status);
      expect(headersOf(response)).toEqual(headersOf(whole));
    }),
    { numRuns: cases.runs(400) },
  );
  console.log(`fuzz of requests came to: ${[...statuses].map(([status, count]) => `${status} ${count}`).join(", ")}`);
});
