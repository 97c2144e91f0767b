import type { Target, TokenHeader } from "../../model/probing/target.ts";
import type { Endpoint } from "./rpc.ts";

/** Endpoints of a target. Each carries the secrets of its own origin; only transfers carry the token. */
export interface Endpoints {
  readonly cas: Endpoint;
  readonly transport: Endpoint;
}

/** Headers with lower-case names. */
type HeaderValues = Readonly<Record<string, string>>;

/** What the calls of a run show. */
interface Shown {
  readonly cas: HeaderValues;
  readonly transport: HeaderValues;
  /** For transfers. */
  readonly token: string | undefined;
}

// Routes are cached by the identity of their endpoint, so a target keeps its endpoints while its credentials stay.
const built = new WeakMap<Target, Endpoints & { shown: Shown }>();

/** The endpoints of a target, with the secrets of their origins, and the token in the header of its `transportAuth`. */
export function endpointsOf(target: Target, shown: Shown): Endpoints {
  const known = built.get(target);
  if (known !== undefined && isSame(known.shown, shown)) return known;
  const { protocol } = target;
  const fresh = {
    cas: { baseUrl: target.casUrl, protocol, headers: shown.cas },
    transport: {
      baseUrl: target.transportUrl,
      protocol,
      headers: { ...shown.transport, ...tokenHeader(target.transportAuth, shown.token) },
    },
    shown,
  };
  built.set(target, fresh);
  return fresh;
}

const isSame = (a: Shown, b: Shown): boolean =>
  a.token === b.token && haveSameValues(a.cas, b.cas) && haveSameValues(a.transport, b.transport);

function haveSameValues(a: HeaderValues, b: HeaderValues): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function tokenHeader(how: TokenHeader | undefined, token: string | undefined): HeaderValues {
  if (how === undefined || token === undefined) return {};
  return { [how.header.toLowerCase()]: how.scheme === undefined ? token : `${how.scheme} ${token}` };
}
