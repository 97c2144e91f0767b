/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const DEPTH = 24;

/**
 * An executionContext with values that conversions often get wrong: limits of doubles and 32-bit integers, text in many
 * scripts, characters that need escaping, nesting, and empty values of all kinds. Different for each slot and attempt.
 */
export function sampleContext(slot: number, attempt: number): Json {
  let nested: Json = "bottom";
  for (let level = 0; level < DEPTH; level++) nested = level % 2 === 0 ? [nested] : { level, below: nested };
  return {
    run: { slot, attempt },
    numbers: [0, 1, -1, 0.1, -2.5, 1.5e-9, 1e21, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1)],
    text: [
      "",
      "build",
      "构建缓存",
      "بناء",
      "e\u0301 ≠ é",
      "🦀👩🏽‍🔧",
      '"quoted" \\ / \b\f\n\r\t',
      "\u0000\u001f\u2028\u2029\ufeff",
    ],
    keys: { "": 1, "10": 2, "9": 3, "a.b": 4, 名: 5, "with space": 6 },
    nothing: [null, false, true, {}, [], [null], [[]], { none: null }],
    nested,
  };
}

/**
 * Where a returned value differs from the sent one, as a path of the sent value's keys; undefined if they are equal. The
 * returned value is followed only as deep as the sent one.
 */
export function firstDifference(sent: Json, back: unknown, path = ""): string | undefined {
  if (sent === null || typeof sent !== "object") return Object.is(sent, back) ? undefined : path;
  if (back === null || typeof back !== "object" || Array.isArray(sent) !== Array.isArray(back)) return path;
  const keys = Object.keys(sent);
  if (Object.keys(back).length !== keys.length) return path;
  for (const key of keys) {
    if (!Object.hasOwn(back, key)) return path;
    const at = path === "" ? key : `${path}.${key}`;
    const difference = firstDifference(
      (sent as Record<string, Json>)[key] ?? null,
      (back as Record<string, unknown>)[key],
      at,
    );
    if (difference !== undefined) return difference;
  }
  return undefined;
}
