import { type FetcherBinding, UnusableBinding } from "../lib/fetcher-of.ts";
import type { OriginAccess } from "../model/origin-access.ts";
import { type Failure, failure } from "../model/probing/failure.ts";
import type { SecretHeader } from "../model/probing/target.ts";

/** What the platform gives for reaching a target. */
export interface AccessDeps {
  /** The secret of a binding; undefined if it is not bound. */
  readonly secret: (name: string) => string | undefined;
  /** The fetcher binding of a name; undefined if there is none. */
  readonly fetcher: (name: string) => FetcherBinding | undefined;
  /** Replaces the platform's fetch for everything that goes through no binding. */
  readonly fetch?: typeof fetch;
}

/** An origin that can be called. */
export interface OpenAccess {
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the platform's own. */
  readonly fetch: typeof fetch | undefined;
}

/** Access to nothing in particular: no secrets, the public internet. */
export const plainAccess = ({ fetch }: AccessDeps): OpenAccess => ({ headers: NO_HEADERS, fetch });

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Looks up what calls to an origin need: their secrets and their binding; or why there can be no call. */
export function openAccess(access: OriginAccess, deps: AccessDeps): OpenAccess | Failure {
  const { via, headers } = access;
  const values: Record<string, string> = {};
  for (const header of headers) {
    const value = headerValue(header, deps);
    if (typeof value !== "string") return value;
    values[header.header] = value;
  }
  if (via === undefined) return { headers: values, fetch: deps.fetch };
  const binding = deps.fetcher(via);
  if (binding === undefined) return missingBinding(via);
  return { headers: values, fetch: fetchThrough(binding) };
}

/** Everything that must not come back in a server's words: the secrets, and what basic authentication makes of them. */
export const secretsIn = (headers: readonly SecretHeader[], { secret }: Pick<AccessDeps, "secret">): string[] =>
  headers.flatMap((header) => {
    const value = secret(header.secret);
    if (value === undefined) return [];
    return header.username === undefined ? [value] : [value, basicCredentials(header.username, value)];
  });

/** Characters that a header may hold: visible ASCII, and the spaces between. */
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

function headerValue({ scheme, secret: name, username }: SecretHeader, { secret }: AccessDeps): string | Failure {
  // Whoever pipes a secret into wrangler stores the line end with it.
  const value = secret(name)?.replace(/\r?\n$/, "");
  if (value === undefined || value === "")
    return failure("secret_missing", true, {
      message: `the secret ${name} is not bound`,
      hint: `set it with \`wrangler secret put ${name}\``,
    });
  if (username !== undefined) return `Basic ${basicCredentials(username, value)}`;
  if (!SENDABLE.test(value))
    return failure("secret_missing", true, {
      message: `the secret ${name} cannot be sent in a header: it has a line break, or a character outside ASCII`,
      hint: `set it again with \`wrangler secret put ${name}\``,
    });
  return scheme === undefined ? value : `${scheme} ${value}`;
}

/** RFC 7617, with UTF-8. */
function basicCredentials(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password.replace(/\r?\n$/, "")}`);
  return btoa(String.fromCharCode(...bytes));
}

const missingBinding = (name: string): Failure =>
  failure("binding_missing", false, {
    message: `the target is reached through the binding ${name}, and this deployment has no fetcher of that name`,
    hint: "add the binding to wrangler.toml and deploy: `config check` prints the lines",
  });

/** What the platform says where a request chain has used up its calls to other Workers, or its subrequests. */
const LIMIT = /too many subrequests|too many .{0,30}invocations|limit exceeded/i;

/** How a local run says that a binding exists on the platform only: VPC services and networks, client certificates. */
const ONLY_REMOTE = /needs to be run remotely/i;

/** The fetch of a binding, with the signature of the platform's own. */
const fetchThrough =
  (binding: FetcherBinding): typeof fetch =>
  async (input, init) => {
    // Whatever cannot be sent fails here, and is a bug of ours.
    const request = new Request(input, init);
    try {
      return await binding.fetch(request);
    } catch (error) {
      request.signal.throwIfAborted();
      const said = error instanceof Error ? error.message : String(error);
      if (ONLY_REMOTE.test(said)) throw new UnusableBinding("the binding works on the platform only", { cause: error });
      // A Worker behind the binding may throw anything, a TypeError too: to us it is a lost connection.
      throw new Error(LIMIT.test(said) ? "too many subrequests" : "the binding gave no answer", { cause: error });
    }
  };
