import { expect } from "vitest";
import type { createRenderer } from "../../../functions/expose/metrics/render.ts";
import type { Snapshot } from "../../../functions/model/snapshot.ts";

type Shown = Parameters<ReturnType<typeof createRenderer>["render"]>[0];

/** The whole text of an answer. It may not be larger than the renderer said before it. */
export function wholeText(
  renderer: ReturnType<typeof createRenderer>,
  shards: readonly (Snapshot | undefined)[],
  more: Partial<Shown> = {},
): Uint8Array<ArrayBuffer> {
  const { mostBytes, pieces } = renderer.render({ shards, hasCount: true, ...more });
  const all = [...pieces()];
  const text = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    text.set(piece, at);
    at += piece.length;
  }
  expect(text.length).toBeLessThanOrEqual(mostBytes);
  return text;
}
