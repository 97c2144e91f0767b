import { decodePunycode } from "../../lib/punycode.ts";
import { trimCharacter } from "../../lib/trim-character.ts";
import { embeddedV4, isNoServer, parseIp, specialBlock } from "./address-space.ts";
import { BAD_PORTS } from "./bad-ports.ts";
import { isMetadataName, notPublic } from "./special-names.ts";

/** What a URL of the document comes to: the URL to use, or what is wrong with the one that was given. */
export type UrlCheck = { ok: true; url: string } | { ok: false; problem: string };

const LONGEST_URL = 2_048;

const refuse = (problem: string): UrlCheck => ({ ok: false, problem });

/** How a URL of the document is reached. */
export interface Reach {
  /** A local run also admits http, and the loopback addresses. */
  local: boolean;
  /** Whether calls go through a binding, or could; absent: there is no such choice. */
  via?: boolean;
}

const NAME_VIA = "; if it is in a private network, name the binding that leads there under `via` (docs/reaching.md)";
/** The end of a refusal of what a binding could lead to. */
const orVia = ({ via }: Reach, host: string): string =>
  via === undefined || wrongPrivateHost(host) !== undefined ? "" : NAME_VIA;
const GIVE_NAME = "give a public DNS name";

/** The URL parser of the platform has already turned decimal, hex, octal and short spellings into this form. */
const IPV4 = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const isLoopback = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host === "[::1]" ||
  (IPV4.test(host) && host.startsWith("127."));

/** An address as a message shows it: what it is set aside for, and what for the address that it carries. */
function describeAddress(host: string): string {
  const ip = parseIp(host.replace(/^\[|\]$/g, ""));
  if (ip === undefined) return host;
  const kind = specialBlock(ip);
  const carried = embeddedV4(ip).flatMap((v4) => {
    const inner = specialBlock(v4);
    return inner === undefined ? [] : [`${v4.join(".")}, ${inner.what}`];
  });
  return [`${host}${kind === undefined ? "" : `, ${kind.what}`}`, ...new Set(carried)].join("; for ");
}

/** Whether a host name of well-formed labels is a real one: what Punycode hides must come out as the same name again. */
function survives(host: string): boolean {
  const shown = host.split(".").map((label) => (label.startsWith("xn--") ? decodePunycode(label.slice(4)) : label));
  if (shown.includes(undefined)) return false;
  return URL.parse(`https://${shown.join(".")}/`)?.hostname === host;
}

function wrongHost(host: string, reach: Reach): string | undefined {
  if (reach.via === true) return wrongPrivateHost(host);
  if (isAddress(host))
    return `has an IP address as its host (${describeAddress(host)}); ${GIVE_NAME}, which certificates and the platform need${orVia(reach, host)}`;
  const why = notPublic(host);
  if (why !== undefined) return `${why}; ${GIVE_NAME}${orVia(reach, host)}`;
  return wrongName(host);
}

const isAddress = (host: string): boolean => host.startsWith("[") || IPV4.test(host);

const wrongName = (host: string): string | undefined =>
  host.length > 253 || !host.split(".").every((label) => LABEL.test(label)) || !survives(host)
    ? "has an invalid host name; give one such as cas.eu.example"
    : undefined;

/** Through a binding any server of a private network may be asked, but for what gives credentials to whoever asks. */
function wrongPrivateHost(host: string): string | undefined {
  const ip = isAddress(host) ? parseIp(host.replace(/^\[|\]$/g, "")) : undefined;
  if (ip === undefined)
    return isMetadataName(host)
      ? "has the name of a cloud's metadata service; give the host of the Zako"
      : wrongName(host);
  return isNoServer(ip)
    ? `has an address that no server of yours has (${describeAddress(host)}); give the one of the Zako`
    : undefined;
}

