import { domainToASCII, domainToUnicode } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BAD_PORTS } from "../../../../functions/config/urls/bad-ports.ts";
import { checkUrl, parseAddress } from "../../../../functions/config/urls/url-policy.ts";

const deployed = (text: string) => checkUrl(text, { local: false });
const onLaptop = (text: string) => checkUrl(text, { local: true });

describe("URLs of a deployment", () => {
  it.each([
    ["https://cas.eu.example", "https://cas.eu.example"],
    ["https://cas.eu.example/", "https://cas.eu.example"],
    ["https://cas.eu.example///", "https://cas.eu.example"],
    ["HTTPS://CAS.EU.example", "https://cas.eu.example"],
    ["https://cas.eu.example:443", "https://cas.eu.example"],
    ["https://cas.eu.example:8443", "https://cas.eu.example:8443"],
    ["https://cas.eu.example/zako/", "https://cas.eu.example/zako"],
    ["https://cas.eu.example/a/../b", "https://cas.eu.example/b"],
    ["https://xn--bcher-kva.example", "https://xn--bcher-kva.example"],
    ["https://local.example", "https://local.example"],
    ["https://mylocalhost.example", "https://mylocalhost.example"],
    ["https://10.example", "https://10.example"],
    ["https://cas.203-0-114-9.sslip.io", "https://cas.203-0-114-9.sslip.io"],
    ["https://xn--80ak6aa92e.example", "https://xn--80ak6aa92e.example"],
    ["https://cas.eu.example:6379", "https://cas.eu.example:6379"],
    ["https://cas.eu.example/zako%20eu", "https://cas.eu.example/zako%20eu"],
  ])("%s becomes %s", (text, url) => expect(deployed(text)).toEqual({ ok: true, url }));

  it.each([
    "",
    "https://",
    "//cas.eu.example",
    "cas.eu.example",
    "https:cas.eu.example",
    "https:/cas.eu.example",
    "https:///cas.eu.example",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://cas.eu.example",
    "ws://cas.eu.example",
    "http://cas.eu.example",
    // Addresses, in every spelling that a URL parser takes for one.
    "https://127.0.0.1",
    "https://8.8.8.8",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://017700000001",
    "https://0177.0.0.1",
    "https://127.1",
    "https://127.0.0.1.",
    "https://%31%32%37.0.0.1",
    "https://0",
    "https://[::]",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:8.8.8.8]",
    "https://[64:ff9b::7f00:1]",
    "https://[fe80::1]",
    "https://[2606:4700::1111]",
    "https://[fe80::1%25eth0]",
    // Names that are not public.
    "https://localhost",
    "https://LOCALHOST",
    "https://localhost.",
    "https://a.localhost",
    "https://cas.local",
    "https://cas.internal",
    "https://metadata.google.internal",
    "https://cas.home.arpa",
    "https://1.0.0.127.in-addr.arpa",
    "https://cas.lan",
    "https://cas.test",
    "https://cas.onion",
    "https://cas",
    "https://zako.alt",
    "https://zako.invalid",
    "https://_8443._https.service.arpa",
    "https://ipv4only.arpa",
    "https://cas.corp",
    "https://kubernetes.default.svc",
    "https://metadata",
    "https://instance-data.ec2.internal",
    "https://metadata.goog",
    "https://METADATA.tencentyun.com",
    "https://a.api.metadata.cloud.ibm.com",
    // Names that spell an address, or lead to the machine that asks.
    "https://10.0.0.1.nip.io",
    "https://cas-169-254-169-254.sslip.io",
    "https://7f000001.nip.io",
    "https://--1.sslip.io",
    "https://nip.io",
    "https://localtest.me",
    "https://cas.lvh.me",
    // Names that are not what they seem.
    "https://xn--a.example",
    "https://xn--.example",
    "https://xn--cas-.example",
    "https://xn--cas-eu.example",
    "https://xn--1xn-eu.example",
    "https://%63as.eu.example",
    "https://cas%2eeu.example",
    "https://cas.eu%2eexample",
    "https://b\u00fccher.example",
    "https://\u0441as.eu.example",
    "https://cas\u00ad.eu.example",
    "https://cas\u3002eu\u3002example",
    "https://\u2460\u2461\u2466.0.0.1",
    "https://cas.eu.example.",
    "https://cas..example",
    "https://-cas.example",
    "https://cas-.example",
    `https://${"a".repeat(64)}.example`,
    `https://${"a.".repeat(130)}example`,
    // What must not be in a URL.
    "https://user@cas.eu.example",
    "https://user:pass@cas.eu.example",
    "https://@cas.eu.example",
    "https://:@cas.eu.example",
    "https://cas.eu.example@127.0.0.1",
    "https://cas.eu.example?",
    "https://cas.eu.example?a=b",
    "https://cas.eu.example#",
    "https://cas.eu.example/#a",
    "https://cas.eu.example:0",
    "https://cas.eu.example:65536",
    "https://cas.eu.example:22",
    "https://cas.eu.example:25",
    "https://cas.eu.example:0025",
    "https://cas.eu.example:10080",
    "https://cas.eu.example/a%2Fb",
    "https://cas.eu.example/a%5cb",
    "https://cas.eu.example/%2e%2e/b",
    "https://cas.eu.example/%00",
    "https://cas.eu.example/%0d%0aa",
    "https://cas.eu.example/%7f",
    "https://cas.eu.example/%zz",
    "https://cas.eu.example:https",
    "https://cas.eu.example\\@127.0.0.1",
    " https://cas.eu.example",
    "https://cas.eu.example\n",
    "https://cas.eu\t.example",
    "https://cas.eu.example/\u0000",
    "https://cas．eu．example",
    "https://１２７.0.0.1",
    "https://cas.eu.example/ü",
    `https://cas.eu.example/${"a".repeat(2_048)}`,
  ])("%j is refused", (text) => {
    const urlCheck = deployed(text);
    expect(urlCheck.ok).toBe(false);
    // A predicate, to be put after the value.
    if (!urlCheck.ok) expect(urlCheck.problem).toMatch(/^(is|has|contains) /);
  });

  it.each([
    ["https://b\u00fccher.example/a", "write its host as xn--bcher-kva.example"],
    ["https://\u0441as.eu.example", "write its host as xn--as-nmc.eu.example"],
    ["https://b\u00fccher.local", "percent-encode them"],
    ["https://hunter2:\u00fc@b\u00fccher.example", "percent-encode them"],
    ["https://%63as.eu.example", "write cas.eu.example"],
    ["https://[2002:a00:1::]", "([2002:a00:1::], 6to4; for 10.0.0.1, private use)"],
    ["https://[2606:4700::1111]", "([2606:4700::1111])"],
    ["https://1.1.1.1", "(1.1.1.1)"],
  ])("%j is answered with %j", (text, hint) => {
    const urlCheck = deployed(text);
    expect(urlCheck.ok ? "" : urlCheck.problem).toContain(hint);
    expect(urlCheck.ok ? "" : urlCheck.problem).not.toContain("hunter2");
  });
});

