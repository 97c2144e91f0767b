import { exports } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkReported } from "../../functions/evaluate/reported/check-reported.ts";
import { PUSHABLE_FAMILIES } from "../../functions/model/probing/push.ts";
import { readHtml } from "../expose/pages/html.ts";
import { exceptionOf, gauge, spanOf, spansOf } from "../expose/push/otlp-samples.ts";
import { BEGAN, bytesOf, counter, exportOf, inPushWorld, jsonOf, pushPlan, TOKEN } from "../expose/push/push-world.ts";
import { config, plan, target } from "../monitor/world.ts";
import { type Ask, anyAsk, printable, right } from "./any-ask.ts";
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

/** The status in the trailers of a gRPC-Web answer. */
const grpcStatusOf = (body: string): number => Number(/grpc-status: ?(\d+)/i.exec(body)?.[1] ?? "0");
/** What the gRPC specification itself calls internal: a compressed message without an encoding. */
const COMPRESSED = "do%20not%20know%20how%20to%20decompress";

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
      // A Monitor that nobody wakes is late, and says so.
      if (status === 503) expect(pathname).toBe("/healthz");
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
