import type { Delivery } from "../../model/alerting/delivery.ts";
import { failed } from "../delivery/judge-answer.ts";
import type { ChannelDeps } from "./channel.ts";
import type { AuthHeader } from "./option-leaf.ts";

/** A secret without the line end that a shell adds to it; undefined where it is not bound, or empty. */
export function channelSecret(deps: Pick<ChannelDeps, "secret">, name: string): string | undefined {
  const secret = deps.secret(name)?.trim();
  return secret === "" ? undefined : secret;
}

/** That a secret is not there. Another try helps no sooner than somebody has bound it. */
export const secretMissing = (name: string): Delivery =>
  failed("secret_missing", `the secret ${name} is not set; set it with \`wrangler secret put ${name}\``);

/** The header that carries a secret, or what is wrong. */
export function authHeaders(
  deps: Pick<ChannelDeps, "secret">,
  auth: AuthHeader | undefined,
): { ok: true; headers: Record<string, string> } | { ok: false; delivery: Delivery } {
  if (auth === undefined) return { ok: true, headers: {} };
  const secret = channelSecret(deps, auth.secret);
  if (secret === undefined) return { ok: false, delivery: secretMissing(auth.secret) };
  return { ok: true, headers: { [auth.header]: auth.scheme === undefined ? secret : `${auth.scheme} ${secret}` } };
}