describe("URLs of a local run", () => {
  it.each([
    ["http://127.0.0.1:9000/", "http://127.0.0.1:9000"],
    ["http://127.255.0.9", "http://127.255.0.9"],
    ["http://[::1]:9000", "http://[::1]:9000"],
    ["http://localhost:9000", "http://localhost:9000"],
    ["http://zako.localhost", "http://zako.localhost"],
    ["https://localhost", "https://localhost"],
    ["http://cas.eu.example", "http://cas.eu.example"],
    ["https://cas.eu.example", "https://cas.eu.example"],
  ])("%s becomes %s", (text, url) => expect(onLaptop(text)).toEqual({ ok: true, url }));

  it.each([
    "http://10.0.0.1",
    "http://192.168.1.5",
    "http://169.254.169.254",
    "http://metadata.google.internal",
    "http://metadata.goog",
    "http://169.254.169.254.nip.io",
    "http://127.0.0.1:6000",
    "http://2130706433:9000",
    "http://127.1:9000",
    "http://0x7f.0.0.1:9000",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1]",
    "http://zako",
    "http://zako.local",
    "http://notlocalhost",
    "http://user@localhost",
    "http://localhost?a",
    "ftp://localhost",
  ])("%j is refused", (text) => expect(onLaptop(text).ok).toBe(false));
});

