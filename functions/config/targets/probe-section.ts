import * as z from "zod";
import { formatDuration } from "../../lib/duration.ts";
import { durationText, durationWithin, optional, wholeNumber } from "../../lib/leaf.ts";
import type { Thresholds } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { Read } from "../read.ts";

/** Slots are multiples of this at the finest, ms: the alarm's grid. */
export const FINEST_GRID_MS = 10_000;
export const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A probe must have ended before the Monitor's own deadline within its minute. */
const LONGEST_TIMEOUT_MS = 55_000;
/** `Verdict.ring` keeps so many evaluated attempts. */
const RING_LENGTH = 16;

/** The grid of the slots: whole minutes, unless some interval is none. */
export const gridOf = (targets: readonly { probes: readonly { intervalMs: number }[] }[]): number =>
  targets.every(({ probes }) => probes.every(({ intervalMs }) => intervalMs % MINUTE_MS === 0))
    ? MINUTE_MS
    : FINEST_GRID_MS;

export const intervalText = durationText((ms) => {
  if (ms < FINEST_GRID_MS) return `is too short; give at least ${formatDuration(FINEST_GRID_MS)}`;
  if (ms > DAY_MS) return `is too long; give at most ${formatDuration(DAY_MS)}`;
  if (ms % FINEST_GRID_MS === 0) return undefined;
  const below = ms - (ms % FINEST_GRID_MS);
  return `is no multiple of 10s; give ${formatDuration(below)} or ${formatDuration(below + FINEST_GRID_MS)}`;
});
/** Rechecks follow each other no sooner, ms. */
const SHORTEST_RECHECK_MS = 5_000;
/** Time between runs of a probe that fails, where nothing is said, ms: of a deployment, and of a local run. */
export const DEFAULT_RECHECK_MS = { deployed: 15_000, local: 10_000 } as const;

export const recheckText = durationWithin(SHORTEST_RECHECK_MS, DAY_MS);
export const recheckKey = {
  description:
    "Time between runs while the probe fails, where it may be repeated: at least the timeout. A value above the interval changes nothing. The default is 15s (10s under `npm start`), and longer where the timeout is.",
  example: "20s",
};
export const timeoutText = durationWithin(1, LONGEST_TIMEOUT_MS);

/** When nothing is said of thresholds. */
export const DEFAULT_THRESHOLDS: Thresholds = { failures: 2, outOf: 3, recoveries: 3 };
const { failures, outOf, recoveries } = DEFAULT_THRESHOLDS;
export const thresholds = z.strictObject({
  failures: optional(wholeNumber(1, RING_LENGTH), {
    description: "Failing runs, among the last `out_of`, that make the probe down.",
    default: failures,
  }),
  out_of: optional(wholeNumber(1, RING_LENGTH), {
    description: "How many of the last evaluated runs are looked at.",
    default: outOf,
  }),
  recoveries: optional(wholeNumber(1, RING_LENGTH), {
    description: "Good runs in a row that end an incident.",
    default: recoveries,
  }),
});
export const thresholdsKey = { description: "When failing runs become an incident, and when it ends.", default: {} };

/** The keys that every kind of probe has; beside them stand the kind's own. */
function commonKeys(kind: ProbeKind) {
  const { defaults } = kind;
  return {
    enabled: optional(z.boolean(), {
      description: "Off where false. A section without this key switches its probe on.",
      example: defaults.enabled,
    }),
    interval: optional(intervalText, {
      description: "Time between runs: a multiple of 10s.",
      default: formatDuration(defaults.intervalMs),
    }),
    timeout: optional(timeoutText, {
      description:
        "Deadline of one run: below the interval, at most 55s. The default leaves room for a confirmation in the slot: at most 27s, and 4500ms where some interval is no whole minute.",
      default: formatDuration(defaults.timeoutMs),
    }),
    recheck: optional(recheckText, recheckKey),
    degraded_after: optional(timeoutText, {
      description: "A good run that takes longer is degraded: below the timeout. None: never.",
      example: "2s",
    }),
    critical: optional(z.boolean(), {
      description: "Whether this probe alone can make the target down.",
      default: defaults.critical,
    }),
    thresholds: optional(thresholds, thresholdsKey),
  };
}

/** Names of the common keys; the type makes it all of them. */
const COMMON_KEYS: Readonly<Record<keyof ReturnType<typeof commonKeys>, true>> = {
  enabled: true,
  interval: true,
  timeout: true,
  recheck: true,
  degraded_after: true,
  critical: true,
  thresholds: true,
};

/** Keys that a kind adds to the common ones. A kind whose options are no mapping, or clash, is a bug. */
export function ownKeys(kind: ProbeKind): readonly string[] {
  const { options } = kind;
  if (!(options instanceof z.ZodObject)) throw new TypeError(`options of probe kind ${kind.kind} must be a z.object`);
  const own = Object.keys(options.shape);
  const clash = own.find((key) => Object.hasOwn(COMMON_KEYS, key));
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
