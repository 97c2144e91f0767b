import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { compressionGzip, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as browser from "@connectrpc/connect-web";
import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startBridge } from "../../../../functions/cli/bridge/start-bridge.ts";
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "../../../../proto/gen/grpc/health/v1/health_pb.ts";
import {
  ContentAddressableStorage,
  type NegotiateBlobsRequest,
  type NegotiateBlobsResponse,
  NegotiateBlobsResponseSchema,
} from "../../../../proto/gen/zako/v1/cas_pb.ts";
import {
  type DownloadRequest,
  type DownloadResponse,
  DownloadResponseSchema,
  Transport,
  type UploadRequest,
  type UploadRequestSchema,
  type UploadResponse,
  UploadResponseSchema,
} from "../../../../proto/gen/zako/v1/transport_pb.ts";
import { bytesOf, codeOf, digest } from "../../../zako/clients.ts";
import { withDeadline } from "./ask.ts";
import { startGrpcJs } from "./grpc-js-server.ts";
import { frame, framesOf, startOrigin } from "./scripted-origin.ts";

const MESSAGE = "no, not “so” — 100 %\n";

/** What the server saw of the calls so far. */
const seen = { deadlines: [] as boolean[], canceled: 0, metadata: new Metadata() };

const piece = bytesOf(1_000_000);

/** The service's name says what becomes of a check: a status code, `hang`, or nothing special. */
function check(
  call: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
  done: sendUnaryData<HealthCheckResponse>,
) {
  seen.metadata = call.metadata;
  seen.deadlines.push(call.getDeadline() !== Number.POSITIVE_INFINITY);
  call.on("cancelled", () => seen.canceled++);
  const { service } = call.request;
  const trailers = new Metadata();
  trailers.add("x-trailer", "one");
  trailers.add("x-trailer", "two");
  trailers.set("x-blob-bin", Buffer.from([0, 1, 255]));
  if (service === "hang") return;
  if (service === "") done(null, create(HealthCheckResponseSchema, { status: Status.SERVING }), trailers);
  else done({ code: Number(service), details: MESSAGE, metadata: trailers });
}

/** Two states, and then what the service's name says. */
function watch(call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>) {
  call.on("cancelled", () => seen.canceled++);
  const { service } = call.request;
  call.write(create(HealthCheckResponseSchema, { status: Status.SERVING }));
  call.write(create(HealthCheckResponseSchema, { status: Status.NOT_SERVING }));
  if (service === "hang") return;
  if (service === "") call.end();
  else call.emit("error", { code: Number(service), details: MESSAGE });
}

function download(call: ServerWritableStream<DownloadRequest, DownloadResponse>) {
  let left = Number(call.request.metadata?.digest?.sizeBytes);
  const write = (): void => {
    while (left > 0) {
      const data = piece.subarray(0, left);
      left -= data.length;
      if (!call.write(create(DownloadResponseSchema, { data }))) return void call.once("drain", write);
    }
    call.end();
  };
  write();
}

function upload(call: ServerReadableStream<UploadRequest, UploadResponse>, done: sendUnaryData<UploadResponse>) {
  let size = 0;
  call.on("data", ({ payload }: UploadRequest) => {
    if (payload.case === "chunk") size += payload.value.length;
    // Answers before the client has said all.
    else if (payload.value?.digest?.sizeBytes === 0n) done({ code: 8, details: MESSAGE });
  });
  call.on("end", () => done(null, create(UploadResponseSchema, { committedSize: BigInt(size) })));
}

function negotiate(call: ServerDuplexStream<NegotiateBlobsRequest, NegotiateBlobsResponse>) {
  call.on("data", ({ blobDigests }: NegotiateBlobsRequest) =>
    call.write(create(NegotiateBlobsResponseSchema, { missingBlobDigests: blobDigests })),
  );
  call.on("end", () => call.end());
}

