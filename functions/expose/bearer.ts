import { equalInConstantTime } from "../lib/constant-time.ts";

/** A refusal that says what to do; `challenge` is the value of `WWW-Authenticate`. */
export interface Refusal {
  message: string;
  challenge: string;
}

/** A secret that opens a route, and how to name it to whoever is refused. */
export interface Guard {
  /** The binding that holds the secret. */
  binding: string;
  /** The secret; undefined or blank where the binding is not set, and then nothing opens the route. */
  secret: string | undefined;
}

const REALM = 'Bearer realm="zako-watch"';

/**
 * Checks an `Authorization` header; undefined means that the caller may pass. The secret is compared in constant time,
 * without blanks around it: a secret piped in from `echo` ends in a line end that no header can carry.
 */
export async function checkBearer(
  authorization: string | null | undefined,
  guard: Guard,
): Promise<Refusal | undefined> {
  const secret = guard.secret?.trim() ?? "";
  if (secret === "") {
    const message = `This is closed: ${guard.binding} is not set. Set it with "wrangler secret put ${guard.binding}".`;
    return { message, challenge: REALM };
  }
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (token === undefined)
    return { message: `Send "Authorization: Bearer" with the value of ${guard.binding}.`, challenge: REALM };
  if (await equalInConstantTime(token, secret)) return undefined;
  return {
    message: `The bearer token is not the value of ${guard.binding}.`,
    challenge: `${REALM}, error="invalid_token"`,
  };
}
