/**
 * Content of a canary: deterministic, different for different inputs, and cheap. It looks random, so that compression in
 * the store does not change results. It is not secret. A recheck has content of its own.
 */
export function canaryContent(
  installation: string,
  target: string,
  probe: string,
  period: number,
  sizeBytes: number,
  recheck?: number,
): Uint8Array<ArrayBuffer> {
  const name = [installation, target, probe, period, sizeBytes, ...(recheck === undefined ? [] : [recheck])];
  let [a, b, c, d] = seedOf(JSON.stringify(name));
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  // The generator is sfc32: three words of state and a counter that prevents short cycles.
  for (let at = -WARM_UP; at < words.length; at++) {
    const word = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    if (at >= 0) words[at] = word;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

/** Rounds before the first word, so that every bit of the seed affects every bit of the state. */
const WARM_UP = 16;

/** 128 bits from a text: four multiplicative hashes with different constants, mixed at the end. */
function seedOf(text: string): [number, number, number, number] {
  let a = 0x9e3779b9;
  let b = 0x7f4a7c15;
  let c = 0x243f6a88;
  let d = 0x85a308d3;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(rotate(a, 5) ^ unit, 0x01000193);
    b = Math.imul(rotate(b, 9) ^ unit, 0x85ebca6b);
    c = Math.imul(rotate(c, 13) ^ unit, 0xc2b2ae35);
    d = Math.imul(rotate(d, 17) ^ unit, 0x27d4eb2f);
  }
  return [a ^ rotate(d, 7), b ^ rotate(a, 11), c ^ rotate(b, 15), d ^ rotate(c, 19)];
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
