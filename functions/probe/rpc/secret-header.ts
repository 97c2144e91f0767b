import * as z from "zod";

/** Headers that the transport sets itself, or that would change framing or routing. */
const OWN_HEADERS =
  /^(host|connection|content-.*|accept|accept-.*|te|trailer|transfer-encoding|upgrade|expect|keep-alive|user-agent|traceparent|tracestate|grpc-.*|connect-.*|cf-(?!access-).*|x-grpc-web|x-user-agent|proxy-.*)$/i;
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
export const secretHeader = z.strictObject({
  ...headerKeys,
  secret: secretText.meta({
    description: "Name of the secret binding with the value, never the value itself.",
    example: "ZAKO_TOKEN",
  }),
});
