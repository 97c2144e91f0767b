import { blake3 as noble } from "@noble/hashes/blake3.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Blake3, blake3MemoryBytes } from "../../functions/lib/blake3.ts";
import { toHex } from "../../functions/lib/hex.ts";
import { blake3 } from "../blake3.ts";

it("hashes the empty input as the specification says", () => {
  expect(toHex(blake3(new Uint8Array()))).toBe("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
});

it("agrees with another implementation, however the input is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), (pieces) => {
      const hash = new Blake3();
      const whole = noble.create();
      for (const piece of pieces) {
        hash.update(piece);
        whole.update(piece);
      }
      expect(hash.digest()).toEqual(whole.digest());
    }),
  );
});

it("agrees around the sizes at which input is cut into pieces and chunks", () => {
  for (const size of [1, 63, 64, 65, 1023, 1024, 1025, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
    expect(blake3(bytes)).toEqual(noble(bytes));
  }
});

it("reads views at their own offset and keeps interleaved hashes apart", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
  const left = new Blake3().update(bytes.subarray(10, 20));
  const right = new Blake3().update(bytes.subarray(200, 290));
  expect(left.update(bytes.subarray(20, 30)).digest()).toEqual(noble(bytes.slice(10, 30)));
  expect(right.digest()).toEqual(noble(bytes.slice(200, 290)));
});

it("gives memory back when hashes are abandoned, however large the input was", () => {
  const abandon = (): void => {
    using hash = new Blake3();
    hash.update(new Uint8Array(1_000_000));
  };
  abandon();
  const before = blake3MemoryBytes();
  // A state is about 2 KB: 2,000 that were kept would take 4 MB.
  for (let i = 0; i < 2000; i++) {
    using hash = new Blake3();
    hash.update(new Uint8Array(64));
  }
  for (let i = 0; i < 20; i++) abandon();
  expect(blake3MemoryBytes()).toBe(before);
});

it("refuses a hash that has ended", () => {
  const hash = new Blake3();
  hash.digest();
  hash[Symbol.dispose]();
  expect(() => hash.update(new Uint8Array(1))).toThrow("it has ended");
  expect(() => hash.digest()).toThrow("it has ended");
});
