import { type Failure, failure } from "../../model/probing/failure.ts";
import { HTTP2_ONLY } from "../../probe/look/second-look.ts";

const PUBLIC_CA = "use a certificate of a public CA: Cloudflare refuses this one too (edge status 526)";

/** What Node's codes mean, where a code means one thing. */
const BY_CODE: Readonly<Record<string, (code: string) => Failure>> = {
  ENOTFOUND: (code) =>
    failure("dns", false, { message: `the host name does not resolve (${code})`, hint: "check the name in the URL" }),
  EAI_AGAIN: (code) =>
    failure("dns", false, { message: `the name servers do not answer (${code})`, hint: "check this machine's DNS" }),
  ECONNREFUSED: (code) =>
    failure("connect", false, {
      message: `the connection was refused (${code})`,
      hint: "check that the server runs and listens on this port",
    }),
  ECONNRESET: (code) => failure("connect", false, { message: `the server closed the connection (${code})` }),
  EPIPE: (code) => failure("connect", false, { message: `the server closed the connection (${code})` }),
  ETIMEDOUT: (code) =>
    failure("timeout", false, {
      message: `no TCP connection in time (${code})`,
      hint: "check the address, and firewalls on the way",
    }),
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  CERT_HAS_EXPIRED: (code) => badCertificate(code, "the certificate has expired", "renew it"),
  CERT_NOT_YET_VALID: (code) =>
    badCertificate(code, "the certificate is not valid yet", "check the clocks of this machine and the server"),
  ERR_TLS_CERT_ALTNAME_INVALID: (code) =>
    badCertificate(
      code,
      "the certificate is for another host name",
      "use a name that it holds, or another certificate",
    ),
  ERR_SSL_WRONG_VERSION_NUMBER: plainText,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainText,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: needsClientCertificate,
  ERR_HTTP2_ERROR: () => NOT_HTTP2,
};

/** A server that does not take HTTP/2, for a target with `protocol: grpc`. */
const NOT_HTTP2: Failure = failure("protocol", true, {
  message: "the server does not speak HTTP/2, which native gRPC needs",
  hint: "set protocol to grpc-web or connect, whichever the server speaks",
});

/** A port that expects TLS, for a URL of http. */
export const NEEDS_TLS: Failure = failure("tls", false, {
  message: "the port expects TLS",
  hint: "write https in the URL",
});

function selfSigned(code: string): Failure {
  return badCertificate(code, "the certificate is self-signed, or its CA is private", PUBLIC_CA);
}

function badCertificate(code: string, message: string, hint: string): Failure {
  return failure("tls", false, { message: `${message} (${code})`, hint });
}

function plainText(code: string): Failure {
  return failure("tls", false, { message: `the port does not speak TLS (${code})`, hint: "write http in the URL" });
}

function needsClientCertificate(code: string): Failure {
  return failure("tls", false, {
    message: `the server requires a client certificate (${code})`,
    hint: "let calls without one in, or watch it from where a certificate can be presented",
  });
}

/** OpenSSL's words for a certificate that does not convince, as Node passes them on. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** Alerts by which servers of TLS 1.2 refuse a client that presents no certificate; they may mean other things, too. */
const ALERT_WITHOUT_CERTIFICATE = /ALERT_(BAD_CERTIFICATE|HANDSHAKE_FAILURE|ACCESS_DENIED|UNKNOWN_CA)/;

/** What an error of Node's sockets, TLS or HTTP/2 says of the server. `offered`: what the connection would have spoken. */
export function nodeFailureOf(error: unknown, offered: "HTTP/1.1" | "HTTP/2"): Failure {
  const code = nodeCodeOf(error);
  if (code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL") return offered === "HTTP/2" ? NOT_HTTP2 : HTTP2_ONLY;
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known !== undefined) return known(code);
  if (/^E(HOST|NET)(UNREACH|DOWN)$|^EADDRNOTAVAIL$/.test(code))
    return failure("connect", false, { message: `no route to the host (${code})`, hint: "check the address" });
  if (CERTIFICATE.test(code))
    return badCertificate(code, "the certificate's chain is incomplete, or its CA is not known", PUBLIC_CA);
  if (ALERT_WITHOUT_CERTIFICATE.test(code))
    return failure("tls", false, {
      message: `the server refused the TLS handshake (${code})`,
      hint: "it may require a client certificate, or another version of TLS",
    });
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code))
    return failure("tls", false, { message: `the TLS handshake failed (${code})` });
  if (/^ERR_HTTP2_/.test(code)) return failure("connect", false, { message: `the call was cut off (${code})` });
  return failure("connect", false, code === "" ? {} : { message: `no connection (${code})` });
}

/** A stream that never got its connection fails with an error of its own, and the connection's as the cause. */
export function nodeCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error.cause instanceof Error) return nodeCodeOf(error.cause);
  // Several addresses were tried; they seldom fail differently.
  if (error instanceof AggregateError) return nodeCodeOf(error.errors[0]);
  return (error as NodeJS.ErrnoException).code ?? "";
}
