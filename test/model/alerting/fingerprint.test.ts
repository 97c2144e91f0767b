import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";

/** The same by the book: 64-bit arithmetic. */
function byBigInt(labels: Record<string, string>): string {
  let hash = 0xcbf29ce484222325n;
  const names = Object.keys(labels).filter((name) => labels[name] !== "");
  for (const name of names.sort())
    for (const byte of [...new TextEncoder().encode(name), 255, ...new TextEncoder().encode(labels[name]), 255])
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, "0");
}

test("a fingerprint is the one that Alertmanager showed", () => {
  const labels = { severity: "critical", alertname: "ZakoTargetDown", target: "cas-eu" };
  expect(fingerprint(labels)).toBe("4ff3c09cac2d4181");
  expect(fingerprint({ ...labels, gone: "" })).toBe("4ff3c09cac2d4181");
});

test("a fingerprint is FNV-1a-64 for any labels in any order", () => {
  const label = fc.tuple(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "binary", maxLength: 40 }));
  fc.assert(
    fc.property(fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 8 }), (pairs) => {
      const print = fingerprint(Object.fromEntries(pairs));
      expect(print).toBe(byBigInt(Object.fromEntries(pairs)));
      expect(fingerprint(Object.fromEntries([...pairs].reverse()))).toBe(print);
    }),
  );
});