describe("laws of URLs", () => {
  const octet = fc.nat(255);
  const spelled = fc
    .tuple(octet, octet, octet, octet, fc.constantFrom("dotted", "decimal", "hex", "octal", "hexdotted", "mapped"))
    .map(([a, b, c, d, spelling]) => {
      const number = ((a * 256 + b) * 256 + c) * 256 + d;
      switch (spelling) {
        case "decimal":
          return String(number);
        case "hex":
          return `0x${number.toString(16)}`;
        case "octal":
          return `0${number.toString(8)}`;
        case "hexdotted":
          return [a, b, c, d].map((part) => `0x${part.toString(16)}`).join(".");
        case "mapped":
          return `[::ffff:${a}.${b}.${c}.${d}]`;
        default:
          return `${a}.${b}.${c}.${d}`;
      }
    });

  it("an IPv4 address is refused in every spelling", () => {
    fc.assert(fc.property(spelled, fc.nat(65_535), (host, port) => !deployed(`https://${host}:${port}/`).ok));
  });

  it("an IPv6 address is refused", () => {
    fc.assert(fc.property(fc.ipV6(), (host) => !deployed(`https://[${host}]`).ok));
  });

  const hostile = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ["http", "https", "ftp"] }),
    fc.string().map((text) => `https://${text}`),
    fc.string({ unit: "binary" }),
    fc.tuple(spelled, fc.string()).map(([host, rest]) => `http://${host}${rest}`),
    fc.string({ unit: fc.constantFrom(..."htps:/\\@.?#[]%0127a-xlocalhost") }).map((text) => `https://${text}`),
  );

  it("what is let through is what the platform will fetch, and it stays let through", () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, local) => {
        const urlCheck = checkUrl(text, { local });
        if (!urlCheck.ok) return;
        const url = new URL(`${urlCheck.url}/zako.v1.cas.ContentAddressableStorage/GetTransportDetails`);
        const loopback = /^(127\.|\[::1\]$|localhost$)|\.localhost$/.test(url.hostname);
        expect(local || url.protocol === "https:").toBe(true);
        expect(local || !loopback).toBe(true);
        expect(loopback || !/^[[\d.]+$|\[/.test(url.hostname)).toBe(true);
        expect([url.username, url.password, url.search, url.hash]).toEqual(["", "", "", ""]);
        expect(urlCheck.url.endsWith("/")).toBe(false);
        // What is called is what was written.
        expect(text.toLowerCase()).toContain(url.host.toLowerCase());
        expect(checkUrl(urlCheck.url, { local })).toEqual(urlCheck);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("laws of host names", () => {
  const label = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom(..."az09-"), minLength: 1, maxLength: 8 }).map((text) => `xn--${text}`),
    fc.domain(),
  );

  it("a name outside ASCII is never called as written, and its ASCII form only if it is the same name", () => {
    fc.assert(
      fc.property(label, (text) => {
        const urlCheck = deployed(`https://${text}.example`);
        const host = URL.parse(`https://${text}.example`)?.hostname;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
        if (/[^\u0000-\u007f]/.test(text)) expect(urlCheck.ok).toBe(false);
        if (!urlCheck.ok || host === undefined) return;
        expect(domainToASCII(domainToUnicode(host))).toBe(host);
      }),
      { numRuns: 3_000 },
    );
  });

  it("a name that the platform writes in Punycode passes, whatever script it is in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), (text) => {
        const host = domainToASCII(`${text}.example`);
        if (!/^xn--[a-z0-9-]{1,59}\.example$/.test(host)) return;
        expect([host, deployed(`https://${host}`).ok]).toEqual([host, true]);
      }),
      { numRuns: 3_000 },
    );
  });

  const ending = fc.constantFrom(..."localhost local test invalid onion alt internal arpa home.arpa".split(" "));
  it("no special-use name passes, whatever stands before it and however it is written", () => {
    fc.assert(
      fc.property(fc.domain(), ending, fc.boolean(), fc.constantFrom("", "."), (domain, last, loud, dot) => {
        const host = `${domain}.${last}${dot}`;
        return !deployed(`https://${loud ? host.toUpperCase() : host}`).ok;
      }),
    );
  });
});

