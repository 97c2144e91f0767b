const ascii = new TextEncoder();

/** What a client of HTTP/2 says first (RFC 9113, 3.4): a fixed line, and an empty SETTINGS frame. */
export const PREFACE: Uint8Array = Uint8Array.from([
  ...ascii.encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  ...[0, 0, 0, 4, 0, 0, 0, 0, 0],
]);

/** A request of HTTP/1.1 that changes nothing and asks for nothing. */
export const requestOf = (host: string): Uint8Array =>
  ascii.encode(`OPTIONS * HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);

/** What a port speaks, by its first bytes. */
export type Spoken = "http1" | "http2" | "tls" | "else";

const HEAD_BYTES = 9;
const SETTINGS_TYPE = 4;
/** Of one setting. */
const SETTING_BYTES = 6;
/** Far more than there are settings. */
const MAX_SETTINGS_BYTES = 1_024;
/** First byte of a record that refuses what is no TLS. */
const TLS_ALERT = 21;
const HTTP1 = ascii.encode("HTTP/1.");

/** What a server speaks that has sent these bytes; undefined while too few have come to tell. */
export function spoken(bytes: Uint8Array): Spoken | undefined {
  const [first] = bytes;
  if (first === undefined) return undefined;
  if (first === TLS_ALERT) return bytes.length < 2 ? undefined : bytes[1] === 3 ? "tls" : "else";
  if (first === HTTP1[0]) {
    const isSame = HTTP1.every((byte, at) => at >= bytes.length || bytes[at] === byte);
    return !isSame ? "else" : bytes.length < HTTP1.length ? undefined : "http1";
  }
  // Every server of HTTP/2 begins with a SETTINGS frame, whose length begins with a zero.
  if (first !== 0) return "else";
  if (bytes.length < HEAD_BYTES) return undefined;
  const [, b = 0, c = 0, type, flags, ...stream] = bytes.subarray(0, HEAD_BYTES);
  const length = (b << 8) | c;
  const isWhole = length % SETTING_BYTES === 0 && length <= MAX_SETTINGS_BYTES;
  const isFirst = flags === 0 && stream.every((byte) => byte === 0);
  return isWhole && isFirst && type === SETTINGS_TYPE ? "http2" : "else";
}
