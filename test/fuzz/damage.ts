import fc from "fast-check";

/** What can befall stored or received bytes; positions are taken modulo the length. */
export type Damage =
  | { do: "flip"; at: number; bit: number }
  | { do: "cut"; at: number }
  | { do: "splice"; at: number; drop: number; bytes: Uint8Array }
  | { do: "repeat"; at: number; length: number }
  | { do: "replace"; bytes: Uint8Array };

const at = fc.nat(100_000);

export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("flip" as const), at, bit: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("splice" as const),
      at,
      drop: fc.nat(20),
      bytes: fc.uint8Array({ maxLength: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), at, length: fc.nat(200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("replace" as const), bytes: fc.uint8Array({ maxLength: 200 }) }),
  },
);

/** A damaged copy. */
export function damage(bytes: Uint8Array, what: Damage): Uint8Array<ArrayBuffer> {
  const place = bytes.length === 0 || what.do === "replace" ? 0 : what.at % bytes.length;
  switch (what.do) {
    case "flip": {
      const copy = bytes.slice();
      if (copy.length > 0) copy[place] = (copy[place] as number) ^ (1 << what.bit);
      return copy;
    }
    case "cut":
      return bytes.slice(0, place);
    case "splice":
      return Uint8Array.from([...bytes.subarray(0, place), ...what.bytes, ...bytes.subarray(place + what.drop)]);
    case "repeat":
      return Uint8Array.from([...bytes.subarray(0, place + what.length), ...bytes.subarray(place)]);
    case "replace":
      return what.bytes.slice();
  }
}
