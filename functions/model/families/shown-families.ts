import type { Family } from "../metric.ts";
import type { ImportedFamily } from "../probing/reported-metric.ts";
import { ALERTER_FAMILIES } from "./alerter-families.ts";
import { PROBE_FAMILIES, RULE_FAMILIES, SELF_FAMILIES } from "./core-families.ts";

/**
 * Every exposed family, in the order of the exposition. A family that several kinds of probes feed is listed once.
 * `imports` are the configuration's.
 */
export function shownFamilies(
  kinds: readonly { families: readonly Family[] }[],
  imports: readonly ImportedFamily[] = [],
): Family[] {
  const byName = new Map<string, Family>();
  const declared = [
    ...PROBE_FAMILIES,
    ...kinds.flatMap((k) => k.families),
    ...imports.map(({ family }) => family),
    ...RULE_FAMILIES,
    ...SELF_FAMILIES,
    ...ALERTER_FAMILIES,
  ];
  for (const family of declared) {
    const known = byName.get(family.name);
    if (known !== undefined && known !== family && JSON.stringify(known) !== JSON.stringify(family))
      throw new Error(`Cannot declare family ${family.name} twice with different definitions.`);
    byName.set(family.name, family);
  }
  return [...byName.values()];
}
