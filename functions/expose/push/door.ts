import type { PushTarget } from "../../probe/push.ts";

/** Who may come in, and for which target. */
export type Admission =
  | { ok: true; target: PushTarget }
  | { ok: false; status: 400 | 401 | 404; message: string; challenge?: string };

const REALM = 'Bearer realm="zako-watch"';
const LONGEST_TOKEN = 4_096;

/**
 * Finds the target that a token opens. Where it opens several, the sender names one (`named`: header or query). The token
 * is compared with each one there is, in constant time, and who has none learns nothing of which targets there are.
 */
export async function admit(
  targets: readonly PushTarget[],
  secretOf: (binding: string) => string | undefined,
  authorization: string | undefined,
  named: string | undefined,
): Promise<Admission> {
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (token === undefined || token.length > LONGEST_TOKEN)
    return { ok: false, status: 401, message: 'Send "Authorization: Bearer" with a push token.', challenge: REALM };
  const sent = await digestOf(token);
  const digests = new Map<string, ArrayBuffer | undefined>();
  for (const { secret } of targets) {
    if (digests.has(secret)) continue;
    const value = secretOf(secret)?.trim() ?? "";
    digests.set(secret, value === "" ? undefined : await digestOf(value));
  }
  const opened = targets.filter(({ secret }) => {
    const digest = digests.get(secret);
    return digest !== undefined && crypto.subtle.timingSafeEqual(digest, sent);
  });
  const [first] = opened;
  if (first === undefined) {
    const message = "The bearer token is no push token: see `probes.push` of the target, and that its secret is set.";
    return { ok: false, status: 401, message, challenge: `${REALM}, error="invalid_token"` };
  }
  if (named !== undefined) {
    const target = opened.find(({ name }) => name === named);
    if (target !== undefined) return { ok: true, target };
    return { ok: false, status: 404, message: "The token opens no target of that name." };
  }
  if (opened.length === 1) return { ok: true, target: first };
  return {
    ok: false,
    status: 400,
    message: "The token opens several targets: name one, with ?target= or X-Zako-Target.",
  };
}

const encoder = new TextEncoder();
const digestOf = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));
