import { SHORTEST_TOKEN } from "../../config/token-problems.ts";
import type { PushTarget } from "../../probe/kinds/push.ts";
import { addressOf, bearerOf, slowRefusal } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";

/** Who may come in, and for which target. */
type Admission =
  | { ok: true; target: PushTarget }
  | { ok: false; status: 400 | 401 | 404 | 429; message: string; headers?: Record<string, string> };

const REALM = 'Bearer realm="zako-watch"';
const LONGEST_TOKEN = 4_096;

/** Finds the target that a sender may push for, from its headers and the name it gives, if any. */
export type PushAuthenticator = (headers: Headers, named: string | undefined) => Promise<Admission>;

/**
 * A token is valid for the targets whose secret it is; where there are several, the sender names one (`named`: header or
 * query). It is compared with every secret in constant time, and a sender without a valid token learns no target names.
 */
export function createPushAuthenticator(
  targets: readonly PushTarget[],
  secretOf: (binding: string) => string | undefined,
  auth: Pick<Auth, "gate" | "problemOf">,
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
      if (value === "" || auth.problemOf(target.secret) !== undefined) continue;
      if (crypto.subtle.timingSafeEqual(await digestOfSecret(value), sent)) opened.push(target);
    }
    return opened;
  };
  return async (headers, named) => {
    const token = bearerOf(headers.get("authorization"));
    if (token === undefined || token.length > LONGEST_TOKEN)
      return refused401('Send "Authorization: Bearer" with a push token.', REALM);
    let opened: PushTarget[] = [];
    const attempt = { route: "push", address: addressOf(headers), token } as const;
    const verdict = await auth.gate.judge(attempt, async () => {
      opened = await openedBy(token);
      return { said: opened.length > 0 ? "passes" : "wrong" };
    });
    if (verdict.said === "slowed") return { ok: false, ...slowRefusal(verdict) };
    const [first] = opened;
    if (first === undefined)
      return refused401(
        `The bearer token is not a push token. Check \`probes.push\` of the target, and that its secret is set, has at least ${SHORTEST_TOKEN} characters and differs from the other tokens.`,
        `${REALM}, error="invalid_token"`,
      );
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

const refused401 = (message: string, challenge: string): Admission => ({
  ok: false,
  status: 401,
  message,
  headers: { "www-authenticate": challenge },
});

const encoder = new TextEncoder();
const digestOf = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));
