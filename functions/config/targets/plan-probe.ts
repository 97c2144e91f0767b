import { formatDuration } from "../../lib/duration.ts";
import { slotRoomMs } from "../../model/probing/placement.ts";
import type { ProbePlan } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { formatPath, fromZod, type Issue, type Path } from "../issue.ts";
import { DEFAULT_RECHECK_MS, DEFAULT_THRESHOLDS, ownKeys, type ReadSection } from "./probe-section.ts";

/** What one place of the document says of a kind. */
export interface Layer {
  /** Where the kind's section stands, whether or not it is there. */
  path: Path;
  section: boolean | ReadSection | undefined;
  /** The section as it was written; the kind's own schema reads its own keys. */
  raw: unknown;
}

/** What is said for all probes of all targets, under `defaults`. */
export type General = Pick<ReadSection, "interval" | "timeout" | "recheck" | "thresholds">;

/** What a plan is made with besides. */
export interface PlanContext {
  gridMs: number;
  local: boolean;
  /** What the target says for all its probes. */
  ofTarget?: { path: Path; recheck: number | undefined };
}

/** A value, where it was given (nowhere: a default), and how near that is to the target; the nearest is blamed. */
interface Given<T> {
  value: T;
  path?: Path;
  rank: number;
}

const GENERAL: Path = ["defaults"];

const isOn = (section: Layer["section"], otherwise: boolean): boolean => {
  if (section === undefined) return otherwise;
  return typeof section === "boolean" ? section : (section.enabled ?? true);
};

const sectionOf = (layer: Layer): ReadSection => (typeof layer.section === "object" ? layer.section : {});

/** The last layer that gives a value wins. */
function pick<T>(
  key: Path,
  fallback: T,
  general: T | undefined,
  layers: readonly Layer[],
  from: (section: ReadSection) => T | undefined,
): Given<T> {
  let given: Given<T> = { value: fallback, rank: 0 };
  if (general !== undefined) given = { value: general, path: [...GENERAL, ...key], rank: 1 };
  for (const [i, layer] of layers.entries()) {
    const value = from(sectionOf(layer));
    if (value !== undefined) given = { value, path: [...layer.path, ...key], rank: i + 2 };
  }
  return given;
}

const origin = (given: Given<unknown>): string => (given.path === undefined ? "its default" : formatPath(given.path));

/** Blames the nearer one of two values that do not fit together. */
function clash<T>(
  low: Given<T> & { name: string },
  high: Given<T> & { name: string },
  relation: readonly [lowIsNot: string, highIsNot: string],
  text: (value: T) => string,
): Issue[] {
  const [blamed, other, word] = low.rank >= high.rank ? [low, high, relation[0]] : [high, low, relation[1]];
  if (blamed.path === undefined)
    throw new TypeError(`the defaults of ${low.name} and ${high.name} do not fit together`);
  const message = `${text(blamed.value)} is not ${word} \`${other.name}\`, ${text(other.value)} (${origin(other)}); change one of them`;
  return [{ path: blamed.path, message }];
}

const BELOW = ["below", "above"] as const;
const AT_MOST = ["at most", "at least"] as const;

const isWithin = (path: Path, outer: Path): boolean => outer.every((part, i) => path[i] === part);

/** The kind's own keys, as written, and where each one stands. */
function ownOptions(kind: ProbeKind, layers: readonly Layer[]) {
  const own = ownKeys(kind);
  const written: Record<string, unknown> = {};
  const places = new Map<PropertyKey, Path>();
  for (const { raw, path } of layers) {
    if (typeof raw !== "object" || raw === null) continue;
    for (const [key, value] of Object.entries(raw)) {
      // An empty key is reported where the document is read.
      if (!own.includes(key) || value === null) continue;
      written[key] = value;
      places.set(key, path);
    }
  }
  return { written, places };
}

function parseOptions(kind: ProbeKind, layers: readonly Layer[], issues: Issue[]): ProbePlan["options"] | undefined {
  const { written, places } = ownOptions(kind, layers);
  const parsed = kind.options.safeParse(written);
  if (parsed.success) return parsed.data as ProbePlan["options"];
  // What is wrong with a key alone is known already; what follows from it would only distract.
  if (issues.some(({ path }) => [...places].some(([key, place]) => isWithin(path, [...place, String(key)]))))
    return undefined;
  const here = layers.findLast(({ raw }) => raw !== undefined)?.path ?? layers.at(-1)?.path ?? [];
  for (const found of parsed.error.issues)
    issues.push(...fromZod(found, written, places.get(found.path[0] ?? "") ?? here));
  return undefined;
}

/** Default timeouts are multiples of this, ms. */
const TIMEOUT_STEP_MS = 500;

