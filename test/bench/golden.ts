/** The blob that downloads ask for: 64 KiB that are always the same. */
export const GOLDEN_BYTES = 65_536;

export function goldenContent(): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(GOLDEN_BYTES);
  let state = 1;
  for (let i = 0; i < content.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content[i] = state >>> 24;
  }
  return content;
}
