import { parseAddress } from "../../probe/zako/advertised-address.ts";
import { SPECIAL_V4, SPECIAL_V6, type SpecialBlock } from "./special-addresses.ts";

/** An IP address as its 4 or 16 bytes. Undefined where the text, without brackets, is none in its plain spelling. */
export function parseIp(text: string): Uint8Array | undefined {
  return parseAddress(text.includes(":") ? `[${text}]:1` : `${text}:1`)?.ip;
}

interface Prefix {
  bytes: Uint8Array;
  bits: number;
}

function prefixOf({ prefix }: SpecialBlock): Prefix {
  const [address = "", bits = ""] = prefix.split("/");
  const bytes = parseIp(address);
  if (bytes === undefined) throw new TypeError(`${prefix} is not a block of addresses`);
  return { bytes, bits: Number(bits) };
}

function isIn(ip: Uint8Array, { bytes, bits }: Prefix): boolean {
  if (ip.length !== bytes.length) return false;
  for (let at = 0; at * 8 < bits; at++) {
    const mask = 0xff << Math.max(0, (at + 1) * 8 - bits);
    if ((((ip[at] as number) ^ (bytes[at] as number)) & mask & 0xff) !== 0) return false;
  }
  return true;
}

/** Narrow blocks stand before the wider ones that hold them, so the first match says most. */
const BLOCKS = [...SPECIAL_V4, ...SPECIAL_V6].map((block) => ({ block, prefix: prefixOf(block) }));
const UNASSIGNED: SpecialBlock = { prefix: "::/0", what: "not handed out", source: "RFC 4291" };
const GLOBAL_V6: Prefix = { bytes: Uint8Array.of(0x20, ...new Array<number>(15).fill(0)), bits: 3 };

/** The special-purpose block that holds an address; undefined for one of the public internet. */
export function specialBlock(ip: Uint8Array): SpecialBlock | undefined {
  const found = BLOCKS.find(({ prefix }) => isIn(ip, prefix));
  if (found !== undefined) return found.block;
  return ip.length === 16 && !isIn(ip, GLOBAL_V6) ? UNASSIGNED : undefined;
}

const within = (prefix: string, bytes: number) => ({ prefix: prefixOf({ prefix, what: "", source: "" }), bytes });

/** Local-use NAT64 with a /96 of it, RFC 8215. */
const LOCAL_NAT64 = within("64:ff9b:1::/48", 12);

/** Where IPv6 addresses carry an IPv4 one: the offset of its four bytes. */
const EMBEDDINGS = [
  within("::ffff:0:0/96", 12), // mapped, RFC 4291
  within("::/96", 12), // compatible, RFC 4291
  within("::ffff:0:0:0/96", 12), // translated, RFC 2765
  within("64:ff9b::/96", 12), // NAT64, RFC 6052
  LOCAL_NAT64,
  within("2002::/16", 2), // 6to4, RFC 3056
  within("2001::/32", 4), // Teredo server, RFC 4380
];
const TEREDO = within("2001::/32", 12);
const ISATAP = [
  [0x00, 0x00, 0x5e, 0xfe],
  [0x02, 0x00, 0x5e, 0xfe],
]; // RFC 5214, section 6.1

/** The IPv4 addresses that an IPv6 address leads to by way of a transition mechanism. */
export function embeddedV4(ip: Uint8Array): Uint8Array[] {
  // `::` and `::1` lie in the space of IPv4-compatible addresses and are none (RFC 4291, section 2.5.5.1).
  if (ip.length !== 16 || specialBlock(ip)?.prefix.endsWith("/128")) return [];
  const found = EMBEDDINGS.filter(({ prefix }) => isIn(ip, prefix)).map(({ bytes }) => ip.slice(bytes, bytes + 4));
  // Teredo's client address is stored with every bit turned over (RFC 4380, section 4).
  if (isIn(ip, TEREDO.prefix)) found.push(ip.slice(12).map((byte) => byte ^ 0xff));
  // NAT64 prefixes shorter than 96 bits spread the address around byte 8, which is zero (RFC 6052, section 2.2).
  if (isIn(ip, LOCAL_NAT64.prefix) && ip[8] === 0) found.push(Uint8Array.of(...ip.slice(6, 8), ...ip.slice(9, 11)));
  if (ISATAP.some((id) => id.every((byte, i) => ip[8 + i] === byte))) found.push(ip.slice(12));
  return found;
}

/** Blocks without a server of anybody's network in them: link local holds the metadata services of clouds. */
const SERVERLESS: ReadonlySet<string> = new Set([
  "this host",
  "this network",
  "link local",
  "multicast",
  "limited broadcast",
  "unspecified",
  "discard only",
]);
/** Metadata services elsewhere: AWS over IPv6, Alibaba Cloud, Oracle Cloud. */
const METADATA = ["fd00:ec2::254", "100.100.100.200", "192.0.0.192"].map((text) => String(parseIp(text)));

/** Whether an address leads to no server of a network, or to what hands credentials to whoever asks. */
export function isNoServer(ip: Uint8Array): boolean {
  const kind = specialBlock(ip)?.what;
  if ((kind !== undefined && SERVERLESS.has(kind)) || METADATA.includes(String(ip))) return true;
  return embeddedV4(ip).some(isNoServer);
}

/** Whether an address is one of the public internet, and leads to nothing else. */
export function isPublicAddress(ip: Uint8Array): boolean {
  return specialBlock(ip) === undefined && embeddedV4(ip).every(isPublicAddress);
}
