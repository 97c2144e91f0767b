import type { SecretHeader, Target, TokenHeader } from "../../model/probing/target.ts";
import type { Endpoint } from "./rpc.ts";

/** Endpoints of a target. Both carry the target's own secret; only transfers carry the token. */
export interface Endpoints {
  readonly cas: Endpoint;
  readonly transport: Endpoint;
}

interface Built extends Endpoints {
  readonly secret: string | undefined;
  readonly token: string | undefined;
}

// Routes are cached by the identity of their endpoint, so a target keeps its endpoints while its credentials stay.
const built = new WeakMap<Target, Built>();

/** The endpoints of a target, with the secret of its `auth` and the token of its `transportAuth` in their headers. */
export function endpointsOf(target: Target, secret: string | undefined, token: string | undefined): Endpoints {
  const known = built.get(target);
  if (known !== undefined && known.secret === secret && known.token === token) return known;
  const own = headerOf(target.auth, secret);
  const { protocol } = target;
  const fresh: Built = {
    cas: { baseUrl: target.casUrl, protocol, headers: own },
    transport: {
      baseUrl: target.transportUrl,
      protocol,
      headers: { ...own, ...headerOf(target.transportAuth, token) },
    },
    secret,
    token,
  };
  built.set(target, fresh);
  return fresh;
}

/** A header with its lower-case name; empty without a value. */
export function headerOf(
  how: SecretHeader | TokenHeader | undefined,
  value: string | undefined,
): Record<string, string> {
  if (how === undefined || value === undefined) return {};
  return { [how.header.toLowerCase()]: how.scheme === undefined ? value : `${how.scheme} ${value}` };
}
