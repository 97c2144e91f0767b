import * as zlib from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zstdFrames } from "../../../functions/expose/push/zstd-frames.ts";
import { StatusSchema } from "../../../proto/gen/google/rpc/status_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { config, target } from "../../monitor/world.ts";
import { BEGAN, counter, exportOf, inPushWorld, jsonOf, type PushWorld, pushPlan, TOKEN } from "./push-world.ts";

const GC_RUNS = "zako.v1.worker.gc_runs";
const gcRuns = (value = 7) => exportOf([counter(GC_RUNS, value, BEGAN, { pool: "v8" })]);
const stored = ["zako_v1_worker_gc_runs_total", { source: "push", pool: "v8" }] as const;

const gzip = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

describe("an export is taken", () => {
  it("as protobuf, and answered so", () =>
    inPushWorld(async (world) => {
      const response = await world.metrics(gcRuns());
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-protobuf"]);
      const answer = fromBinary(ExportMetricsServiceResponseSchema, new Uint8Array(await response.arrayBuffer()));
      expect(answer.partialSuccess).toBeUndefined();
      expect(world.stored(...stored)).toBe(7);
      expect(world.stored("zako_watch_push_points_total", { signal: "metrics" })).toBe(1);
    }));

  it("as JSON, with numbers of 64 bits as texts or numbers, and fields that nobody knows", () =>
    inPushWorld(async (world) => {
      const point = `{"attributes":[{"key":"pool","value":{"stringValue":"v8"}}],"startTimeUnixNano":"${BEGAN}000000","timeUnixNano":${BEGAN + 1_000}000000,"asInt":7,"exemplars":[{"spanId":"eee19b7ec3c1b174"}],"new":[[1]]}`;
      const metric = `{"name":"${GC_RUNS}","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[${point}]}}`;
      const body = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"x","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}]},"scopeMetrics":[{"schemaUrl":"u","metrics":[${metric}]}]}],"other":{}}`;
      const response = await world.post("metrics", body, { "content-type": "application/json; charset=utf-8" });
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await response.json()).toEqual({});
      expect(world.stored(...stored)).toBe(7);
    }));

  it("packed with gzip, and not packed where it says identity", () =>
    inPushWorld(async (world) => {
      const body = await gzip(utf8(jsonOf(gcRuns())));
      const headers = { "content-type": "application/json", "content-encoding": "gzip" };
      expect((await world.post("metrics", body, headers)).status).toBe(200);
      expect((await world.post("metrics", jsonOf(gcRuns(9)), { "content-encoding": "identity" })).status).toBe(200);
      expect(world.stored(...stored)).toBe(9);
    }));

  it("even where it holds nothing", () =>
    inPushWorld(async (world) => {
      expect((await world.post("metrics", new Uint8Array())).status).toBe(200);
      expect((await world.post("traces", "{}")).status).toBe(200);
    }));
});