const server = await startGrpcJs([
  [Health, { check, watch, list: check }],
  [Transport, { download, upload }],
  [ContentAddressableStorage, { negotiateBlobs: negotiate, getTransportDetails: check }],
]);
const bridge = await startBridge(server.url);
afterAll(async () => {
  await bridge.close();
  server.close();
});

beforeEach(() => {
  seen.deadlines = [];
  seen.canceled = 0;
});

const wires = {
  "a client with streams": createGrpcWebTransport({ baseUrl: bridge.url, httpVersion: "1.1" }),
  "a client of fetch": browser.createGrpcWebTransport({ baseUrl: bridge.url }),
};
const streaming = wires["a client with streams"];
const meta = (sizeBytes: number) =>
  ({
    payload: { case: "metadata", value: { digest: digest("00".repeat(32), sizeBytes), range: { start: 0n } } },
  }) as const;
const chunk = (value: Uint8Array<ArrayBuffer>) => ({ payload: { case: "chunk", value } }) as const;
async function* messages(list: MessageInitShape<typeof UploadRequestSchema>[]) {
  yield* list;
}
const failure = (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(
    () => expect.unreachable("the call succeeded"),
    (error: unknown) => ConnectError.from(error),
  );

describe.each(Object.entries(wires))("%s", (_, wire) => {
  const health = createClient(Health, wire);
  const transport = createClient(Transport, wire);
  const codes = Object.values(Code).filter((code): code is Code => typeof code === "number");

  it("is answered, with metadata of both kinds both ways", async () => {
    let trailers = new Headers();
    const answer = await health.check(
      { service: "" },
      {
        headers: { "x-asked": "1", "x-asked-bin": "AP8" },
        onTrailer: (got) => {
          trailers = got;
        },
      },
    );
    expect(answer.status).toBe(Status.SERVING);
    expect(trailers.get("x-trailer")?.split(/, ?/)).toEqual(["one", "two"]);
    expect(trailers.get("x-blob-bin")).toMatch(/^AAH\/=*$/);
    expect(seen.metadata.get("x-asked")).toEqual(["1"]);
    expect(seen.metadata.get("x-asked-bin")).toEqual([Buffer.from([0, 255])]);
    expect(seen.metadata.get("x-grpc-web")).toEqual([]);
    expect(seen.deadlines).toEqual([false]);
  });

  it.each(codes.map((code) => [Code[code], code] as const))("is told %s, with every word", async (_name, code) => {
    const error = await failure(health.check({ service: String(code) }));
    expect([error.code, error.rawMessage]).toEqual([code, MESSAGE]);
    expect(error.metadata.get("x-trailer")?.split(/, ?/)).toEqual(["one", "two"]);
    const received: Status[] = [];
    const late = await failure(
      (async () => {
        for await (const { status } of health.watch({ service: String(code) })) received.push(status);
      })(),
    );
    expect([late.code, late.rawMessage]).toEqual([code, MESSAGE]);
    expect(received).toEqual([Status.SERVING, Status.NOT_SERVING]);
  });

  it("downloads 20 MB", async () => {
    const { sizes, isRight } = { sizes: [] as number[], isRight: [] as boolean[] };
    for await (const { data } of transport.download({ metadata: { digest: digest("00".repeat(32), 20_000_000) } })) {
      sizes.push(data.length);
      isRight.push(Buffer.from(data).equals(piece));
    }
    expect([sizes.length, new Set(sizes), new Set(isRight)]).toEqual([20, new Set([1_000_000]), new Set([true])]);
  });

  it("keeps its deadline, and the server knows of it", async () => {
    expect(await codeOf(health.check({ service: "hang" }, { timeoutMs: 200 }))).toBe("deadline_exceeded");
    await vi.waitFor(() => expect([seen.deadlines, seen.canceled]).toEqual([[true], 1]), withDeadline);
  });

  it("cancels", async () => {
    const leaving = new AbortController();
    const received: Status[] = [];
    const code = codeOf(
      (async () => {
        for await (const { status } of health.watch({ service: "hang" }, { signal: leaving.signal }))
          received.push(status);
      })(),
    );
    await vi.waitFor(() => expect(received.length).toBe(2), withDeadline);
    leaving.abort();
    expect(await code).toBe("canceled");
    await vi.waitFor(() => expect(seen.canceled).toBe(1), withDeadline);
  });
});

describe("streams of requests", () => {
  const transport = createClient(Transport, streaming);
  const cas = createClient(ContentAddressableStorage, streaming);

  it("upload 20 MB", async () => {
    const { committedSize } = await transport.upload(
      messages([meta(20_000_000), ...Array.from({ length: 20 }, () => chunk(piece))]),
    );
    expect(committedSize).toBe(20_000_000n);
  });

  it("may be refused before they end", async () => {
    const hold = new Promise<never>(() => {});
    async function* endless() {
      yield meta(0);
      await hold;
    }
    expect(await failure(transport.upload(endless()))).toMatchObject({ code: 8, rawMessage: MESSAGE });
  });

  it("are answered one by one, before the next is sent", async () => {
    let next = (): void => {};
    async function* questions() {
      for (let at = 0; at < 5; at++) {
        const answered = new Promise<void>((resolve) => {
          next = resolve;
        });
        yield { blobDigests: [digest("00".repeat(32), at)] };
        await answered;
      }
    }
    const sizes: bigint[] = [];
    for await (const { missingBlobDigests } of cas.negotiateBlobs(questions())) {
      sizes.push(...missingBlobDigests.map(({ sizeBytes }) => sizeBytes));
      next();
    }
    expect(sizes).toEqual([0n, 1n, 2n, 3n, 4n]);
  });
});

it("hears that a method is not there", async () => {
  const response = await fetch(`${bridge.url}/grpc.health.v1.Health/Nope`, {
    method: "POST",
    headers: { "content-type": "application/grpc-web" },
    body: frame(""),
  });
  expect(response.status).toBe(200);
  const [end] = framesOf(new Uint8Array(await response.arrayBuffer()));
  expect([end?.[0], end?.[1].split("\r\n")]).toEqual([0x80, expect.arrayContaining(["grpc-status: 12"])]);
});

it("passes on what a client compresses, and what a server does", async () => {
  const wire = (baseUrl: string) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", sendCompression: compressionGzip, compressMinBytes: 1 });
  const zeros = new Uint8Array(1_000_000);
  const { committedSize } = await createClient(Transport, wire(bridge.url)).upload(
    messages([meta(1_000_000), chunk(zeros)]),
  );
  expect(committedSize).toBe(1_000_000n);

  const squeezing = await startOrigin();
  let encoding: string | undefined;
  squeezing.script = (stream, headers) => {
    encoding = headers["grpc-encoding"] as string | undefined;
    const answer = toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: Status.SERVING }));
    stream.resume();
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" },
      { waitForTrailers: true },
    );
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(frame(gzipSync(answer), 1));
  };
  const own = await startBridge(squeezing.url);
  expect((await createClient(Health, wire(own.url)).check({ service: "a" })).status).toBe(Status.SERVING);
  expect(encoding).toBe("gzip");
  await own.close();
  await squeezing.close();
});

it("goes on when the server drains its connections", async () => {
  const draining = await startGrpcJs([[Health, { check, watch, list: check }]], {
    // The server says farewell (GOAWAY) about every 20 ms, and lets calls in flight end.
    "grpc.max_connection_age_ms": 20,
  });
  let connections = 0;
  const counter = createServer((socket) => {
    connections++;
    const onward = connect(Number(new URL(draining.url).port), "127.0.0.1");
    for (const side of [socket, onward]) side.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(counter, "listening");
  const own = await startBridge(`http://127.0.0.1:${(counter.address() as AddressInfo).port}`);
  const health = createClient(Health, browser.createGrpcWebTransport({ baseUrl: own.url }));
  const codes = new Set<string>();
  while (connections < 8) codes.add(await codeOf(health.check({ service: "" })));
  expect(codes).toEqual(new Set(["ok"]));
  await own.close();
  draining.close();
  counter.close();
});