describe("ports", () => {
  it("are those that every browser would call too", async () => {
    for (const port of BAD_PORTS) {
      expect([port, deployed(`https://cas.eu.example:${port}`).ok]).toEqual([port, false]);
      expect([port, onLaptop(`http://127.0.0.1:${port}`).ok]).toEqual([port, false]);
      if (port === 0) continue;
      // Node refuses the same ones before it opens a connection.
      const refused = await fetch(`http://127.0.0.1:${port}`).catch((error: Error) => error.cause as Error);
      expect([port, (refused as Error).message]).toEqual([port, "bad port"]);
    }
  });
});

describe("addresses", () => {
  it.each([
    ["10.0.0.1:9000", "10.0.0.1:9000"],
    ["10.0.0.1:80", "10.0.0.1:80"],
    ["[2001:DB8:0:0::1]:443", "[2001:db8::1]:443"],
    ["[::ffff:10.0.0.1]:1", "[::ffff:a00:1]:1"],
  ])("%s is %s", (text, address) => expect(parseAddress(text)).toBe(address));

  it.each([
    "",
    "10.0.0.1",
    "10.0.0.1:",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "10.0.0:9",
    "10.0.0.010:9",
    "256.0.0.1:9",
    "cas.example:9",
    "::1:9",
    "[::1]",
    "[::g]:9",
    "10.0.0.1:9/",
  ])("%j is none", (text) => expect(parseAddress(text)).toBeUndefined());
});

describe("a URL that a binding leads to", () => {
  const through = (text: string) => checkUrl(text, { local: false, via: true });
  const without = (text: string) => checkUrl(text, { local: false, via: false });

  it.each([
    "http://10.0.0.7:9000",
    "https://10.0.0.7",
    "http://127.0.0.1:9000",
    "http://[fd00::7]:25",
    "http://zako",
    "http://zako.prod.svc.cluster.local",
    "https://cas.corp.internal:6000/zako",
    "https://cas.eu.example",
  ])("%s may be private, plain and on any port", (url) => {
    expect(through(url)).toEqual({ ok: true, url });
  });

  it("is refused without one in words that name `via`, where one could lead there", () => {
    for (const url of ["http://10.0.0.7:9000", "https://10.0.0.7", "https://zako", "https://cas.corp.internal"]) {
      const judged = without(url);
      expect(!judged.ok && judged.problem).toContain("under `via`");
    }
    const metadata = without("https://169.254.169.254");
    expect(!metadata.ok && metadata.problem).not.toContain("via");
  });

  it.each([
    "http://169.254.169.254",
    "http://[::ffff:169.254.169.254]",
    "http://[fe80::1]",
    "http://[fd00:ec2::254]",
    "http://100.100.100.200",
    "http://0.0.0.0:9000",
    "http://224.0.0.1",
    "http://255.255.255.255",
    "http://metadata",
    "http://metadata.google.internal",
  ])("%s is no server of anybody's network", (url) => expect(through(url).ok).toBe(false));

  it.each(["ftp://10.0.0.7", "http://u:p@10.0.0.7", "http://10.0.0.7?x=1", "http://010.0.0.7", "http://10.0.0.7:0"])(
    "%s is as wrong as any",
    (url) => expect(through(url).ok).toBe(false),
  );
});
