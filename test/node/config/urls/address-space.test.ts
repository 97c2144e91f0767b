import { BlockList, isIPv4 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddedV4, isPublicAddress, parseIp, specialBlock } from "../../../../functions/config/urls/address-space.ts";
import { SPECIAL_V4, SPECIAL_V6 } from "../../../../functions/config/urls/special-addresses.ts";
import { checkUrl } from "../../../../functions/config/urls/url-policy.ts";

/** The entries of both registries as they were published, and the multicast and deprecated spaces that they leave out. */
const REGISTRY = `0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24
  192.52.193.0/24 192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
  203.0.113.0/24 240.0.0.0/4 255.255.255.255/32 224.0.0.0/4
  ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128
  2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28
  2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 ff00::/8 fec0::/10`
  .trim()
  .split(/\s+/);

const bytesOf = (text: string): Uint8Array => {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
};
const numberOf = (ip: Uint8Array): bigint => ip.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytesFrom = (value: bigint, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
const textOf = (ip: Uint8Array): string =>
  ip.length === 4
    ? ip.join(".")
    : Array.from({ length: 8 }, (_, i) => (((ip[2 * i] ?? 0) << 8) | (ip[2 * i + 1] ?? 0)).toString(16)).join(":");

interface Range {
  prefix: string;
  first: bigint;
  last: bigint;
  length: number;
}

function rangeOf(prefix: string): Range {
  const [address = "", bits = ""] = prefix.split("/");
  const ip = bytesOf(address);
  const host = BigInt(ip.length * 8 - Number(bits));
  const first = numberOf(ip);
  return { prefix, first, last: first + (1n << host) - 1n, length: ip.length };
}

const insideOf = ({ first, last, length }: Range): fc.Arbitrary<Uint8Array> =>
  fc
    .oneof(fc.constant(first), fc.constant(last), fc.bigInt({ min: first, max: last }))
    .map((value) => bytesFrom(value, length));
const special = fc.constantFrom(...REGISTRY.map(rangeOf)).chain(insideOf);
const anyV4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const anyV6 = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** Another implementation of the same question; a list of both families would take every IPv4 address for a mapped one. */
const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const prefix of REGISTRY) {
  const [address = "", bits = ""] = prefix.split("/");
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  lists[family].addSubnet(address, Number(bits), family);
}
const isListed = (ip: Uint8Array): boolean => {
  const family = ip.length === 4 ? "ipv4" : "ipv6";
  return lists[family].check(textOf(ip), family);
};

const urlOf = (ip: Uint8Array): string => `https://${ip.length === 4 ? textOf(ip) : `[${textOf(ip)}]`}/`;
const isLoopback = (ip: Uint8Array): boolean => (ip.length === 4 ? ip[0] === 127 : numberOf(ip) === 1n);

