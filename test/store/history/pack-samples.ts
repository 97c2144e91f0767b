import { SampleBlockWriter, type StoredSample } from "../../../functions/store/history/sample-block.ts";

/** Packs samples into one block, however large. */
export function packSamples(samples: readonly StoredSample[]): Uint8Array<ArrayBuffer> {
  const writer = new SampleBlockWriter();
  for (const sample of samples) writer.add(sample);
  return writer.finish();
}
