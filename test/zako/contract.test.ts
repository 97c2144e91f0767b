import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { HealthCheckResponse_ServingStatus as Status } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import type { Protocol } from "../../proto/gen/zako/v1/net_pb.ts";
import { hashHex } from "./blob-store.ts";
import { all, bytesOf, clientsOf, codeOf, digest, streamOf, ways } from "./clients.ts";
import { startZako } from "./server.ts";

const zako = await startZako({ chunkBytes: 1_000, maxBlobBytes: 5_000 });
const guarded = await startZako({
  auth: { header: "x-api-key", value: "s3cret" },
  transportAuth: { header: "x-zako-token", scheme: "" },
  advertised: { ip: "2001:db8::7", port: 50_051 },
  recommendedConcurrency: 3,
});
afterAll(async () => {
  await zako.close();
  await guarded.close();
});

const blob = bytesOf(2_500);
const name = digest(hashHex(blob), blob.length);
const absent = digest("ab".repeat(32), 12);
const short = { blake3: name.blake3.subarray(1), sizeBytes: name.sizeBytes };
const range = { start: 0n };

beforeEach(() => {
  zako.reset();
  guarded.reset();
  zako.store.put(blob);
});

describe.each(ways)("$name", (way) => {
  const { cas, transport, health } = clientsOf(way, zako);
  const bidi = way.sendsStreams && !(way.http === 1 && way.unary === "connect");

  // A case that a way cannot speak at all is left out, not skipped.
  const leaveOut = Object.assign(() => {}, { each: () => () => {} }) as unknown as typeof it;
  const ifBidi = bidi ? it : leaveOut;
  const ifStreams = way.sendsStreams ? it : leaveOut;

  const download = async (
    metadata: Parameters<typeof transport.download>[0]["metadata"],
    headers?: Record<string, string>,
  ) =>
    Buffer.concat(
      (await all(transport.download(metadata === undefined ? {} : { metadata }, headers ? { headers } : {}))).map(
        ({ data }) => data,
      ),
    );
  const upload = (...messages: Parameters<typeof transport.upload>[0] extends AsyncIterable<infer M> ? M[] : never) =>
    transport.upload(streamOf(...messages));
  const meta = (of: { blake3: Uint8Array<ArrayBuffer>; sizeBytes: bigint }) =>
    ({ payload: { case: "metadata", value: { digest: of, range } } }) as const;
  const chunk = (value: Uint8Array<ArrayBuffer>) => ({ payload: { case: "chunk", value } }) as const;

  it("hands out an address, a concurrency and one more token with each details call", async () => {
    const [one, two] = [
      await cas.getTransportDetails({ supportedProtocols: [0] }),
      await cas.getTransportDetails({ supportedProtocols: [0, 0] }),
    ];
    expect(one.authToken).not.toBe("");
    expect(one.authToken).not.toBe(two.authToken);
    expect(one.recommendedConcurrency).toBe(8);
    expect(one.serverAddr?.ip?.ipAddr).toEqual({ case: "v4", value: 0x7f_00_00_01 });
    expect(String(one.serverAddr?.port)).toBe(new URL(zako.grpcUrl).port);
    expect(zako.state().tokens).toEqual({ issued: 2, kept: 2 });
  });

  it.each([[[]], [[7]], [[0, 7]]] as Protocol[][][])(
    "refuses details for protocols %j",
    async (supportedProtocols = []) => {
      expect(await codeOf(cas.getTransportDetails({ supportedProtocols }))).toBe("failed_precondition");
      expect(zako.state().tokens.issued).toBe(0);
    },
  );

  ifBidi("names the missing blobs, once per request that has some", async () => {
    const answers = await all(
      cas.negotiateBlobs(
        streamOf(
          { blobDigests: [name] },
          { blobDigests: [name, absent] },
          { blobDigests: [] },
          { blobDigests: [absent, absent] },
        ),
      ),
    );
    expect(answers.map(({ missingBlobDigests }) => missingBlobDigests.map(({ blake3 }) => blake3))).toEqual([
      [absent.blake3],
      [absent.blake3, absent.blake3],
    ]);
  });

  ifBidi("says nothing where nothing is missing", async () => {
    expect(await all(cas.negotiateBlobs(streamOf({ blobDigests: [name] })))).toEqual([]);
    expect(await all(cas.negotiateBlobs(streamOf()))).toEqual([]);
  });

  ifBidi("refuses to negotiate a digest of 31 bytes", async () => {
    expect(await codeOf(all(cas.negotiateBlobs(streamOf({ blobDigests: [short] }))))).toBe("invalid_argument");
  });

  (way.sendsStreams && !bidi ? it : leaveOut)("answers 505 to bidi where it needs HTTP/2", async () => {
    await expect(all(cas.negotiateBlobs(streamOf({ blobDigests: [name] })))).rejects.toThrow("HTTP 505");
  });

  it("downloads a whole blob in chunks, and parts of it", async () => {
    const chunks = await all(transport.download({ metadata: { digest: name, range } }));
    expect(chunks.map(({ data }) => data.length)).toEqual([1_000, 1_000, 500]);
    expect(await download({ digest: name, range })).toEqual(Buffer.from(blob));
    expect(await download({ digest: name, range: { start: 7n, length: 9n } })).toEqual(Buffer.from(blob.slice(7, 16)));
    expect(await download({ digest: name, range: { start: 2_499n } })).toEqual(Buffer.from(blob.slice(2_499)));
  });

  it.each([
    ["no metadata", undefined, "invalid_argument"],
    ["no digest", { range }, "invalid_argument"],
    ["no range", { digest: name }, "invalid_argument"],
    ["a digest of 31 bytes", { digest: short, range }, "invalid_argument"],
    ["a range of no bytes", { digest: name, range: { start: 0n, length: 0n } }, "invalid_argument"],
    ["a start at the end", { digest: name, range: { start: 2_500n } }, "out_of_range"],
    ["one byte too many", { digest: name, range: { start: 1n, length: 2_500n } }, "out_of_range"],
    ["sums past 64 bits", { digest: name, range: { start: 2n, length: 2n ** 64n - 1n } }, "out_of_range"],
    ["an absent blob", { digest: absent, range }, "not_found"],
  ])("refuses a download with %s", async (_, metadata, code) => {
    expect(await codeOf(download(metadata))).toBe(code);
  });

  it("puts its own path into the message about an absent blob", async () => {
    await expect(download({ digest: absent, range })).rejects.toThrow(`/cas/ab/${"ab".repeat(32)}`);
  });

  ifStreams("keeps an upload, serves it, and refuses it the second time", async () => {
    const fresh = bytesOf(3_000, 1);
    const of = digest(hashHex(fresh), fresh.length);
    const messages = [meta(of), chunk(fresh.slice(0, 1)), chunk(new Uint8Array(0)), chunk(fresh.slice(1))];
    expect((await upload(...messages)).committedSize).toBe(3_000n);
    expect(await download({ digest: of, range })).toEqual(Buffer.from(fresh));
    expect(await codeOf(upload(...messages))).toBe("already_exists");
    expect(zako.state().bytes).toMatchObject({ uploaded: 3_000, downloaded: 3_000 });
  });

  const empty = new Uint8Array(0);
  ifStreams.each([
    ["no message", [], "failed_precondition"],
    ["a chunk first", [chunk(blob)], "failed_precondition"],
    ["an empty message first", [{}], "failed_precondition"],
    ["no digest", [{ payload: { case: "metadata", value: { range } } }], "invalid_argument"],
    ["no range", [{ payload: { case: "metadata", value: { digest: absent } } }], "invalid_argument"],
    ["a digest of 31 bytes", [meta(short)], "invalid_argument"],
    ["a second metadata", [meta(absent), meta(absent)], "invalid_argument"],
    ["an empty message later", [meta(absent), {}], "invalid_argument"],
    ["wrong content", [meta(absent), chunk(bytesOf(12))], "invalid_argument"],
    [
      "the right content, one byte short",
      [meta(digest(hashHex(bytesOf(9)), 10)), chunk(bytesOf(9))],
      "invalid_argument",
    ],
    ["too many bytes", [meta(absent), chunk(bytesOf(5_001))], "resource_exhausted"],
    ["the empty blob", [meta(digest(hashHex(empty), 0))], "ok"],
  ] as const)("answers an upload with %s", async (_, messages, code) => {
    expect(await codeOf(upload(...(messages as unknown as Parameters<typeof upload>)))).toBe(code);
    expect(zako.store.count).toBe(code === "ok" ? 2 : 1);
  });

  it("verifies a token where one is sent, and needs none", async () => {
    const { authToken } = await cas.getTransportDetails({ supportedProtocols: [0] });
    const whole = { digest: name, range };
    expect(await codeOf(download(whole, { authorization: `Bearer ${authToken}` }))).toBe("ok");
    expect(await codeOf(download(whole))).toBe("ok");
    expect(await codeOf(download(whole, { authorization: "Bearer wrong" }))).toBe("unauthenticated");
    expect(await codeOf(download(whole, { authorization: authToken }))).toBe("unauthenticated");
  });

  it("needs credentials and tokens where it is told to", async () => {
    const there = clientsOf(way, guarded);
    const hex = guarded.store.put(blob);
    const headers = { "x-api-key": "s3cret" };
    expect(await codeOf(there.health.check({}))).toBe("unauthenticated");
    expect(await codeOf(there.health.check({}, { headers: { "x-api-key": "s3creT" } }))).toBe("unauthenticated");
    expect(await codeOf(there.health.check({}, { headers }))).toBe("ok");
    expect(await codeOf(there.cas.getTransportDetails({ supportedProtocols: [0] }))).toBe("unauthenticated");
    const details = await there.cas.getTransportDetails({ supportedProtocols: [0] }, { headers });
    expect(details.recommendedConcurrency).toBe(3);
    expect(details.serverAddr?.port).toBe(50_051);
    expect(Buffer.from(details.serverAddr?.ip?.ipAddr.value as Uint8Array).toString("hex")).toBe(
      `20010db8${"0".repeat(23)}7`,
    );
    const get = (more: Record<string, string>) =>
      codeOf(all(there.transport.download({ metadata: { digest: digest(hex, 2_500), range } }, { headers: more })));
    expect(await get({})).toBe("unauthenticated");
    expect(await get({ "x-zako-token": "wrong" })).toBe("unauthenticated");
    expect(await get({ "x-zako-token": details.authToken })).toBe("ok");
  });

  it("says how it is, and of services that it does not know that it does not", async () => {
    expect((await health.check({})).status).toBe(Status.SERVING);
    zako.health.set("zako.v1.transport.Transport", "NOT_SERVING");
    expect((await health.check({ service: "zako.v1.transport.Transport" })).status).toBe(Status.NOT_SERVING);
    expect(await codeOf(health.check({ service: "nobody" }))).toBe("not_found");
  });

  it("streams every change of health, also of a service that it does not know yet", async () => {
    const seen: Status[] = [];
    const leave = new AbortController();
    const watching = (async () => {
      for await (const { status } of health.watch({ service: "later" }, { signal: leave.signal })) {
        seen.push(status);
        if (seen.length === 1) zako.health.set("later", "SERVING");
        if (seen.length === 2) zako.health.set("later", "NOT_SERVING");
        if (seen.length === 3) leave.abort();
      }
    })();
    expect(await codeOf(watching)).toBe("canceled");
    expect(seen).toEqual([Status.SERVICE_UNKNOWN, Status.SERVING, Status.NOT_SERVING]);
  });

  it("counts calls by method, protocol and code, and remembers the trace", async () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    await health.check({}, { headers: { traceparent } });
    await codeOf(health.check({ service: "nobody" }));
    await codeOf(download({ digest: absent, range }));
    const protocol = way.unary;
    expect(zako.state()).toMatchObject({
      started: { "health.Check": 2, "transport.Download": 1 },
      requests: [
        { method: "health.Check", protocol, code: "ok", count: 1 },
        { method: "health.Check", protocol, code: "not_found", count: 1 },
        { method: "transport.Download", protocol, code: "not_found", count: 1 },
      ],
      traceparents: { "health.Check": traceparent },
      calls: { peak: 1, aborted: 0 },
    });
  });
});

