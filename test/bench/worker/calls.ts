import { create, toBinary } from "@bufbuild/protobuf";
import { Blake3 } from "../../../functions/lib/blake3.ts";
import { SharedDeadlines } from "../../../functions/lib/deadline.ts";
import { fromHex, toHex } from "../../../functions/lib/hex.ts";
import { Semaphore } from "../../../functions/lib/semaphore.ts";
import { type Client, clientOf } from "../../../functions/probe/rpc/client.ts";
import { newTraceId } from "../../../functions/probe/rpc/traceparent.ts";
import { RunClock } from "../../../functions/probe/run-clock.ts";
import { Health, HealthCheckRequestSchema } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../../proto/gen/zako/v1/transport_pb.ts";
import type { CallsAsked } from "../asked.ts";
import { libraryCaller } from "./library-calls.ts";
import { absent, MAX_BYTES, TIMEOUT_MS, type Upload } from "./uploads.ts";

/** As many at once as a batch of probes runs. */
const AT_ONCE = 6;
const UPLOAD_BYTES = 4096;
let uploads: Upload[] = [];

/** Derives the contents of uploads ahead, so that hashing is not measured. */
export function prepare(asked: CallsAsked): void {
  uploads = [];
  if (asked.question !== "upload") return;
  for (let i = 0; i < asked.count; i++) {
    const content = new Uint8Array(UPLOAD_BYTES);
    new DataView(content.buffer).setFloat64(0, asked.seed + i);
    const blake3 = new Blake3().update(content).digest();
    uploads.push({ digest: { sizeBytes: BigInt(UPLOAD_BYTES), blake3 }, content });
  }
}

/** Makes the calls, six at once; throws for the first that does not succeed. */
export async function makeCalls(asked: CallsAsked): Promise<void> {
  const one = callerOf(asked);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < asked.count) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function callerOf(asked: CallsAsked): (i: number) => Promise<void> {
  if (asked.maker === "bare") return bareCaller(asked);
  return asked.maker === "ours" ? ourCaller(asked) : libraryCaller(asked, uploads);
}

/** A fetch with nothing around it, that reads its body under a cap as ours does. */
function bareCaller({ question, protocol, url }: CallsAsked): (i: number) => Promise<void> {
  if (question !== "check") throw new Error("A bare fetch only asks for health.");
  const message = toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service: "" }));
  const framed = protocol !== "connect";
  const body = framed ? Uint8Array.of(0, 0, 0, 0, message.length, ...message) : message;
  const headers = {
    "content-type": framed ? "application/grpc-web+proto" : "application/proto",
    "accept-encoding": "identity",
    ...(framed ? { "x-grpc-web": "1" } : { "connect-protocol-version": "1" }),
  };
  const to = `${url}/${Health.typeName}/Check`;
  return async () => {
    const response = await fetch(to, { method: "POST", redirect: "manual", headers, body });
    const bytes = await readCapped(response);
    if (response.status !== 200 || bytes < 2) throw new Error(`A bare fetch got HTTP ${response.status}.`);
  };
}

async function readCapped(response: Response): Promise<number> {
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) <= MAX_BYTES) return (await response.arrayBuffer()).byteLength;
  const reader = response.body?.getReader();
  let bytes = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > MAX_BYTES) throw new Error("A bare fetch got too much.");
  }
  return bytes;
}

/** As a run of a probe makes its calls: deadline, trace, cap and classification included. */
function ourCaller(asked: CallsAsked): (i: number) => Promise<void> {
  const endpoint = { baseUrl: asked.url, protocol: asked.protocol };
  const ask = questionOf(asked);
  const deadlines = new SharedDeadlines(new AbortController().signal, Date.now);
  return async (i) => {
    using deadline = deadlines.start(TIMEOUT_MS);
    const client = clientOf(endpoint, {
      deadline,
      traceId: newTraceId(),
      clock: new RunClock(),
      line: new Semaphore(1),
      fetch: undefined,
      onCall: (_method, answer) => {
        if (!answer.ok) throw new Error(`Our call failed: ${answer.failure.reason}, ${answer.failure.message}`);
      },
    });
    await ask(client, i);
  };
}

function questionOf({ question, blob }: CallsAsked): (client: Client, i: number) => Promise<void> {
  const digest = { sizeBytes: BigInt(blob.sizeBytes), blake3: fromHex(blob.digest) };
  switch (question) {
    case "check":
      return async (client) => void (await client.call(Health.method.check, [{ service: "" }]));
    case "download":
      return async (client) => {
        const request = { metadata: { digest, range: { start: 0n } } };
        let bytes = 0;
        const count = ({ data }: { data: Uint8Array }): void => {
          bytes += data.byteLength;
        };
        await client.stream(Transport.method.download, [request], count, { maxBytes: MAX_BYTES });
        if (bytes !== blob.sizeBytes) throw new Error(`Our download brought ${bytes} bytes.`);
      };
    case "upload":
      return async (client, i) => {
        const { digest: name, content } = uploads[i] as Upload;
        await client.call(Transport.method.upload, [
          { payload: { case: "metadata", value: { digest: name, range: { start: 0n } } } },
          { payload: { case: "chunk", value: content } },
        ]);
      };
    case "negotiate":
      return async (client) => {
        const missing = new Set<string>();
        const requests = [{ blobDigests: [digest] }, { blobDigests: [absent()] }];
        await client.stream(
          ContentAddressableStorage.method.negotiateBlobs,
          requests,
          ({ missingBlobDigests: absentOnes }) => {
            for (const { blake3 } of absentOnes) missing.add(toHex(blake3));
          },
        );
        if (missing.size !== 1) throw new Error(`Our negotiation found ${missing.size} missing.`);
      };
  }
}
