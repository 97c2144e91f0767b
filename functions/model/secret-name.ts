/** Bindings of the Worker itself: sending one of these out would give it away. */
const OWN_BINDINGS = ["ADMIN_TOKEN", "PROBE_TOKEN", "METRICS_TOKEN", "DB", "KV", "MONITOR", "REGION_PROBER", "ALERTER"];
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/**
 * What is wrong with a text as the name of a secret binding, as a predicate; undefined where it is one. Access keys and
 * hex tokens are upper case too, but nobody names a binding so: long, with digits, in one piece.
 */
export function secretNameProblem(text: string): string | undefined {
  const literal = text.length >= 16 && /[0-9]/.test(text) && !text.includes("_");
  if (!NAME.test(text) || literal)
    return "is not the name of a secret binding (A-Z, 0-9, _); store the secret with `wrangler secret put NAME` and write NAME here";
  if (OWN_BINDINGS.includes(text)) return "names a binding of zako-watch itself; make one for this purpose";
  return undefined;
}
