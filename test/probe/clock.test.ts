import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { toHex } from "../../functions/lib/hex.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { runTask } from "../../functions/probe/run.ts";
import {
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "../../proto/gen/grpc/health/v1/health_pb.ts";
import { DownloadRequestSchema, DownloadResponseSchema } from "../../proto/gen/zako/v1/transport_pb.ts";
import { blake3 } from "../blake3.ts";
import { FrozenClock } from "./frozen-clock.ts";
import { frame, join } from "./scripted-fetch.ts";
import { depsOf, planOf, targetOf, taskOf } from "./tasks.ts";

const CONTENT = Uint8Array.from({ length: 2 ** 20 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const CHUNK_BYTES = 65_536;
/** Hashing all of the content takes 16 times as long. */
const HASH_MS = 5;
const HEADERS_MS = 40;

/** Real hashes that take their time. */
class SlowHash {
  readonly #clock: FrozenClock;
  readonly #pieces: Uint8Array[] = [];
  constructor(clock: FrozenClock) {
    this.#clock = clock;
  }
  update(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice());
    this.#clock.compute((bytes.byteLength / CHUNK_BYTES) * HASH_MS);
  }
  digest(): Uint8Array {
    return blake3(join(...this.#pieces));
  }
  [Symbol.dispose](): void {}
}

const answerOf = (body: BodyInit) => new Response(body, { headers: { "content-type": "application/grpc-web" } });
const END = frame(0x80, "grpc-status:0\r\n");

/** A server of one blob that holds each piece of an answer for as long as `holds` says; the last entry is repeated. */
function blobServer(clock: FrozenClock, holds: readonly number[]): typeof fetch {
  return async (_url, init) => {
    const { metadata } = fromBinary(DownloadRequestSchema, (init as { body: Uint8Array }).body.subarray(5));
    const start = Number(metadata?.range?.start);
    const length = metadata?.range?.length === undefined ? undefined : Number(metadata.range.length);
    await clock.io(HEADERS_MS);
    if (start >= CONTENT.length) return answerOf(frame(0x80, "grpc-status:11\r\n"));
    const part = CONTENT.subarray(start, length === undefined ? undefined : start + length);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < part.length; at += CHUNK_BYTES) {
      const data = part.slice(at, at + CHUNK_BYTES);
      pieces.push(frame(0, toBinary(DownloadResponseSchema, create(DownloadResponseSchema, { data }))));
    }
    pieces.push(END);
    let next = 0;
    let readyAt = clock.at;
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = pieces[next];
          if (piece === undefined) return controller.close();
          // The server does not wait for its reader: what was ready long ago is there at once.
          readyAt += holds[Math.min(next, holds.length - 1)] ?? 0;
          await clock.io(Math.max(0, readyAt - clock.at));
          next += 1;
          controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
    return answerOf(body);
  };
}

async function download(holds: readonly number[]): Promise<Sample> {
  const clock = new FrozenClock();
  const golden = { digest: toHex(blake3(CONTENT)), size_bytes: CONTENT.length };
  const task = taskOf("transport.download", {
    plan: planOf("transport.download", { golden }),
    target: targetOf({ transportUrl: "http://zako.test" }),
  });
  const deps = depsOf({
    now: clock.now,
    turn: () => clock.io(0),
    fetch: blobServer(clock, holds),
    newHash: () => new SlowHash(clock),
  });
  return clock.play(runTask(task, deps));
}

const seen = ({ observations }: Sample, family: string): number =>
  observations.filter((one) => one.family === family).reduce((sum, { value }) => sum + value, 0);

it("counts no hashing where a body is delivered at once: neither as a stall nor in any duration", async () => {
  const sample = await download([10, 0]);
  expect(sample.outcome).toBe("ok");
  expect(seen(sample, "zako_v1_transport_stall_seconds_total")).toBe(0.01);
  expect(seen(sample, "zako_v1_transport_download_duration_seconds")).toBe(0.05);
  expect(sample.steps.map(({ name, durationMs }) => [name, durationMs])).toEqual([
    ["whole", 50],
    ["range", 50],
    ["past_end", 40],
  ]);
  expect(sample.durationMs).toBe(140);
});

it("counts what a server holds back as a stall, but for what was hashed meanwhile", async () => {
  // The second chunk is late; the first is hashed while it is.
  const sample = await download([10, 300, 0]);
  expect(seen(sample, "zako_v1_transport_stall_seconds_total")).toBe((10 + 300 - HASH_MS) / 1_000);
  expect(seen(sample, "zako_v1_transport_download_duration_seconds")).toBe((HEADERS_MS + 10 + 300 - HASH_MS) / 1_000);
});

it("gives each run a start of its own, and none the work of the others", async () => {
  const clock = new FrozenClock();
  const answer = frame(
    0,
    toBinary(
      HealthCheckResponseSchema,
      create(HealthCheckResponseSchema, { status: HealthCheckResponse_ServingStatus.SERVING }),
    ),
  );
  const asked: typeof fetch = async () => {
    clock.compute(3);
    await clock.io(50);
    return answerOf(join(answer, END));
  };
  const tasks = Array.from({ length: 8 }, (_, i) => taskOf("health", { target: targetOf({ name: `t${i}` }) }));
  const { samples } = await clock.play(
    runBatch(tasks, { ...depsOf({ now: clock.now, turn: () => clock.io(0), fetch: asked }), timeoutMs: 10_000 }),
  );
  expect(samples.map(({ durationMs }) => durationMs)).toEqual(new Array(8).fill(53));
  const first = samples[0]?.startedAt ?? 0;
  expect(samples.map(({ startedAt }) => startedAt - first)).toEqual([0, 3, 6, 9, 12, 15, 53, 56]);
  expect(samples.map(({ queuedMs }) => queuedMs)).toEqual([0, 3, 6, 9, 12, 15, 53, 56]);
});

it.each([
  ["spares a run that follows another in the turn of its last I/O a turn of its own", 0, 6],
  ["gives each run a turn of its own where its predecessor has worked on many bytes", 8_192, 20],
])("%s", async (_, paddingBytes, turns) => {
  const clock = new FrozenClock();
  const served = create(HealthCheckResponseSchema, { status: HealthCheckResponse_ServingStatus.SERVING });
  const padding = frame(0x80, `grpc-status:0\r\nx-padding:${"x".repeat(paddingBytes)}\r\n`);
  const answer = join(frame(0, toBinary(HealthCheckResponseSchema, served)), padding);
  let asked = 0;
  const answers: typeof fetch = async () => {
    // Each answer has a turn of its own.
    await clock.io(50 + asked++ * 7);
    return answerOf(answer.slice());
  };
  let turned = 0;
  const turn = (): Promise<void> => {
    turned++;
    return clock.io(0);
  };
  const tasks = Array.from({ length: 20 }, (_, i) => taskOf("health", { target: targetOf({ name: `t${i}` }) }));
  const { samples } = await clock.play(
    runBatch(tasks, { ...depsOf({ now: clock.now, turn, fetch: answers }), timeoutMs: 10_000 }),
  );
  expect(samples.map(({ outcome }) => outcome)).toEqual(new Array(20).fill("ok"));
  expect(turned).toBeGreaterThanOrEqual(turns);
  if (paddingBytes === 0) expect(turned).toBe(turns);
});

it("times a retried call by its last attempt alone, and counts the retry", async () => {
  const clock = new FrozenClock();
  let attempts = 0;
  const whole = blobServer(clock, [10, 0]);
  const losing: typeof fetch = async (url, init) => {
    if (++attempts > 1) return whole(url, init);
    await clock.io(700);
    throw new Error("Network connection lost.");
  };
  const golden = { digest: toHex(blake3(CONTENT)), size_bytes: CONTENT.length };
  const task = taskOf("transport.download", { plan: planOf("transport.download", { golden }) });
  const sample = await clock.play(
    runTask(
      task,
      depsOf({ now: clock.now, turn: () => clock.io(0), fetch: losing, newHash: () => new SlowHash(clock) }),
    ),
  );
  expect(sample.outcome).toBe("ok");
  expect(seen(sample, "zako_v1_transport_download_duration_seconds")).toBe(0.05);
  expect(seen(sample, "zako_v1_probe_retries_total")).toBe(1);
  // The step took as long as both.
  expect(sample.steps[0]?.durationMs).toBe(750);
});
