import { fnv1a } from "./fnv1a.ts";

/**
 * A stable whole number in [0, `buckets`) for a name, even over names that differ in one character only: the low bits
 * of FNV-1a alone depend on the low bits of the characters alone, so they are mixed once more (the finishing step of
 * MurmurHash3, 32 bit).
 */
export function spread(text: string, buckets: number): number {
  let mixed = fnv1a(text);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % buckets;
}
