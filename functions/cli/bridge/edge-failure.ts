import { nodeCodeOf } from "../look/node-failure.ts";

/** How Cloudflare's edge says that an origin could not be asked: a status, and the number in its body. */
export interface EdgeFailure {
  status: number;
  /** The body is `error code: CODE`. */
  code: number;
}

const edge = (status: number, code = status): EdgeFailure => ({ status, code });

/** The origin answered with something that cannot be used, or broke off before its answer began. */
export const UNUSABLE = edge(520);

/** No connection to the origin came about in time. */
export const UNREACHED = edge(522);

/** The origin took the call and gave no answer in time. */
export const UNANSWERED = edge(524);

/**
 * Node's error codes by what the edge documents for the same trouble (developers.cloudflare.com, "Cloudflare 5xx
 * errors"). That 521 is what a native gRPC client sees of a refused origin behind the edge is on record
 * (fullstorydev/grpcurl issue 271), and 520 of an empty answer (XTLS/Xray-core issue 418). That calls which the edge
 * converts itself are no different is a guess.
 */
const BY_CODE: Readonly<Record<string, EdgeFailure>> = {
  ECONNREFUSED: edge(521),
  ETIMEDOUT: UNREACHED,
  EHOSTUNREACH: edge(523),
  ENETUNREACH: edge(523),
  EADDRNOTAVAIL: edge(523),
  ENOTFOUND: edge(530, 1016),
  EAI_AGAIN: edge(530, 1016),
};

/** OpenSSL's words for a certificate that does not convince, as Node passes them on. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** What the edge would make of the error that ended a call before its answer began. */
export function edgeFailureOf(error: unknown): EdgeFailure {
  const code = nodeCodeOf(error);
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known !== undefined) return known;
  if (CERTIFICATE.test(code)) return edge(526);
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)) return edge(525);
  return UNUSABLE;
}
