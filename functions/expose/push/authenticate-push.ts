import type { PushTarget } from "../../probe/kinds/push.ts";

/** Who may come in, and for which target. */
type Admission =
  | { ok: true; target: PushTarget }
  | { ok: false; status: 400 | 401 | 404; message: string; challenge?: string };

const REALM = 'Bearer realm="zako-watch"';
const LONGEST_TOKEN = 4_096;

/** Finds the target that a sender may push for, from its `Authorization` and the name it gives, if any. */
export type PushAuthenticator = (authorization: string | undefined, named: string | undefined) => Promise<Admission>;

/**
 * A token is valid for the targets whose secret it is; where there are several, the sender names one (`named`: header or
 * query). It is compared with every secret in constant time, and a sender without a valid token learns no target names.
 */
export function createPushAuthenticator(
  targets: readonly PushTarget[],
  secretOf: (binding: string) => string | undefined,
): PushAuthenticator {
  const digests = new Map<string, ArrayBuffer>();
  const digestOfSecret = async (value: string): Promise<ArrayBuffer> => {
    const digest = digests.get(value) ?? (await digestOf(value));
    digests.set(value, digest);
    return digest;
  };
  const openedBy = async (token: string): Promise<PushTarget[]> => {
    const sent = await digestOf(token);
    const opened: PushTarget[] = [];
    for (const target of targets) {
      const value = secretOf(target.secret)?.trim() ?? "";
      if (value !== "" && crypto.subtle.timingSafeEqual(await digestOfSecret(value), sent)) opened.push(target);
    }
    return opened;
  };
  return async (authorization, named) => {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (token === undefined || token.length > LONGEST_TOKEN)
      return { ok: false, status: 401, message: 'Send "Authorization: Bearer" with a push token.', challenge: REALM };
    const opened = await openedBy(token);
    const [first] = opened;
    if (first === undefined) {
      const message =
        "The bearer token is not a push token. Check `probes.push` of the target, and that its secret is set.";
      return { ok: false, status: 401, message, challenge: `${REALM}, error="invalid_token"` };
    }
    const target = named === undefined ? first : opened.find(({ name }) => name === named);
    if (target === undefined)
      return {
        ok: false,
        status: 404,
        message: "The token is not valid for a target of that name. Check the name in ?target= or X-Zako-Target.",
      };
    if (named !== undefined || opened.length === 1) return { ok: true, target };
    const message = "The token is valid for several targets. Name one with ?target= or X-Zako-Target.";
    return { ok: false, status: 400, message };
  };
}

const encoder = new TextEncoder();
const digestOf = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));
