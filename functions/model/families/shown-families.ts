import type { Family } from "../metric.ts";
import type { ImportedFamily } from "../probing/reported-metric.ts";
import { ALERTER_FAMILIES } from "./alerter-families.ts";
import { PROBE_FAMILIES, RULE_FAMILIES } from "./probe-families.ts";
import { SELF_FAMILIES } from "./self-families.ts";

/** Kinds of probes, as far as families go. */
type Kinds = readonly { families: readonly Family[] }[];

/** Every family that is shown, in the order of the exposition. `imports` are those of the configuration. */
export const shownFamilies = (kinds: Kinds, imports: readonly ImportedFamily[] = []): Family[] =>
  withMonitorFamilies<Family>(kinds, imports, ALERTER_FAMILIES);

/**
 * The families that a Monitor may hold and show, in the order of the exposition, and `more` behind them. One that
 * several kinds of probes feed comes once.
 */
export function withMonitorFamilies<More extends { name: string }>(
  kinds: Kinds,
  imports: readonly ImportedFamily[],
  more: readonly More[],
): (Family | More)[] {
  const byName = new Map<string, Family | More>();
  const declared: (Family | More)[] = [
    ...PROBE_FAMILIES,
    ...kinds.flatMap((kind) => kind.families),
    ...imports.map(({ family }) => family),
    ...RULE_FAMILIES,
    ...SELF_FAMILIES,
    ...more,
  ];
  for (const family of declared) {
    const known = byName.get(family.name);
    if (known !== undefined && known !== family && JSON.stringify(known) !== JSON.stringify(family))
      throw new Error(`Cannot declare family ${family.name} twice with different definitions.`);
    byName.set(family.name, family);
  }
  return [...byName.values()];
}
