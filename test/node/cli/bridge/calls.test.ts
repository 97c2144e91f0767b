import { type Client, Code, ConnectError, createClient, type Transport as Wire } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as browser from "@connectrpc/connect-web";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startBridge } from "../../../../functions/cli/bridge/start-bridge.ts";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage } from "../../../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../../../proto/gen/zako/v1/transport_pb.ts";
import { hashHex } from "../../../zako/blob-store.ts";
import { all, bytesOf, codeOf, digest, streamOf } from "../../../zako/clients.ts";
import { catalogue } from "../../../zako/faults/catalogue.ts";
import { startZako } from "../../../zako/server.ts";
import { withDeadline } from "./ask.ts";

const zako = await startZako();
const bridge = await startBridge(zako.grpcUrl);
afterAll(async () => {
  await bridge.close();
  await zako.close();
});

const blob = bytesOf(3 * 2 ** 20, 1);
const name = digest(hashHex(blob), blob.length);
const fresh = bytesOf(70_000, 2);
const freshName = digest(hashHex(fresh), fresh.length);
const absent = digest("ab".repeat(32), 12);
const range = { start: 0n };

beforeEach(() => {
  zako.reset();
  zako.store.put(blob);
});

interface Clients {
  cas: Client<typeof ContentAddressableStorage>;
  transport: Client<typeof Transport>;
  health: Client<typeof Health>;
}

const clientsOf = (wire: Wire): Clients => ({
  cas: createClient(ContentAddressableStorage, wire),
  transport: createClient(Transport, wire),
  health: createClient(Health, wire),
});

const viaStreams = clientsOf(createGrpcWebTransport({ baseUrl: bridge.url, httpVersion: "1.1" }));
const viaFetch = clientsOf(browser.createGrpcWebTransport({ baseUrl: bridge.url }));
const native = clientsOf(createGrpcTransport({ baseUrl: zako.grpcUrl }));

const download = async ({ transport }: Clients, of = name): Promise<Buffer> =>
  Buffer.concat((await all(transport.download({ metadata: { digest: of, range } }))).map(({ data }) => data));

const upload = ({ transport }: Clients, bytes = fresh, of = freshName) =>
  transport.upload(
    streamOf(
      { payload: { case: "metadata", value: { digest: of, range } } } as const,
      ...[0, 30_000].map((at) => ({ payload: { case: "chunk", value: bytes.slice(at, at + 30_000) } }) as const),
      { payload: { case: "chunk", value: bytes.slice(60_000) } } as const,
    ),
  );

describe.each([
  ["a client with streams", viaStreams],
  ["a client of fetch", viaFetch],
])("%s", (_, clients) => {
  it("asks and is answered", async () => {
    expect((await clients.health.check({ service: "" })).status).toBe(Status.SERVING);
    expect((await clients.cas.getTransportDetails({ supportedProtocols: [0] })).authToken).not.toBe("");
    expect(zako.state().requests.map(({ protocol, code }) => [protocol, code])).toEqual([
      ["grpc", "ok"],
      ["grpc", "ok"],
    ]);
  });

  it("downloads", async () => {
    expect((await download(clients)).equals(blob)).toBe(true);
    expect(await codeOf(download(clients, absent))).toBe("not_found");
  });

  it("passes its deadline on, and keeps it", async () => {
    await clients.health.check({ service: "" }, { timeoutMs: 60_000 });
    expect(zako.state().lastHeaders["health.Check"]?.["grpc-timeout"]).toMatch(/^(60000|59\d{3})m$/);
    zako.faults.set("hang");
    expect(await codeOf(clients.health.check({ service: "" }, { timeoutMs: 30 }))).toBe("deadline_exceeded");
    await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(0), withDeadline);
    expect(bridge.sessions).toBe(1);
  });

  it("leaves a stream, and the server hears of it", async () => {
    const leaving = new AbortController();
    let received = 0;
    const watching = (async () => {
      for await (const { status } of clients.health.watch({ service: "" }, { signal: leaving.signal })) {
        expect(status).toBe(Status.SERVING);
        received++;
      }
    })();
    const code = codeOf(watching);
    await vi.waitFor(() => expect(received).toBe(1), withDeadline);
    leaving.abort();
    expect(await code).toBe("canceled");
    await vi.waitFor(() => expect(zako.state().calls).toMatchObject({ inFlight: 0, aborted: 1 }), withDeadline);
  });
});