/** What is wrong with the text itself, before it is parsed: what the URL parser would silently drop or repair. */
function wrongText(text: string): string | undefined {
  if (text.length > LONGEST_URL) return `is too long; give at most ${LONGEST_URL} characters`;
  if (/[^\u0021-\u007e]/.test(text)) return `has spaces or characters outside ASCII; ${inAscii(text)}`;
  if (text.includes("\\")) return "has a backslash; write /";
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text)) return "is not a URL; give one such as https://cas.eu.example";
  if (/[?#]/.test(text)) return "has a query or a fragment, which calls cannot have; remove it";
  return undefined;
}

/** A name in other scripts is written in the form that is looked up, so that a look-alike shows in review. */
function inAscii(text: string): string {
  const host = URL.parse(text)?.hostname;
  // Before an @ may stand a secret, and what follows a ? or # is not named at all.
  const named = host?.includes("xn--") && !/[@?#\s]/.test(text) && wrongHost(host, { local: false }) === undefined;
  return named ? `write its host as ${host}` : "percent-encode them";
}

/** What is wrong with the spelling of a URL that can be read: what is called must be what is written. */
function wrongSpelling(text: string, url: URL): string | undefined {
  const written = /^[^/]*\/\/([^/]*)/.exec(text)?.[1]?.replace(/:[0-9]*$/, "");
  if (written?.toLowerCase() !== url.hostname) return `has an unusual spelling of its host; write ${url.hostname}`;
  if (/%(?:[01][0-9a-f]|7f|2e|2f|5c)/i.test(text) || /%(?![0-9a-f]{2})/i.test(text))
    return "has an encoded dot, slash or control character in its path, which servers read differently; write it plainly";
  return undefined;
}

/**
 * Checks where a URL of the document would send us: https to a public DNS name, no credentials, no query, no fragment.
 * Where calls go through a binding, http, IP addresses, private names and every port are right. The URL comes back without a
 * trailing slash. A problem is a predicate ("has a port..."), and names no part of the URL that may be secret.
 */
export function checkUrl(text: string, reach: Reach): UrlCheck {
  const problem = wrongText(text);
  if (problem !== undefined) return refuse(problem);
  const url = URL.parse(text);
  if (url === null) return refuse("is not a valid URL; give one such as https://cas.eu.example");
  if (url.username !== "" || url.password !== "" || /^[^/]*\/\/[^/]*@/.test(text))
    return refuse("contains credentials; remove them and give the name of a secret binding under `auth`");
  const wrong = wrongScheme(url, reach) ?? wrongPort(url, reach);
  if (wrong !== undefined) return refuse(wrong);
  const wrongPlace = reach.local && isLoopback(url.hostname) ? undefined : wrongHost(url.hostname, reach);
  if (wrongPlace !== undefined) return refuse(wrongPlace);
  const odd = wrongSpelling(text, url);
  if (odd !== undefined) return refuse(odd);
  return { ok: true, url: trimCharacter(`${url.origin}${url.pathname}`, "/", "end") };
}

function wrongScheme({ protocol, hostname: host }: URL, reach: Reach): string | undefined {
  if (protocol === "https:") return undefined;
  if (protocol !== "http:") return "is neither https nor http; give an https URL";
  if (reach.local || reach.via === true) return undefined;
  return `is not encrypted; use https${orVia(reach, host)}`;
}

function wrongPort({ port }: URL, reach: Reach): string | undefined {
  if (port === "0") return "has port 0, which nothing can listen on; give the port of the service";
  if (reach.via === true || !BAD_PORTS.has(Number(port || 443))) return undefined;
  return `has port ${port}, which belongs to another protocol; give the port of the service`;
}

/**
 * An `IP:port` in one spelling: IPv4 dotted, IPv6 in brackets, lower case and compressed (RFC 5952). Undefined where the
 * text is none. It is compared with what a server hands out, never dialled, so any address will do.
 */
export function parseAddress(text: string): string | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}):([0-9]{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, host = "", port = ""] = match;
  const portNumber = Number.parseInt(port, 10);
  const parsed = URL.parse(`http://${host}/`);
  if (parsed === null || portNumber < 1 || portNumber > 65_535) return undefined;
  // A leading zero would be read as octal; an address so written is a mistake, not a choice.
  if (IPV4.test(host) && parsed.hostname !== host) return undefined;
  return `${parsed.hostname}:${portNumber}`;
}
