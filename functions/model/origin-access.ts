import type { Outside, SecretHeader, Target } from "./probing/target.ts";

/** How calls reach an origin, and which secrets they carry there. */
export interface OriginAccess {
  /** Any URL of the origin. */
  url: string;
  /** Name of the fetcher binding that they go through; undefined: the public internet. */
  via: string | undefined;
  headers: readonly SecretHeader[];
}

const NONE: readonly SecretHeader[] = [];

/**
 * What tells places apart that a secret may go to: the origin, and the binding that leads to it. The same address behind two
 * bindings is two servers.
 */
export const routeKey = ({ url, via }: Pick<OriginAccess, "url" | "via">): string =>
  `${new URL(url).origin}${via === undefined ? "" : ` via ${via}`}`;

/** How the CAS and everything on its origin is reached. */
export const casAccess = ({ casUrl, via, headers }: Target): OriginAccess => ({
  url: casUrl,
  via,
  headers: headers ?? NONE,
});

/** How the Transport is reached. On another origin, or through another binding, it gets headers of its own or none. */
export function transportAccess(target: Target): OriginAccess {
  const cas = casAccess(target);
  const there = { url: target.transportUrl, via: target.transportVia ?? target.via };
  return { ...there, headers: target.transportHeaders ?? (isSameRoute(cas, there) ? cas.headers : NONE) };
}

/** How an endpoint outside of both is reached: as the CAS if it is on the CAS's origin and says nothing else. */
export function outsideAccess(target: Target, { url, via, headers }: Outside): OriginAccess {
  const cas = casAccess(target);
  const isOnCas = new URL(url).origin === new URL(target.casUrl).origin;
  const there = { url, via: via ?? (isOnCas ? target.via : undefined) };
  return { ...there, headers: headers ?? (isSameRoute(cas, there) ? cas.headers : NONE) };
}

/** Every way in which a target is reached, with its secrets. */
export const accessesOf = (target: Target): OriginAccess[] => [
  casAccess(target),
  transportAccess(target),
  ...target.probes.flatMap(({ outside }) => (outside === undefined ? [] : [outsideAccess(target, outside)])),
];

/** Names of the fetcher bindings that a target's calls go through, each once. */
export const bindingsOf = (target: Target): string[] => [
  ...new Set(accessesOf(target).flatMap(({ via }) => (via === undefined ? [] : [via]))),
];

const isSameRoute = (a: Pick<OriginAccess, "url" | "via">, b: Pick<OriginAccess, "url" | "via">): boolean =>
  a.via === b.via && (a.url === b.url || new URL(a.url).origin === new URL(b.url).origin);
