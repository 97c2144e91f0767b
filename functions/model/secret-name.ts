/** The Worker's own bindings. They must never be sent to a target. */
const OWN_BINDINGS = ["ADMIN_TOKEN", "PROBE_TOKEN", "METRICS_TOKEN", "DB", "KV", "MONITOR", "REGION_PROBER", "ALERTER"];
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * Why a text is not the name of a secret binding, as a predicate; undefined if it is one. Access keys and hex tokens may be
 * upper case too, but nobody gives a binding such a name: long, with digits, without underscores.
 */
export function secretNameProblem(text: string): string | undefined {
  const literal = text.length >= 16 && /[0-9]/.test(text) && !text.includes("_");
  if (!NAME.test(text) || literal)
    return "is not the name of a secret binding (A-Z, 0-9, _); store the secret with `wrangler secret put NAME` and write NAME here";
  if (OWN_BINDINGS.includes(text)) return "is one of zako-watch's own bindings; create one for this purpose";
  return undefined;
}
