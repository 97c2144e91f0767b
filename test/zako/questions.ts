import type { ResourceValues } from "../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import { Pool } from "../../proto/gen/zako/diagnostics/v1/worker_pb.ts";
import { hashHex } from "./blob-store.ts";
import type { MethodName } from "./call.ts";
import { all, bytesOf, type Clients, digest, streamOf } from "./clients.ts";

/** The one blob that is stored, one that is not, and their names. */
export const blob = bytesOf(600);
export const fresh = bytesOf(300, 1);
export const name = digest(hashHex(blob), blob.length);
export const freshName = digest(hashHex(fresh), fresh.length);
export const range = { start: 0n };

/** One call that an honest server answers well, and what of its answer shows. */
export interface Question {
  readonly method: MethodName;
  readonly kind: "unary" | "stream";
  readonly sendsStream?: true;
  ask(clients: Clients, signal?: AbortSignal): Promise<unknown>;
}

const withSignal = (signal?: AbortSignal) => (signal === undefined ? {} : { signal });

/** A question for every method. */
export const questions: readonly Question[] = [
  {
    method: "health.Check",
    kind: "unary",
    ask: async ({ health }, signal) => (await health.check({}, withSignal(signal))).status,
  },
  {
    method: "health.Watch",
    kind: "stream",
    // Ends the stream after its first message; what the call itself does wrong comes before that.
    async ask({ health }, signal) {
      const leave = new AbortController();
      const either = signal === undefined ? leave.signal : AbortSignal.any([leave.signal, signal]);
      let seen: number | undefined;
      try {
        for await (const { status } of health.watch({}, { signal: either })) {
          seen = status;
          leave.abort();
        }
      } catch (error) {
        if (!leave.signal.aborted) throw error;
      }
      return seen;
    },
  },
  {
    method: "cas.GetTransportDetails",
    kind: "unary",
    async ask({ cas }, signal) {
      const details = await cas.getTransportDetails({ supportedProtocols: [0] }, withSignal(signal));
      return {
        port: details.serverAddr?.port,
        ip: details.serverAddr?.ip?.ipAddr.value,
        concurrency: details.recommendedConcurrency,
        token: details.authToken !== "",
      };
    },
  },
  {
    method: "cas.NegotiateBlobs",
    kind: "stream",
    sendsStream: true,
    async ask({ cas }, signal) {
      const answers = await all(cas.negotiateBlobs(streamOf({ blobDigests: [name, freshName] }), withSignal(signal)));
      return answers.flatMap(({ missingBlobDigests }) => missingBlobDigests.map(({ sizeBytes }) => Number(sizeBytes)));
    },
  },
  {
    method: "transport.Download",
    kind: "stream",
    async ask({ transport }, signal) {
      const chunks = await all(transport.download({ metadata: { digest: name, range } }, withSignal(signal)));
      return Buffer.concat(chunks.map(({ data }) => data));
    },
  },
  {
    method: "transport.Upload",
    kind: "stream",
    sendsStream: true,
    ask: ({ transport }, signal) => putFresh(transport, freshName, fresh, signal),
  },
  {
    method: "diagnostics.SubmitTask",
    kind: "unary",
    async ask({ diagnostics }, signal) {
      const { ran, pool } = await diagnostics.submitTask({ pool: Pool.OXC, maxWaitMillis: 9_000 }, withSignal(signal));
      return { ran, pool };
    },
  },
  {
    method: "diagnostics.BroadcastGc",
    kind: "unary",
    async ask({ diagnostics }, signal) {
      const request = { pool: Pool.OXC, garbageBytes: 262_144 };
      const { threads } = await diagnostics.broadcastGc(request, withSignal(signal));
      return threads.map(({ beforeBytes, afterBytes }) => beforeBytes - afterBytes > 131_072n);
    },
  },
  {
    method: "diagnostics.RunModule",
    kind: "unary",
    ask: async ({ diagnostics }, signal) =>
      Number((await diagnostics.runModule({ input: 12 }, withSignal(signal))).value),
  },
  {
    method: "diagnostics.InjectContext",
    kind: "unary",
    async ask({ diagnostics }, signal) {
      const answer = await diagnostics.injectContext({ contextJson: '{"a":[0.1,"缓存"]}' }, withSignal(signal));
      const exceptions = answer.exceptions.map(({ kind, count }) => [kind, Number(count)]);
      return { converted: answer.converted, json: answer.contextJson, exceptions };
    },
  },
  {
    method: "diagnostics.DescribeHost",
    kind: "unary",
    async ask({ diagnostics }, signal) {
      const { host, derived, effective, disk } = await diagnostics.describeHost({}, withSignal(signal));
      const of = (values: ResourceValues | undefined) => ({
        cacheBytes: Number(values?.casCacheCapacityBytes),
        ttlMs: Number(values?.casCacheTtlMillis),
        v8Workers: values?.v8Pool?.maxWorkers,
      });
      const roomy = (disk?.freeBytes ?? 0n) > 2n ** 20n;
      return { cores: host?.cpuCores, derived: of(derived), effective: of(effective), roomy };
    },
  },
];

/** Uploads bytes under a name; answers with the committed size. */
export async function putFresh(
  transport: Clients["transport"],
  of: typeof freshName,
  bytes: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<number> {
  const answer = await transport.upload(
    streamOf(
      { payload: { case: "metadata" as const, value: { digest: of, range } } },
      { payload: { case: "chunk" as const, value: bytes } },
    ),
    withSignal(signal),
  );
  return Number(answer.committedSize);
}
