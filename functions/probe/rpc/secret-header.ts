import * as z from "zod";
import type { SecretHeader } from "../../model/probing/target.ts";

/** Headers that the transport sets itself, or that would change framing or routing. */
const OWN_HEADERS =
  /^(host|connection|content-.*|accept|accept-.*|te|trailer|transfer-encoding|upgrade|expect|keep-alive|user-agent|traceparent|tracestate|grpc-.*|connect-.*|cf-(?!access-).*|x-grpc-web|x-user-agent|proxy-.*|forwarded|x-forwarded-.*|x-real-ip|via|range|date|set-cookie)$/i;
const headerText = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "is not a header name; give the name alone, such as authorization")
  .refine(
    (name) => !OWN_HEADERS.test(name),
    "is a header that the prober sets itself; choose another, such as authorization",
  );
const schemeText = z
  .string()
  .regex(/^[A-Za-z0-9._~+/-]{1,32}$/, "is not an auth scheme; give one word, such as Bearer");

/** The Worker's own bindings. They must never be sent to a target. */
const OWN_BINDINGS = ["ADMIN_TOKEN", "PROBE_TOKEN", "METRICS_TOKEN", "DB", "KV", "MONITOR", "REGION_PROBER", "ALERTER"];
const NOT_A_BINDING =
  "is not the name of a secret binding (A-Z, 0-9, _); store the secret with `wrangler secret put NAME` and write NAME here";
/** Detects access keys and hex tokens, which may be upper case too: long, with digits, without underscores. */
const looksLiteral = (text: string): boolean => text.length >= 16 && /[0-9]/.test(text) && !text.includes("_");
const secretText = z
  .string({ error: NOT_A_BINDING })
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, NOT_A_BINDING)
  .refine((name) => !looksLiteral(name), { error: NOT_A_BINDING })
  .refine((name) => !OWN_BINDINGS.includes(name), {
    error: "is one of zako-watch's own bindings; create one for the target",
  });

/** How the token that the CAS issues travels. */
export const headerKeys = {
  header: headerText.meta({ description: "Name of the header.", example: "authorization" }),
  scheme: schemeText
    .optional()
    .meta({ description: "Scheme before the secret; empty: the secret alone.", example: "Bearer" }),
};
/** A header that carries a secret. */
const secretHeader = (header: string, secret: string) =>
  z.strictObject({
    ...headerKeys,
    header: headerText.meta({ description: "Name of the header.", example: header }),
    secret: secretText.meta({
      description: "Name of the secret binding with the value, never the value itself.",
      example: secret,
    }),
  });

/** Headers beyond these are a mistake. */
const MOST_HEADERS = 16;

/** The keys that say which secrets go to an origin. */
export const credentialKeys = (whose: string) => ({
  auth: secretHeader("x-api-key", "ZAKO_TOKEN")
    .optional()
    .meta({ description: `Header with a secret, sent ${whose}.` }),
  headers: secretHeaderList.optional().meta({
    description: `Headers with secrets, sent ${whose}. Cloudflare Access needs two.`,
    example: ACCESS_EXAMPLE,
  }),
  basic_auth: basicAuth.optional().meta({ description: `HTTP basic authentication, sent ${whose}.` }),
});

export const ACCESS_EXAMPLE = [
  { header: "cf-access-client-id", secret: "ACCESS_CLIENT_ID" },
  { header: "cf-access-client-secret", secret: "ACCESS_CLIENT_SECRET" },
];

export const secretHeaderList = z.array(secretHeader("cf-access-client-id", "ACCESS_CLIENT_ID")).max(MOST_HEADERS);

const basicAuth = z.strictObject({
  username: z
    .string()
    .regex(/^[^:\p{C}]{1,256}$/u, "is not a user name; it has a colon or a control character, or is too long")
    .meta({ description: "User name, without a colon.", example: "zako-watch" }),
  password: secretText.meta({
    description: "Name of the secret binding with the password, never the password itself.",
    example: "ZAKO_PASSWORD",
  }),
});

/** A name of a binding as JavaScript allows it, and none of the Worker's own. */
export const fetcherName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "is not the name of a binding (letters, digits, _)")
  .refine((name) => !OWN_BINDINGS.includes(name), {
    error: "is one of zako-watch's own bindings; name one that leads to the target",
  });

interface ReadHeader {
  header?: string | undefined;
  scheme?: string | undefined;
  secret?: string | undefined;
}

/** What `credentialKeys` may say, as far as it could be read. */
export interface Credentials {
  auth?: ReadHeader | undefined;
  headers?: readonly (ReadHeader | undefined)[] | undefined;
  basic_auth?: { username?: string | undefined; password?: string | undefined } | undefined;
}

/** The headers that credentials come to, in order; undefined where there are none at all. */
export function secretHeadersOf({ auth, headers, basic_auth: basic }: Credentials): SecretHeader[] | undefined {
  if (auth === undefined && headers === undefined && basic === undefined) return undefined;
  const given = [auth, ...(headers ?? [])].flatMap((one) => {
    if (one?.header === undefined || one.secret === undefined) return [];
    const { header, secret, scheme } = one;
    return [{ header: header.toLowerCase(), secret, ...(scheme === undefined ? {} : { scheme }) }];
  });
  const { username, password: secret } = basic ?? {};
  if (username === undefined || secret === undefined) return given;
  return [...given, { header: "authorization", secret, username }];
}

/** The first header that is there twice. */
export function repeatedHeader(headers: readonly SecretHeader[]): string | undefined {
  const names = headers.map(({ header }) => header);
  return names.find((name, i) => names.indexOf(name) < i);
}

/** What is wrong with a header that is there twice. */
export const sentTwice = (header: string): string =>
  `sends the header ${header} twice; keep one of \`auth\`, \`headers\` and \`basic_auth\` for it`;
