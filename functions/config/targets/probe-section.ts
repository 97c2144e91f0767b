import * as z from "zod";
import { optional } from "../../lib/leaf.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { Read } from "../read.ts";
import { PLAN_KEYS, shapeOf, THRESHOLD_KEYS } from "./plan-keys.ts";

/** The key `thresholds` of a probe, and of `defaults`. */
export const thresholdsKey = optional(z.strictObject(shapeOf(THRESHOLD_KEYS)), {
  description: "When failed runs open an incident, and when it closes.",
  default: {},
});

/** The keys that every kind of probe has; beside them stand the kind's own. */
const commonKeys = ({ defaults }: ProbeKind) => ({
  enabled: optional(z.boolean(), {
    description: "Whether the probe runs. A section without this key switches its probe on.",
    example: defaults.enabled,
  }),
  ...shapeOf(PLAN_KEYS, defaults),
  thresholds: thresholdsKey,
});

const COMMON_KEYS: ReadonlySet<string> = new Set(["enabled", ...Object.keys(PLAN_KEYS), "thresholds"]);

/** Keys that a kind adds to the common ones. A kind whose options are no mapping, or clash, is a bug. */
export function ownKeys(kind: ProbeKind): readonly string[] {
  const { options } = kind;
  if (!(options instanceof z.ZodObject)) throw new TypeError(`options of probe kind ${kind.kind} must be a z.object`);
  const own = Object.keys(options.shape);
  const clash = own.find((key) => COMMON_KEYS.has(key));
  if (clash !== undefined) throw new TypeError(`probe kind ${kind.kind} redefines the common key ${clash}`);
  return own;
}

/** A kind's section. Its own keys are checked one by one here, and parsed together once the layers are merged. */
function section(kind: ProbeKind) {
  const shape = kind.options instanceof z.ZodObject ? kind.options.shape : {};
  const own = Object.fromEntries(ownKeys(kind).map((key) => [key, z.optional(shape[key] as z.ZodType)]));
  return z.strictObject({ ...commonKeys(kind), ...own });
}

/** The `probes` key: every kind, switched on or off or configured. */
export const probesKey = (kinds: readonly ProbeKind[], description: string) =>
  z
    .strictObject(
      Object.fromEntries(
        kinds.map((kind) => [
          kind.kind,
          z
            .union([z.boolean(), section(kind)])
            .optional()
            .meta({ description: kind.doc, default: kind.defaults.enabled }),
        ]),
      ),
    )
    .optional()
    .meta({ description, default: {} });

/** A kind's section as far as it could be read; the kind's own keys are taken from the raw document. */
export type ReadSection = Read<z.output<ReturnType<typeof section>>>;
