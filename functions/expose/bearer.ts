import { equalInConstantTime } from "../lib/constant-time.ts";

/** A refusal that says what to do; `challenge` is the value of `WWW-Authenticate`. */
export interface Refusal {
  message: string;
  challenge: string;
}

/** A secret that opens a route, and its name for error messages. */
export interface Guard {
  /** The binding that holds the secret. */
  binding: string;
  /** The secret; undefined or blank where the binding is not set; the route is closed then. */
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
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  switch (await checkToken(token, guard)) {
    case "passes":
      return undefined;
    case "closed":
      return { message: `Access is disabled: ${howToSet(guard)}`, challenge: REALM };
    case "absent":
      return { message: `Send "Authorization: Bearer" with the value of ${guard.binding}.`, challenge: REALM };
    case "wrong":
      return {
        message: `The bearer token is not the value of ${guard.binding}.`,
        challenge: `${REALM}, error="invalid_token"`,
      };
  }
}

/** Checks a token. `closed`: the secret is not set, so no token passes. */
export async function checkToken(
  token: string | undefined,
  guard: Guard,
): Promise<"passes" | "closed" | "absent" | "wrong"> {
  const secret = guard.secret?.trim() ?? "";
  const given = token?.trim() ?? "";
  if (secret === "") return "closed";
  if (given === "") return "absent";
  return (await equalInConstantTime(given, secret)) ? "passes" : "wrong";
}

/** What to do about a secret that is not set. */
export const howToSet = ({ binding }: Guard): string =>
  `${binding} is not set. Set it with "wrangler secret put ${binding}".`;