describe("an export is refused", () => {
  const bomb = async (): Promise<Uint8Array> => gzip(new Uint8Array(64 * 2 ** 20));
  it.each([
    ["GET", { method: "GET" }, 405, 12],
    ["a content type of others", { headers: { "content-type": "text/plain" } }, 415, 3],
    ["an encoding of others", { headers: { "content-encoding": "br" } }, 415, 3],
    ["what is no gzip", { headers: { "content-encoding": "gzip" }, body: utf8("{}") }, 400, 3],
    [
      "gzip cut short",
      { headers: { "content-encoding": "gzip" }, body: async () => (await gzip(utf8("{}"))).slice(0, -6) },
      400,
      3,
    ],
    ["a bomb", { headers: { "content-encoding": "gzip" }, body: bomb }, 413, 11],
    ["a body that says that it is too large", { headers: { "content-length": String(2 ** 20 + 1) } }, 413, 11],
    ["a body that is too large", { body: new Uint8Array(2 ** 20 + 1) }, 413, 11],
    ["no JSON", { body: utf8("{") }, 400, 3],
    ["JSON that is no object", { body: utf8("[1]") }, 400, 3],
    ["JSON of wrong types", { body: utf8('{"resourceMetrics":[{"scopeMetrics":7}]}') }, 400, 3],
    [
      "a number that is too large",
      {
        body: utf8(
          `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"asInt":"99999999999999999999"}]}}]}]}]}`,
        ),
      },
      400,
      3,
    ],
    ["texts that are no UTF-8", { body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }, 400, 3],
    [
      "JSON in a hundred thousand brackets",
      { body: utf8(`{"resourceMetrics":${"[".repeat(2 ** 17)}${"]".repeat(2 ** 17)}}`) },
      400,
      3,
    ],
    ["JSON of many values", { body: utf8(`{"x":[${"1,".repeat(2 ** 19 - 8)}1]}`) }, 413, 11],
    ["no token", { headers: { authorization: "" } }, 401, 16],
    ["a wrong token", { headers: { authorization: "Bearer nope" } }, 401, 16],
    [
      "a token of another target",
      { path: "?target=cas-eu", headers: { authorization: "Bearer push-token-of-cas-us" } },
      404,
      5,
    ],
    ["a target that is not there", { path: "?target=nope" }, 404, 5],
    ["a target that is not there, named by a header", { headers: { "x-zako-target": "nope" } }, 404, 5],
  ] as [
    string,
    {
      method?: string;
      path?: string;
      headers?: Record<string, string>;
      body?: Uint8Array | (() => Promise<Uint8Array>);
    },
    number,
    number,
  ][])("%s", (_what, { method = "POST", path = "", headers = {}, body }, status, code) =>
    inPushWorld(
      async (world) => {
        const all = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers };
        const init: RequestInit = { method, headers: all };
        if (method === "POST")
          init.body = (typeof body === "function" ? await body() : (body ?? jsonOf(gcRuns()))) as BodyInit;
        const response = await world.app.request(`/v1/metrics${path}`, init);
        expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/json"]);
        const error = (await response.json()) as { code: number; message: string };
        expect(error).toEqual({ code, message: expect.stringMatching(/^[A-Z].*\.$/) });
        expect(error.message).not.toMatch(/cas-|token-of/);
        expect(response.headers.get("www-authenticate") !== null).toBe(status === 401);
        if (status === 405) expect(response.headers.get("allow")).toBe("POST");
        expect(world.stored(...stored)).toBe(0);
        expect(world.reported).toEqual([]);
      },
      { initial: config([target("cas-eu", [pushPlan()]), target("cas-us", [pushPlan("US")]), target("cas-ap")]) },
    ),
  );

  it("as protobuf where it came as protobuf", () =>
    inPushWorld(async (world) => {
      const response = await world.post("metrics", new Uint8Array([0xff]));
      expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/x-protobuf"]);
      expect(fromBinary(StatusSchema, new Uint8Array(await response.arrayBuffer()))).toMatchObject({ code: 3 });
      expect(world.stored("zako_watch_push_rejected_total", { reason: "malformed" })).toBe(1);
    }));

  it.each([
    ["a field that goes on past the end", [0x0a, 0x05, 0x00]],
    ["a group", [0x0b, 0x0c]],
    ["a text that is no UTF-8", [0x0a, 0x08, 0x12, 0x06, 0x12, 0x04, 0x0a, 0x02, 0xc3, 0x28]],
    ["a message that ends inside a field", [0x0a, 0x02, 0x12, 0x03, 0x12, 0x01, 0x00]],
  ])("as protobuf: %s", (_what, bytes) =>
    inPushWorld(async (world) => {
      expect((await world.post("metrics", new Uint8Array(bytes))).status).toBe(400);
    }),
  );

  it("of a million empty messages", () =>
    inPushWorld(async (world) => {
      const body = new Uint8Array(2 ** 20);
      for (let at = 0; at < body.length; at += 2) body[at] = 0x0a;
      expect((await world.post("metrics", body)).status).toBe(413);
      expect(world.stored("zako_watch_push_rejected_total", { reason: "oversize" })).toBe(1);
    }));

  it("by everyone whose secret is not set", () =>
    inPushWorld(
      async (world) => {
        for (const authorization of ["Bearer", "Bearer ", "Bearer undefined"])
          expect((await world.post("metrics", "{}", { authorization })).status).toBe(401);
      },
      { initial: config([target("cas-eu", [pushPlan("UNSET")]), target("cas-us", [pushPlan("EMPTY")])]) },
    ));

  it("with a wish to come again where storage fails, and the next one is counted whole", () =>
    inPushWorld(async (world) => {
      await world.metrics(gcRuns(3));
      world.monitor.failCommits = true;
      const response = await world.metrics(gcRuns(7));
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(world.reported).toHaveLength(1);
      world.monitor.failCommits = false;
      expect(world.stored(...stored)).toBe(3);
      expect((await world.metrics(gcRuns(7))).status).toBe(200);
      expect(world.stored(...stored)).toBe(7);
    }));
});

