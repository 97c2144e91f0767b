import type { SocketAddress } from "../../../proto/gen/zako/v1/net_pb.ts";

/** Whether an advertised address equals one written as `1.2.3.4:9000` or `[2001:db8::1]:9000`. */
export function sameAddress(advertised: SocketAddress, written: string): boolean {
  const expected = parseAddress(written);
  const ip = bytesOf(advertised);
  if (expected === undefined || ip === undefined || advertised.port !== expected.port) return false;
  return ip.length === expected.ip.length && ip.every((byte, at) => byte === expected.ip[at]);
}

/** Why nobody can connect to an advertised address, as the end of "GetTransportDetails returned ..."; undefined if one can. */
export function unusableAddress(advertised: SocketAddress | undefined): string | undefined {
  const ip = advertised === undefined ? undefined : bytesOf(advertised);
  if (advertised === undefined || ip === undefined) return "no address";
  if (ip.length !== 16 && advertised.ip?.ipAddr.case === "v6")
    return `an IP address of ${ip.length} bytes; IPv6 has 16`;
  if (isUnspecified(ip)) return `the address ${ip.length === 4 ? "0.0.0.0" : "::"}, which names no host`;
  if (isGroup(ip)) return "a multicast or broadcast address, which names no host";
  if (advertised.port === 0) return "port 0";
  if (advertised.port > 65_535) return `port ${advertised.port}; the highest is 65535`;
  return undefined;
}

/** `::ffff:a.b.c.d`, which is an IPv4 address. */
const MAPPED = [...new Array<number>(10).fill(0), 0xff, 0xff];

const mappedV4 = (ip: Uint8Array): Uint8Array =>
  ip.length === 16 && MAPPED.every((byte, at) => ip[at] === byte) ? ip.subarray(12) : ip;

/** What a server listens on that listens on all of its addresses: 0.0.0.0 and its network, and ::. */
function isUnspecified(ip: Uint8Array): boolean {
  const real = mappedV4(ip);
  return real.length === 4 ? real[0] === 0 : real.every((byte) => byte === 0);
}

function isGroup(ip: Uint8Array): boolean {
  const real = mappedV4(ip);
  const [first = 0] = real;
  if (real.length === 16) return first === 0xff;
  return (first >= 224 && first <= 239) || real.every((byte) => byte === 255);
}

/** An IP address as its 4 or 16 bytes, and a port. Undefined if the text is invalid. */
export function parseAddress(written: string): { ip: Uint8Array; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(written);
  if (match === null) return undefined;
  const [, v6, v4, digits = ""] = match;
  const ip = v4 === undefined ? parseV6(v6 ?? "") : parseV4(v4);
  const port = Number(digits);
  return ip === undefined || port < 1 || port > 65_535 ? undefined : { ip, port };
}

function bytesOf({ ip }: SocketAddress): Uint8Array | undefined {
  switch (ip?.ipAddr.case) {
    case "v4": {
      const word = ip.ipAddr.value;
      return Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word);
    }
    case "v6":
      return ip.ipAddr.value;
    default:
      return undefined;
  }
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 16 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]);
}

/** Bytes of colon-separated groups. The last may be an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    const v4 = at === groups.length - 1 && group.includes(".") ? parseV4(group) : undefined;
    if (v4 !== undefined) bytes.push(...v4);
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const word = Number.parseInt(group, 16);
      bytes.push(word >>> 8, word & 0xff);
    } else return undefined;
  }
  return bytes;
}