describe("ranges", () => {
  const { transport } = clientsOf(ways[0] as (typeof ways)[number], zako);

  it("are the same slice of the blob as in memory, or refused", async () => {
    const size = fc.integer({ min: 0, max: 3_000 });
    await fc.assert(
      fc.asyncProperty(size, size, fc.option(size, { nil: undefined }), async (length, start, part) => {
        const bytes = bytesOf(length, 2);
        const of = digest(zako.store.put(bytes), length);
        const wanted = { start: BigInt(start), ...(part !== undefined && { length: BigInt(part) }) };
        const answer = all(transport.download({ metadata: { digest: of, range: wanted } }));
        const end = part === undefined ? length : start + part;
        if (part === 0) expect(await codeOf(answer)).toBe("invalid_argument");
        else if (start >= length || end > length) expect(await codeOf(answer)).toBe("out_of_range");
        else {
          const got = Buffer.concat((await answer).map(({ data }) => data));
          expect(got).toEqual(Buffer.from(bytes.slice(start, end)));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the store", () => {
  it("never grows past its cap", async () => {
    const small = await startZako({ maxStoreBytes: 1_000 });
    const { transport } = clientsOf(ways[0] as (typeof ways)[number], small);
    const put = (bytes: Uint8Array<ArrayBuffer>) =>
      codeOf(
        transport.upload(
          streamOf(
            {
              payload: {
                case: "metadata" as const,
                value: { digest: digest(hashHex(bytes), bytes.length), range },
              },
            },
            { payload: { case: "chunk" as const, value: bytes } },
          ),
        ),
      );
    expect(await put(bytesOf(600, 1))).toBe("ok");
    expect(await put(bytesOf(401, 2))).toBe("resource_exhausted");
    expect(await put(bytesOf(400, 3))).toBe("ok");
    expect(small.state().blobs).toEqual({ count: 2, sizeBytes: 1_000 });
    await small.close();
  });
});