describe("streams of requests", () => {
  it("upload, and the blob is there", async () => {
    expect((await upload(viaStreams)).committedSize).toBe(70_000n);
    expect((await download(viaStreams, freshName)).equals(fresh)).toBe(true);
    expect(await codeOf(upload(viaStreams))).toBe("already_exists");
  });

  it("are answered while they go on", async () => {
    let answered = (): void => {};
    const firstAnswer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    async function* questions() {
      yield { blobDigests: [name, absent] };
      // Only a bridge that holds nothing back lets this go on.
      await firstAnswer;
      yield { blobDigests: [name] };
      yield { blobDigests: [freshName] };
    }
    const missing: Uint8Array[] = [];
    for await (const { missingBlobDigests } of viaStreams.cas.negotiateBlobs(questions())) {
      answered();
      missing.push(...missingBlobDigests.map(({ blake3 }) => blake3));
    }
    expect(missing).toEqual([absent.blake3, freshName.blake3]);
  });

  it("may be empty", async () => {
    expect(await all(viaStreams.cas.negotiateBlobs(streamOf()))).toEqual([]);
    expect(await codeOf(viaStreams.transport.upload(streamOf()))).toBe("failed_precondition");
  });
});

/** Faults that keep a client waiting for as long as it will. */
const ENDLESS = ["latency", "hang", "hang-mid-stream", "slow-drip", "huge-message", "endless-stream"];

/** What a fault on the wire may look like; each client has its own words for an answer that breaks off. */
const BROKEN = [
  "unknown",
  "internal",
  "unavailable",
  "canceled",
  "aborted",
  "resource_exhausted",
  "data_loss",
  "invalid_argument",
];

describe("a server that fails", () => {
  const faults = catalogue().filter(({ protocols, http }) => protocols.includes("grpc") && http.includes("2"));

  it("is known by many faults", () => expect(faults.length).toBeGreaterThan(20));

  it.each(faults.map(({ name: fault }) => fault))(
    "is seen to by the native client and through the bridge: %s",
    async (fault) => {
      const timeoutMs = ENDLESS.includes(fault) ? 300 : 30_000;
      const ask = async (clients: Clients): Promise<string[]> => {
        zako.reset();
        zako.store.put(fresh);
        zako.faults.set(fault);
        const calls = [
          () => clients.health.check({ service: "" }, { timeoutMs }),
          () => clients.cas.getTransportDetails({ supportedProtocols: [0] }, { timeoutMs }),
          () => all(clients.transport.download({ metadata: { digest: freshName, range } }, { timeoutMs })),
          () => all(clients.cas.negotiateBlobs(streamOf({ blobDigests: [freshName, absent] }), { timeoutMs })),
        ];
        const codes: string[] = [];
        for (const call of calls) codes.push(await codeOf(call()));
        return codes.map((code) => (BROKEN.includes(code) ? "broken" : code));
      };
      expect(await ask(viaStreams)).toEqual(await ask(native));
      zako.faults.clear();
      expect((await viaStreams.health.check({ service: "" })).status).toBe(Status.SERVING);
    },
  );
});

it("serves 1,000 calls in a row and 50 at once over one connection, and keeps nothing of them", async () => {
  await viaFetch.health.check({ service: "" });
  await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(0), withDeadline);
  zako.reset();
  zako.store.put(blob);
  for (let i = 0; i < 1_000; i++) await viaFetch.health.check({ service: "" });
  const many = await Promise.all(
    Array.from({ length: 50 }, async (_, i) =>
      i % 5 === 0 ? (await download(viaFetch)).length : (await viaFetch.health.check({ service: "" })).status,
    ),
  );
  expect(new Set(many)).toEqual(new Set([blob.length, Status.SERVING]));
  const { calls, connections, requests } = zako.state();
  expect(requests.reduce((sum, { count }) => sum + count, 0)).toBe(1_050);
  expect(calls).toMatchObject({ inFlight: 0, aborted: 0 });
  // One is the bridge's, the other the native client's.
  expect(connections.total).toBeLessThanOrEqual(2);
  expect(bridge.sessions).toBe(1);
});

it("finds a server again that was restarted", async () => {
  const first = await startZako();
  const own = await startBridge(first.grpcUrl);
  const { health } = clientsOf(createGrpcWebTransport({ baseUrl: own.url, httpVersion: "1.1" }));
  await health.check({ service: "" });
  await first.close();
  await vi.waitFor(() => expect(own.sessions).toBe(0), withDeadline);
  const error = await health.check({ service: "" }).catch((e: unknown) => ConnectError.from(e));
  expect(error).toMatchObject({ code: Code.Unknown, rawMessage: "HTTP 521" });
  const second = await startZako({ grpcPort: Number(new URL(first.grpcUrl).port) });
  expect((await health.check({ service: "" })).status).toBe(Status.SERVING);
  await own.close();
  await second.close();
});