/** The longest default timeout: so long that a run and its confirmation fit into the interval and into a slot of the grid. */
const longestDefaultMs = (intervalMs: number, gridMs: number): number =>
  Math.floor(slotRoomMs(Math.min(intervalMs, gridMs)) / 2 / TIMEOUT_STEP_MS) * TIMEOUT_STEP_MS;

/** The nearest value: the target's own stands between what `defaults` and what the target's section say of the kind. */
function pickRecheck(
  general: General,
  layers: readonly Layer[],
  ofTarget: PlanContext["ofTarget"],
): Given<number | undefined> {
  const given = pick<number | undefined>(["recheck"], undefined, general.recheck, layers, (s) => s.recheck);
  const isNearer = given.rank >= layers.length + 1;
  if (ofTarget?.recheck === undefined || isNearer) return given;
  return { value: ofTarget.recheck, path: [...ofTarget.path, "recheck"], rank: 1.5 };
}

/** A recheck is over before the next one begins, and one that is rarer than the probe's own runs never comes. */
const recheckMsOf = (recheckMs: number, timeout: Given<number>, interval: Given<number>): number =>
  Math.min(interval.value, Math.max(recheckMs, timeout.value));

/**
 * The plan of a kind for one target, from the kind's defaults, what is said for all targets and what the target says
 * (`layers`, in this order). `gridMs` bounds timeouts that nobody gave. Undefined where the probe is off, or wrong: then `issues` says why.
 */
export function planProbe(
  kind: ProbeKind,
  general: General,
  layers: readonly Layer[],
  { gridMs, local, ofTarget }: PlanContext,
  issues: Issue[],
): ProbePlan | undefined {
  if (!layers.reduce((on, { section }) => isOn(section, on), kind.defaults.enabled)) return undefined;
  const options = parseOptions(kind, layers, issues);
  // A general interval must not turn into load: what writes or mints has an interval of its own for a reason.
  const costs = kind.tokensIssued > 0 || (options !== undefined && kind.writesBytes(options) > 0);
  const interval = pick(
    ["interval"],
    kind.defaults.intervalMs,
    costs ? undefined : general.interval,
    layers,
    (s) => s.interval,
  );
  const ownTimeoutMs = Math.min(kind.defaults.timeoutMs, longestDefaultMs(interval.value, gridMs));
  const timeout = pick(["timeout"], ownTimeoutMs, general.timeout, layers, (s) => s.timeout);
  const degradedAfter = pick<number | undefined>(
    ["degraded_after"],
    undefined,
    undefined,
    layers,
    (s) => s.degraded_after,
  );
  const recheck = pickRecheck(general, layers, ofTarget);
  const critical = pick(["critical"], kind.defaults.critical, undefined, layers, (s) => s.critical);
  const threshold = (key: "failures" | "out_of" | "recoveries", fallback: number) =>
    pick(["thresholds", key], fallback, general.thresholds?.[key], layers, (s) => s.thresholds?.[key]);
  const failures = threshold("failures", DEFAULT_THRESHOLDS.failures);
  const outOf = threshold("out_of", DEFAULT_THRESHOLDS.outOf);
  const recoveries = threshold("recoveries", DEFAULT_THRESHOLDS.recoveries);

  const named = <T>(given: Given<T>, name: string) => ({ ...given, name });
  if (timeout.value >= interval.value)
    issues.push(...clash(named(timeout, "timeout"), named(interval, "interval"), BELOW, formatDuration));
  const mayRecheck = kind.recheck === "safe" || kind.recheck === "budget";
  // What is said for all probes gives way to a timeout that nobody gave.
  const yields = timeout.path === undefined && recheck.rank < 2;
  if (mayRecheck && !yields && recheck.value !== undefined && recheck.value < timeout.value)
    issues.push(
      ...clash(
        named(timeout, "timeout"),
        { ...recheck, value: recheck.value, name: "recheck" },
        AT_MOST,
        formatDuration,
      ),
    );
  const limit = degradedAfter.value;
  if (limit !== undefined && limit >= timeout.value)
    issues.push(
      ...clash(
        { ...degradedAfter, value: limit, name: "degraded_after" },
        named(timeout, "timeout"),
        BELOW,
        formatDuration,
      ),
    );
  if (failures.value > outOf.value)
    issues.push(...clash(named(failures, "failures"), named(outOf, "out_of"), AT_MOST, String));

  if (options === undefined) return undefined;
  return {
    kind: kind.kind,
    intervalMs: interval.value,
    timeoutMs: timeout.value,
    ...(mayRecheck
      ? { recheckMs: recheckMsOf(recheck.value ?? DEFAULT_RECHECK_MS[local ? "local" : "deployed"], timeout, interval) }
      : {}),
    ...(limit === undefined ? {} : { degradedAfterMs: limit }),
    critical: critical.value,
    thresholds: { failures: failures.value, outOf: outOf.value, recoveries: recoveries.value },
    options,
  };
}
