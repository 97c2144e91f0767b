import { isPublicAddress, parseIp } from "./address-space.ts";

/**
 * Endings of names that no public server has: IANA's special-use domain names (RFC 6761 and later; `.arpa` covers those
 * of RFC 6761, 8375, 8880, 9031, 9140, 9462 and 9665), what ICANN keeps for private use, and what RFC 6762, appendix G,
 * found in use on private networks. `.example` (RFC 6761, section 6.5) is not among them: nobody can ever have such a
 * name, so it is a placeholder that does no harm, and the configuration we ship must compile.
 */
const PRIVATE_ENDINGS = [
  "localhost", // RFC 6761
  "invalid", // RFC 6761
  "test", // RFC 6761
  "local", // RFC 6762
  "onion", // RFC 7686
  "home.arpa", // RFC 8375
  "alt", // RFC 9476
  "arpa", // RFC 3172: infrastructure, no servers
  "internal", // ICANN, board resolution of 29 July 2024
  "intranet", // RFC 6762, appendix G, down to `lan`
  "private",
  "corp",
  "home",
  "lan",
  "mail", // ICANN, never to be delegated, as corp and home
  "localdomain", // the default of many a resolver
  "svc", // Kubernetes, inside a cluster
];

/** Names behind which clouds keep the credentials of the machine that asks; those without a dot are refused anyway. */
const METADATA_NAMES = [
  "metadata.goog",
  "metadata.google.internal",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
  "metadata.packet.net",
  "metadata.platformequinix.com",
  "api.metadata.cloud.ibm.com",
];

/** Public names that lead wherever their first labels say, or to the machine that asks. */
const SPELLING_SERVICES = ["nip.io", "sslip.io", "xip.io", "traefik.me", "localtest.me", "lvh.me", "vcap.me"];

const under = (host: string, names: readonly string[]): string | undefined =>
  names.find((name) => host === name || host.endsWith(`.${name}`));

/** The address that a name of such a service spells with dots or dashes; hex and IPv6 count as none. */
function spelledAddress(host: string): Uint8Array | undefined {
  const quad = /(?:^|[.-])([0-9]{1,3})[.-]([0-9]{1,3})[.-]([0-9]{1,3})[.-]([0-9]{1,3})(?=[.-])/.exec(host);
  return quad === null ? undefined : parseIp(quad.slice(1).join("."));
}

/** Whether a cloud answers under this name with credentials of the machine that asks. */
export const isMetadataName = (host: string): boolean =>
  host === "metadata" || under(host, METADATA_NAMES) !== undefined;

/** Why a well-formed name, in lower case, is not one of a public server; undefined where nothing speaks against it. */
export function notPublic(host: string): string | undefined {
  const ending = under(host, PRIVATE_ENDINGS);
  if (ending !== undefined) return `has a name that is not public (.${ending})`;
  if (isMetadataName(host) && host.includes(".")) return "has the name of a cloud's metadata service";
  if (!host.includes(".")) return "has a host name without a dot, which is not public";
  const service = under(host, SPELLING_SERVICES);
  const spelled = service === undefined ? undefined : spelledAddress(host);
  if (service !== undefined && (spelled === undefined || !isPublicAddress(spelled)))
    return `has a name under ${service} that leads to no public address`;
  return undefined;
}
