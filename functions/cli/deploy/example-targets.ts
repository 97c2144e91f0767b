import type { Config } from "../../model/config.ts";

/** Names that never exist on the public internet (RFC 6761, RFC 2606). */
const RESERVED = /\.(example|invalid|test)$|(^|\.)example\.(com|net|org)$/;

/** Targets that still have the address of an example, a sentence without its end each. One that is reached through a binding may have any name. */
export function exampleTargets({ targets }: Pick<Config, "targets">): string[] {
  return targets.flatMap(({ name, casUrl, via }) => {
    const host = URL.parse(casUrl)?.hostname ?? "";
    return via === undefined && RESERVED.test(host)
      ? [`target ${name} has the address ${casUrl} of the examples, which does not exist; give your own`]
      : [];
  });
}
