import * as z from "zod";
import { HOUR_MS } from "../../lib/time-units.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import type { ProbeKind } from "../kind.ts";
import { NEGATIVE_CASES, NEGATIVE_NAMES, type NegativeCase, type NegativeName } from "../zako/negative-cases.ts";

const leavesBlob = (name: NegativeName): boolean => NEGATIVE_CASES[name].leaves === "a blob";

const Options = z.strictObject({
  cases: z
    .array(z.enum(NEGATIVE_NAMES))
    .min(1)
    .default([...NEGATIVE_NAMES])
    .meta({
      description: `What to try. ${NEGATIVE_NAMES.filter(leavesBlob)
        .map((name) => `\`${name}\``)
        .join(", ")} leave a blob in a server that accepts them, \`empty_protocols\` a token.`,
    }),
  size_bytes: z
    .int()
    .min(64)
    .max(65_536)
    .default(64)
    .meta({ description: "Size of each upload. A server that accepts one keeps it forever." }),
});
type Options = z.output<typeof Options>;

export const transportNegative: ProbeKind<Options> = {
  kind: "transport.negative",
  doc: "Tries what a server must refuse. Off by default: a bad upload that is accepted stays in the store forever.",
  tier: "transport",
  schedule: "rotating",
  recheck: "never",
  defaults: { enabled: false, intervalMs: HOUR_MS, timeoutMs: 10_000, critical: false },
  options: Options,
  calls: ({ cases }) => new Set(cases).size,
  writesBytes: ({ cases, size_bytes }) => new Set(cases.filter(leavesBlob)).size * size_bytes,
  tokensIssued: 0,
  steps: NEGATIVE_NAMES,
  minorSteps: [],
  families: [F.casRequests, F.tokensIssued, F.alreadyExists],
  initial: () => [{ family: F.alreadyExists.name, labels: PROBE_SOURCE }],

  async run(run) {
    for (const name of NEGATIVE_NAMES) {
      const { ask, refusedWith }: NegativeCase = NEGATIVE_CASES[name];
      if (run.options.cases.includes(name)) await run.step(name, () => ask(run, refusedWith));
    }
    return undefined;
  },
};
