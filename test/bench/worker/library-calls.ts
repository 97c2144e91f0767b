import { createClient, type Transport as Wire } from "@connectrpc/connect";
import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport as createConnect } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWeb } from "@connectrpc/connect/protocol-grpc-web";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { fromHex, toHex } from "../../../functions/lib/hex.ts";
import { Health } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../../proto/gen/zako/v1/transport_pb.ts";
import type { CallsAsked } from "../asked.ts";
import { absent, MAX_BYTES, TIMEOUT_MS, type Upload } from "./uploads.ts";

/** The library's own transports, with a deadline and the platform's redirects off. */
export function libraryCaller(
  { maker, question, protocol, url, blob }: CallsAsked,
  uploads: readonly Upload[],
): (i: number) => Promise<void> {
  const wire = libraryWire(maker, protocol, url);
  const digest = { sizeBytes: BigInt(blob.sizeBytes), blake3: fromHex(blob.digest) };
  const options = { timeoutMs: TIMEOUT_MS };
  switch (question) {
    case "check": {
      const client = createClient(Health, wire);
      return async () => void (await client.check({ service: "" }, options));
    }
    case "download": {
      const client = createClient(Transport, wire);
      return async () => {
        let bytes = 0;
        for await (const { data } of client.download({ metadata: { digest, range: { start: 0n } } }, options))
          bytes += data.byteLength;
        if (bytes !== blob.sizeBytes) throw new Error(`The library's download brought ${bytes} bytes.`);
      };
    }
    case "upload": {
      const client = createClient(Transport, wire);
      return async (i) => {
        const { digest: name, content } = uploads[i] as Upload;
        await client.upload(
          (async function* () {
            yield { payload: { case: "metadata" as const, value: { digest: name, range: { start: 0n } } } };
            yield { payload: { case: "chunk" as const, value: content } };
          })(),
          options,
        );
      };
    }
    case "negotiate": {
      const client = createClient(ContentAddressableStorage, wire);
      return async () => {
        const missing = new Set<string>();
        const requests = (async function* () {
          yield { blobDigests: [digest] };
          yield { blobDigests: [absent()] };
        })();
        for await (const { missingBlobDigests } of client.negotiateBlobs(requests, options))
          for (const { blake3 } of missingBlobDigests) missing.add(toHex(blake3));
        if (missing.size !== 1) throw new Error(`The library's negotiation found ${missing.size} missing.`);
      };
    }
  }
}

function libraryWire(maker: CallsAsked["maker"], protocol: CallsAsked["protocol"], url: string): Wire {
  const manual: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "manual" });
  if (maker === "connect-web") {
    const options = { baseUrl: url, useBinaryFormat: true, fetch: manual };
    return protocol === "connect" ? createConnectTransport(options) : createGrpcWebTransport(options);
  }
  const options = {
    baseUrl: url,
    httpClient: createFetchClient(manual),
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: Number.MAX_SAFE_INTEGER,
    readMaxBytes: MAX_BYTES,
    writeMaxBytes: MAX_BYTES,
  };
  return protocol === "connect" ? createConnect(options) : createGrpcWeb(options);
}