describe("the special-purpose address registries", () => {
  it.each(REGISTRY)("hold %s, from its first address to its last", (prefix) => {
    const { first, last, length } = rangeOf(prefix);
    for (const value of [first, (first + last) / 2n, last])
      expect(specialBlock(bytesFrom(value, length))).toMatchObject({ source: expect.stringMatching(/^RFC [0-9]+$/) });
  });

  it("name each block once, with what it is for", () => {
    const prefixes = [...SPECIAL_V4, ...SPECIAL_V6].map(({ prefix }) => prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    // Narrow before wide, or the wide one would hide it.
    for (const [i, prefix] of prefixes.entries()) {
      const { first, last, length } = rangeOf(prefix);
      const hidden = prefixes.slice(0, i).some((other) => {
        const wide = rangeOf(other);
        return wide.length === length && wide.first <= first && last <= wide.last;
      });
      expect([prefix, hidden]).toEqual([prefix, false]);
    }
  });

  it.each([
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "link local"],
    ["192.0.0.170", "NAT64 discovery"],
    ["192.0.0.200", "IETF protocol assignments"],
    ["100.100.100.200", "shared address space"],
    ["255.255.255.255", "limited broadcast"],
    ["::1", "loopback"],
    ["::", "unspecified"],
    ["::127.0.0.1", "IPv4-compatible, deprecated"],
    ["::ffff:127.0.0.1", "IPv4-mapped"],
    ["fd00:ec2::254", "private use"],
    ["4000::1", "not handed out"],
    ["1::", "not handed out"],
  ])("say what %s is for", (text, what) => expect(specialBlock(bytesOf(text))?.what).toBe(what));

  it("agree with another implementation on IPv4, at every edge and anywhere", () => {
    const edges = REGISTRY.filter((prefix) => !prefix.includes(":")).flatMap((prefix) => {
      const { first, last } = rangeOf(prefix);
      return [first - 1n, first, last, last + 1n].map((value) => bytesFrom(value & 0xffffffffn, 4));
    });
    for (const ip of edges) expect([textOf(ip), isPublicAddress(ip)]).toEqual([textOf(ip), !isListed(ip)]);
    fc.assert(fc.property(anyV4, (ip) => isPublicAddress(ip) === !isListed(ip)));
  });

  it("let no IPv6 address outside 2000::/3 pass, and inside agree with another implementation", () => {
    const global = fc.tuple(fc.integer({ min: 0x20, max: 0x3f }), anyV6).map(([first, ip]) => {
      ip[0] = first;
      return ip;
    });
    fc.assert(
      fc.property(fc.oneof(global, anyV6, special), (ip) => {
        if (ip.length === 4) return;
        const inside = ((ip[0] ?? 0) & 0xe0) === 0x20;
        const known = specialBlock(ip) === undefined;
        expect([textOf(ip), known]).toEqual([textOf(ip), inside && !isListed(ip)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Ways to write an IPv4 address into an IPv6 one. */
const CARRIERS: Record<string, (v4: Uint8Array, fill: Uint8Array) => number[]> = {
  "mapped (RFC 4291)": (v4) => [...zeros(10), 0xff, 0xff, ...v4],
  "compatible (RFC 4291)": (v4) => [...zeros(12), ...v4],
  "translated (RFC 2765)": (v4) => [...zeros(8), 0xff, 0xff, 0, 0, ...v4],
  "NAT64 (RFC 6052)": (v4) => [0, 0x64, 0xff, 0x9b, ...zeros(8), ...v4],
  "local-use NAT64, /96 (RFC 8215)": (v4) => [0, 0x64, 0xff, 0x9b, 0, 1, ...zeros(6), ...v4],
  "local-use NAT64, /48 (RFC 6052)": (v4, fill) => [
    ...[0, 0x64, 0xff, 0x9b, 0, 1],
    ...v4.slice(0, 2),
    0,
    ...v4.slice(2),
    ...fill.slice(0, 5),
  ],
  "6to4 (RFC 3056)": (v4, fill) => [0x20, 0x02, ...v4, ...fill.slice(0, 10)],
  "Teredo client (RFC 4380)": (v4, fill) => [0x20, 0x01, 0, 0, ...fill.slice(0, 8), ...v4.map((byte) => byte ^ 0xff)],
  "Teredo server (RFC 4380)": (v4, fill) => [0x20, 0x01, 0, 0, ...v4, ...fill.slice(0, 8)],
  "ISATAP (RFC 5214)": (v4, fill) => [0x26, ...fill.slice(0, 7), 0, 0, 0x5e, 0xfe, ...v4],
  "ISATAP, global (RFC 5214)": (v4, fill) => [0x26, ...fill.slice(0, 7), 2, 0, 0x5e, 0xfe, ...v4],
};
const zeros = (length: number): number[] => new Array<number>(length).fill(0);

describe("an IPv4 address inside an IPv6 one", () => {
  it.each(Object.entries(CARRIERS))("%s is found, and a special one never passes for public", (_, carry) => {
    const specialV4 = fc.constantFrom(...REGISTRY.filter((p) => !p.includes(":")).map(rangeOf)).chain(insideOf);
    fc.assert(
      fc.property(fc.oneof(anyV4, specialV4), anyV6, (v4, fill) => {
        const ip = Uint8Array.from(carry(v4, fill));
        expect(ip.length).toBe(16);
        // `::` and `::1` are addresses of their own.
        if (numberOf(ip) > 1n) expect(embeddedV4(ip).map(textOf)).toContain(textOf(v4));
        expect(isPublicAddress(v4) || !isPublicAddress(ip)).toBe(true);
      }),
    );
  });

  it.each(["2606:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001:81b::200e"])("%s carries none", (text) => {
    expect([embeddedV4(bytesOf(text)), isPublicAddress(bytesOf(text))]).toEqual([[], true]);
  });

  it("that is public leaves an ISATAP address public", () => {
    expect(isPublicAddress(bytesOf("2606:4700::5efe:808:808"))).toBe(true);
    expect(isPublicAddress(bytesOf("2606:4700::5efe:a00:1"))).toBe(false);
  });
});

describe("URLs that lead to addresses", () => {
  it("are refused for a deployment, special or not", () => {
    fc.assert(fc.property(fc.oneof(anyV4, anyV6, special), (ip) => !checkUrl(urlOf(ip), { local: false }).ok));
  });

  it("are refused for a local run but for loopback, link local and metadata above all", () => {
    fc.assert(
      fc.property(fc.oneof(anyV4, anyV6, special), (ip) => {
        // In the one spelling that the platform has for it.
        const url = new URL(urlOf(ip)).href.replace("https", "http");
        expect([url, checkUrl(url, { local: true }).ok]).toEqual([url, isLoopback(ip)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("carried in every way are refused for a local run too", () => {
    const loopback = Uint8Array.of(127, 0, 0, 1);
    for (const carry of Object.values(CARRIERS)) {
      const url = urlOf(Uint8Array.from(carry(loopback, new Uint8Array(16))));
      expect([url, checkUrl(url, { local: true }).ok]).toEqual([url, false]);
    }
  });
});
