import { afterEach, expect, inject, it } from "vitest";
import { Blake3 } from "../../functions/lib/blake3.ts";
import { toHex } from "../../functions/lib/hex.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import type { Hash } from "../../functions/probe/kind.ts";
import { runTask } from "../../functions/probe/run.ts";
import { blake3 } from "../blake3.ts";
import { putBlob, reset, setFault, state, type ZakoState } from "../zako-control.ts";
import { depsOf, planOf, taskOf } from "./tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

/** Downloads a blob of this size from the reference Zako, and what both sides measured of the whole blob. */
async function download(sizeBytes: number, newHash: () => Hash = () => new Blake3()) {
  const content = Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 31) & 0xff);
  await putBlob(control, content);
  const golden = { digest: toHex(blake3(content)), size_bytes: sizeBytes };
  const plan = planOf("transport.download", { golden }, { timeoutMs: 60_000 });
  const startedAt = performance.now();
  const sample = await runTask(taskOf("transport.download", { plan }), depsOf({ newHash }));
  const wallMs = performance.now() - startedAt;
  expect(sample.outcome).toBe("ok");
  const { timings } = await state(control);
  const zako = timings.find(({ method }) => method === "transport.Download") as ZakoState["timings"][number];
  return { sample, zako, wallMs };
}

const seenMs = ({ observations }: Sample, family: string): number =>
  observations.filter((one) => one.family === family).reduce((sum, { value }) => sum + value * 1_000, 0);
const stallMs = (sample: Sample): number => seenMs(sample, "zako_v1_transport_stall_seconds_total");
const totalMs = (sample: Sample): number => seenMs(sample, "zako_v1_transport_download_duration_seconds");

/** Two processes on one machine, with clocks of whole milliseconds on one side: a third of the least that is measured. */
const SLACK_MS = 100;

it("measures what the server held: what is before the headers as latency, what is before a chunk as a stall", async () => {
  // Each piece of the answer is held: the chunk with the headers, and the trailers.
  await setFault(control, "slow-drip", { ms: 300, bytes: 2 ** 20 });
  const { sample, zako } = await download(4_096);
  const [toHeaders = 0, toTrailers = 0] = zako.heldMs;
  expect(zako.heldMs.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(toHeaders, toTrailers)).toBeGreaterThan(295);
  expect(stallMs(sample)).toBeGreaterThanOrEqual(toTrailers - SLACK_MS);
  expect(stallMs(sample)).toBeLessThan(totalMs(sample) - toHeaders + SLACK_MS);
  expect(totalMs(sample)).toBeGreaterThanOrEqual(zako.totalMs - SLACK_MS);
  expect(sample.steps[0]?.durationMs).toBeGreaterThanOrEqual(totalMs(sample) - SLACK_MS);
});

it("does not count hashing, however long it takes", async () => {
  /** Computes about 20 ms for every 64 KiB. */
  class SlowHash extends Blake3 {
    override update(bytes: Uint8Array): this {
      const until = performance.now() + (bytes.byteLength / 65_536) * 20;
      while (performance.now() < until);
      return super.update(bytes);
    }
  }
  const { sample, wallMs } = await download(2 ** 20, () => new SlowHash());
  const HASHING_MS = 16 * 20;
  expect(wallMs).toBeGreaterThan(HASHING_MS);
  // The rest of the wall time bounds all that can have been waited for.
  expect(stallMs(sample)).toBeLessThanOrEqual(wallMs - HASHING_MS + SLACK_MS);
  expect(totalMs(sample)).toBeLessThanOrEqual(wallMs - HASHING_MS + SLACK_MS);
  expect(sample.durationMs).toBeLessThanOrEqual(wallMs - HASHING_MS + SLACK_MS);
});
