import { fnv1a } from "./fnv1a.ts";

/**
 * A stable whole number in [0, `buckets`) for a name, evenly distributed even for names that differ in one character. The
 * low bits of FNV-1a depend only on the low bits of the characters, so they are mixed once more (the final step of
 * MurmurHash3, 32 bit).
 */
export function spread(text: string, buckets: number): number {
  let mixed = fnv1a(text);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % buckets;
}
