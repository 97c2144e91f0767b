import * as z from "zod";
import { secretNameProblem } from "../../model/secret-name.ts";

/** The name of a secret binding, never the secret. */
export const secretName = z.string().superRefine((text, context) => {
  const problem = secretNameProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** A URL in the clear: http or https, no credentials. Where it may lead is for the configuration to check. */
export const plainUrl = z
  .string()
  .max(2_048)
  .superRefine((text, context) => {
    const url = URL.parse(text);
    const problem =
      url === null || !/^https?:$/.test(url.protocol)
        ? "is not a URL; give one such as https://hooks.example/zako"
        : url.username !== "" || url.password !== ""
          ? "contains credentials; remove them and give the name of a secret binding under `auth`"
          : undefined;
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

/** A header that carries a secret to the receiver. */
export const authHeader = z.strictObject({
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "is not a header name; give the name alone, such as authorization")
    .refine(
      (name) =>
        !/^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|user-agent|webhook-.*)$/i.test(name),
      "is a header that zako-watch sets itself; choose another, such as authorization",
    )
    .default("authorization")
    .meta({ description: "Name of the header." }),
  scheme: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{1,32}$/, "is not an auth scheme; give one word, such as Bearer")
    .optional()
    .meta({ description: "Auth scheme before the secret, such as Bearer. Default: none.", example: "Bearer" }),
  secret: secretName.meta({
    description: "Name of the secret binding with the value, never the value itself.",
    example: "HOOK_TOKEN",
  }),
});
export type AuthHeader = z.output<typeof authHeader>;

const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** A bare e-mail address. */
export const emailAddress = z
  .string()
  .regex(ADDRESS, "is not an e-mail address; give one such as oncall@example.com, without a name");
