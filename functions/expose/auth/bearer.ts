import { equalInConstantTime } from "../../lib/constant-time.ts";
import type { AuthRoute } from "../../model/refused-tokens.ts";
import type { Slowed, TokenGate, TokenVerdict } from "./token-gate.ts";

/** A refusal that says what to do. */
export interface Refusal {
  status: 401 | 429;
  message: string;
  headers: Record<string, string>;
}

/** A secret that opens a route, and its name for error messages. */
export interface Guard {
  /** The binding that holds the secret. */
  binding: string;
  /** The secret; undefined or blank where the binding is not set; the route is closed then. */
  secret: string | undefined;
  /** Why the secret must not be used, as the end of a sentence; the route is closed then. */
  problem?: string | undefined;
}

/** Who asks for what. */
export interface Caller {
  route: AuthRoute;
  /** Headers of the request. */
  headers: Headers;
}

const REALM = 'Bearer realm="zako-watch"';

/** The token of an `Authorization` header. */
export const bearerOf = (authorization: string | null | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];

/** The address of a caller. On the platform's edge nobody can forge it; elsewhere nobody says it. */
export const addressOf = (headers: Headers): string | undefined => headers.get("cf-connecting-ip") ?? undefined;

/**
 * Checks the `Authorization` header; undefined means that the caller may pass. The secret is compared in constant time,
 * without blanks around it: a secret piped in from `echo` ends in a line end that no header can carry.
 */
export async function checkBearer(caller: Caller, guard: Guard, gate: TokenGate): Promise<Refusal | undefined> {
  const token = bearerOf(caller.headers.get("authorization"));
  const verdict = await checkCaller(caller, token, [guard], gate);
  switch (verdict.said) {
    case "passes":
      return undefined;
    case "closed":
      return refusal(`Access is disabled: ${howToSet(guard)}`);
    case "absent":
      return refusal(`Send "Authorization: Bearer" with the value of ${guard.binding}.`);
    case "wrong":
      return refusal(`The bearer token is not the value of ${guard.binding}.`, ', error="invalid_token"');
    case "slowed":
      return slowRefusal(verdict);
  }
}

const refusal = (message: string, more = ""): Refusal => ({
  status: 401,
  message,
  headers: { "www-authenticate": `${REALM}${more}` },
});

/** The refusal of a token that was not looked at. */
export const slowRefusal = ({ retryAfterMs }: Slowed): Refusal => ({
  status: 429,
  message: "Too many wrong tokens came from this address. Check the token, and try again later.",
  headers: { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) },
});

/** Checks a token against guards of which one is enough. */
export const checkCaller = (
  { route, headers }: Caller,
  token: string | undefined,
  guards: readonly Guard[],
  gate: TokenGate,
): Promise<TokenVerdict | Slowed> => {
  const given = token?.trim() || undefined;
  return gate.judge({ route, address: addressOf(headers), token: given }, async () => {
    const verdicts = await Promise.all(guards.map((guard) => checkToken(given, guard)));
    const said = (["passes", "wrong", "absent"] as const).find((one) => verdicts.includes(one));
    return { said: said ?? "closed" };
  });
};

async function checkToken(token: string | undefined, guard: Guard): Promise<TokenVerdict["said"]> {
  const secret = guard.secret?.trim() ?? "";
  if (secret === "" || guard.problem !== undefined) return "closed";
  if (token === undefined) return "absent";
  return (await equalInConstantTime(token, secret)) ? "passes" : "wrong";
}

/** What to do about a secret that is not set, or must not be used. */
export const howToSet = ({ binding, problem }: Guard): string =>
  problem === undefined
    ? `${binding} is not set. Set it with "wrangler secret put ${binding}".`
    : `${binding} ${problem}. Set another with "wrangler secret put ${binding}".`;