describe("what is packed", () => {
  const body = (): Uint8Array => utf8(jsonOf(gcRuns()));
  const zstd = (bytes: Uint8Array): Uint8Array => new Uint8Array(zlib.zstdCompressSync(bytes));
  const halves = (pack: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
    const all = body();
    return new Uint8Array([...pack(all.subarray(0, 50)), ...pack(all.subarray(50))]);
  };
  const gzipped = (bytes: Uint8Array): Uint8Array => new Uint8Array(zlib.gzipSync(bytes));
  const skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
  const send = (world: PushWorld, encoding: string, packed: Uint8Array): Promise<Response> =>
    world.post("metrics", packed, { "content-type": "application/json", "content-encoding": encoding });

  it.each([
    ["gzip of several members", "gzip", () => halves(gzipped)],
    ["x-gzip", "x-gzip", () => gzipped(body())],
    ["zstd", "zstd", () => zstd(body())],
    ["zstd of several frames", "zstd", () => halves(zstd)],
    ["zstd with a frame to skip", "zstd", () => new Uint8Array([...skippable, ...zstd(body())])],
    ["zstd in capitals", "ZSTD", () => zstd(body())],
  ])("%s is taken", (_what, encoding, packed) =>
    inPushWorld(async (world) => {
      expect((await send(world, encoding, packed())).status).toBe(200);
      expect(world.stored(...stored)).toBe(7);
    }),
  );

  const bomb = (): Uint8Array => new Uint8Array(64 * 2 ** 20);
  it.each([
    ["a bomb of zstd", "zstd", () => zstd(bomb()), 413],
    [
      "many small bombs",
      "zstd",
      () => new Uint8Array(Array.from({ length: 3 }, () => [...zstd(new Uint8Array(2 ** 21))]).flat()),
      413,
    ],
    [
      "members of gzip that are a bomb together",
      "gzip",
      () => new Uint8Array(Array.from({ length: 3 }, () => [...gzipped(new Uint8Array(2 ** 21))]).flat()),
      413,
    ],
    ["zstd cut short", "zstd", () => zstd(body()).slice(0, -3), 400],
    ["what is no zstd", "zstd", () => body(), 400],
    ["an empty body that says zstd", "zstd", () => new Uint8Array(), 400],
    ["zstd followed by something else", "zstd", () => new Uint8Array([...zstd(body()), 1, 2, 3, 4, 5]), 400],
    ["gzip followed by something else", "gzip", () => new Uint8Array([...gzipped(body()), 1, 2, 3, 4, 5]), 400],
    ["brotli", "br", () => body(), 415],
    ["two encodings", "gzip, zstd", () => body(), 415],
  ])("%s is refused", (_what, encoding, packed, status) =>
    inPushWorld(async (world) => {
      const response = await send(world, encoding, packed());
      expect(response.status).toBe(status);
      if (status === 415) expect(response.headers.get("accept-encoding")).toBe("gzip, zstd");
      expect(world.stored(...stored)).toBe(0);
    }),
  );

  it("frames of any content are cut where they end", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { minLength: 1, maxLength: 4 }), (contents) => {
        const packed = contents.map(zstd);
        expect(zstdFrames(new Uint8Array(packed.flatMap((one) => [...one])))?.map((one) => [...one])).toEqual(
          packed.map((one) => [...one]),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe("a sender is told", () => {
  const answered = async (response: Response): Promise<unknown> => [response.status, await response.json()];
  const warned = (errorMessage: string) => [
    200,
    { partialSuccess: { errorMessage: expect.stringContaining(errorMessage) } },
  ];

  it("the names of what was refused, the first three for each reason", () =>
    inPushWorld(async (world) => {
      const names = ["a.x", "b.x", "c.x", "d.x\u0000\u202e"].map((name) => counter(name, 1, BEGAN));
      const infinite = counter(GC_RUNS, 0, BEGAN, { pool: "v8" });
      const response = await world.post("metrics", jsonOf(exportOf([...names, counter(GC_RUNS, 1, BEGAN), infinite])));
      expect(await answered(response)).toEqual([
        200,
        {
          partialSuccess: {
            rejectedDataPoints: "5",
            errorMessage: `4 refused for name (a.x, b.x, c.x), 1 refused for labels (${GC_RUNS})`,
          },
        },
      ]);
    }));

  it("of nothing that would break a line", () =>
    inPushWorld(async (world) => {
      const response = await world.post(
        "metrics",
        jsonOf(exportOf([counter(`a\u0000\n\u202eb${"x".repeat(200)}`, 1, BEGAN)])),
      );
      const [, body] = (await answered(response)) as [number, { partialSuccess: { errorMessage: string } }];
      expect(body.partialSuccess.errorMessage).toMatch(/^1 refused for name \(a b?x* ?b?x*\)$/);
      expect(body.partialSuccess.errorMessage.length).toBeLessThan(120);
    }));

  it.each([
    "{}",
    '{"resourceMetrics":[]}',
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[]}]}]}',
    '{"resource_metrics":[]}',
  ])("that %s holds nothing", (body) =>
    inPushWorld(async (world) => {
      expect(await answered(await world.post("metrics", body))).toEqual(warned("the export holds nothing"));
    }),
  );

  it.each([
    ['{"resourceSpans":[]}', '"resourceSpans"'],
    ['{"metrics":[{"name":"x"}]}', '"metrics"'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', '"a", "b", "c", "d", "e" and more'],
  ])("that %s is not the shape of this signal", (body, has) =>
    inPushWorld(async (world) => {
      const [status, error] = (await answered(await world.post("metrics", body))) as [number, { message: string }];
      expect([status, error.message]).toEqual([
        400,
        `The body has no "resourceMetrics". It has ${has}. Send the JSON of an ExportMetricsServiceRequest, and check the path.`,
      ]);
      expect(world.stored("zako_watch_push_rejected_total", { reason: "malformed" })).toBe(1);
    }),
  );
});
