import { orLate, startDeadline } from "../lib/deadline.ts";

/** KV key of the override of the deployed configuration. */
export const OVERRIDE_KEY = "config";

/** Minimum time that KV caches a value near the reader (30 s is KV's lower limit). */
const CACHE_SECONDS = 30;
/** Probing waits for KV at most this long. */
const PATIENCE_MS = 2_000;

/** Result of reading KV: the text, null if there is none, or no answer. */
export type OfferedOverride = { read: true; text: string | null } | { read: false };

/** The part of a KV namespace that is needed. */
export interface OverrideSource {
  get(key: string, options: { type: "text"; cacheTtl: number }): Promise<string | null>;
}

/** Reads the override, up to one character more than `longest`. Never rejects and takes at most 2 s. */
export async function readOverride(kv: OverrideSource, longest: number): Promise<OfferedOverride> {
  using deadline = startDeadline(PATIENCE_MS, Date.now());
  try {
    const asked = kv.get(OVERRIDE_KEY, { type: "text", cacheTtl: CACHE_SECONDS });
    const text = await orLate(asked, deadline.signal, undefined);
    if (text === undefined) return { read: false };
    return { read: true, text: text === null ? null : text.slice(0, longest + 1) };
  } catch {
    return { read: false };
  }
}
