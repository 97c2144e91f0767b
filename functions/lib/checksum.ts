/**
 * MurmurHash3 without the final mix, over a buffer from `from` on (a multiple of 4). Detects accidental damage, not
 * tampering.
 */
export function checksum(data: ArrayBuffer, from: number): number {
  const words = new Uint32Array(data, from, (data.byteLength - from) >>> 2);
  let hash = data.byteLength;
  for (let i = 0; i < words.length; i++) hash = mixed(hash, words[i] as number);
  let last = 0;
  for (const byte of new Uint8Array(data, from + words.byteLength)) last = (last << 8) | byte;
  return mixed(hash, last) >>> 0;
}

function mixed(hash: number, data: number): number {
  let word = Math.imul(data, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  const next = hash ^ Math.imul(word, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
