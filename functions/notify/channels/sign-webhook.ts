const encoder = new TextEncoder();

/** A key in Standard Webhooks' spelling; undefined where a secret is none. 24 to 64 bytes, spec 1.0.0. */
export function webhookKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secret.startsWith("whsec_")) return undefined;
  try {
    const key = Uint8Array.from(atob(secret.slice("whsec_".length)), (c) => c.charCodeAt(0));
    return key.length >= 24 && key.length <= 64 ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Headers of Standard Webhooks 1.0.0: one signature (HMAC-SHA-256) for each key, so that a receiver may know either of
 * two during a rotation. `id` is the same on every try and has no dot; `timestampSeconds` is this try's.
 */
export async function signWebhook(
  keys: readonly Uint8Array<ArrayBuffer>[],
  id: string,
  timestampSeconds: number,
  body: string,
): Promise<Record<string, string>> {
  const signed = encoder.encode(`${id}.${timestampSeconds}.${body}`);
  const signatures: string[] = [];
  for (const raw of keys) {
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
    signatures.push(`v1,${btoa(String.fromCharCode(...mac))}`);
  }
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}
