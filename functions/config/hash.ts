/** JSON with the keys of every mapping in order, so that equal contents are equal texts. What JSON cannot hold throws. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)
      throw new TypeError("a configuration holds plain values only");
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
  }
  if (
    typeof value === "number" ? Number.isFinite(value) : ["string", "boolean"].includes(typeof value) || value === null
  )
    return JSON.stringify(value);
  throw new TypeError(`a configuration cannot hold a ${typeof value}`);
}

const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * FNV-1a, 64 bits, over UTF-8, as 16 hex digits; basis and prime are those of the algorithm's authors. It tells
 * one configuration from the next and protects nothing.
 */
export function digest(text: string): string {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  return hash.toString(16).padStart(16, "0");
}
