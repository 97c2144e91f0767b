import { formatDuration } from "../../lib/duration.ts";
import { slotRoomMs } from "../../model/probing/placement.ts";
import type { ProbePlan, Thresholds } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { formatPath, fromZod, type Issue, type Path } from "../issue.ts";
import { DEFAULT_RECHECK_MS, defaultsOf, PLAN_KEYS, planned, THRESHOLD_KEYS, type Values } from "./plan-keys.ts";
import { ownKeys, type ReadSection } from "./probe-section.ts";

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
  /** What the target says for all its probes, and where. */
  ofTarget?: { path: Path; section: Pick<ReadSection, "recheck"> };
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

type All<V> = { [Name in keyof V]: Given<V[Name]> };

/** For each key the last place that gives a value, else the default. `below`: the key that they stand under. */
function pick<V extends object>(
  defaults: V,
  places: readonly { path: Path; section: unknown }[],
  below: Path = [],
): All<V> {
  const entries = Object.entries(defaults).map(([key, fallback]) => {
    let given: Given<unknown> = { value: fallback, rank: 0 };
    for (const [i, { path, section }] of places.entries()) {
      const value = at(below.reduce(at, section), key);
      if (value !== undefined) given = { value, path: [...path, ...below, key], rank: i + 1 };
    }
    return [key, given];
  });
  return Object.fromEntries(entries) as All<V>;
}

const at = (section: unknown, key: PropertyKey): unknown =>
  typeof section === "object" && section !== null && Object.hasOwn(section, key)
    ? (section as Readonly<Record<PropertyKey, unknown>>)[key]
    : undefined;

const valuesOf = <V extends object>(given: All<V>): V =>
  Object.fromEntries(Object.entries<Given<unknown>>(given).map(([key, { value }]) => [key, value])) as V;

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

const present = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

/** Whether a failing probe of this kind may run between its turns. */
const mayRecheck = ({ recheck }: ProbeKind): boolean => recheck === "safe" || recheck === "budget";

/** Time between rechecks, ms: one ends before the next begins, and one that is rarer than the probe's own runs never comes. */
const recheckOf = ({ recheck, timeout, interval }: PlanValues, local: boolean): number =>
  Math.min(
    interval.value ?? 0,
    Math.max(recheck.value ?? DEFAULT_RECHECK_MS[local ? "local" : "deployed"], timeout.value ?? 0),
  );

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
  const forAll = costs ? { ...general, interval: undefined } : general;
  const [ofKind, ...nearer] = layers;
  const places = [{ path: GENERAL, section: forAll }, ...present(ofKind), ...present(ofTarget), ...nearer];
  const defaults = defaultsOf(PLAN_KEYS, kind.defaults);
  const { interval } = pick({ interval: kind.defaults.intervalMs }, places);
  const timeout = Math.min(kind.defaults.timeoutMs, longestDefaultMs(interval.value, gridMs));
  const given = pick({ ...defaults, timeout }, places);
  const thresholds = pick(defaultsOf(THRESHOLD_KEYS), places, ["thresholds"]);
  issues.push(...misfits(given, thresholds, mayRecheck(kind)));
  const recheck = mayRecheck(kind) ? recheckOf(given, local) : undefined;
  if (options === undefined) return undefined;
  return {
    kind: kind.kind,
    ...planned<Omit<ProbePlan, "kind" | "thresholds" | "options">>(PLAN_KEYS, { ...valuesOf(given), recheck }),
    thresholds: planned<Thresholds>(THRESHOLD_KEYS, valuesOf(thresholds)),
    options,
  };
}

type PlanValues = All<Values<typeof PLAN_KEYS>>;

/** Values that are right alone and do not fit together. `rechecks`: the probe may run between its turns. */
function misfits(given: PlanValues, thresholds: All<Values<typeof THRESHOLD_KEYS>>, rechecks: boolean): Issue[] {
  const { interval, timeout, degraded_after, recheck } = given;
  const { failures, out_of } = thresholds;
  // A value for all probes gives way to a timeout that nobody gave.
  const yields = timeout.path === undefined && !(recheck.path ?? []).includes("probes");
  return [
    ...(rechecks && !yields
      ? order({ timeout }, { recheck }, AT_MOST, formatDuration, (low, high) => low <= high)
      : []),
    ...order({ timeout }, { interval }, BELOW, formatDuration, (low, high) => low < high),
    ...order({ degraded_after }, { timeout }, BELOW, formatDuration, (low, high) => low < high),
    ...order({ failures }, { out_of }, AT_MOST, String, (low, high) => low <= high),
  ];
}

type One = Readonly<Record<string, Given<number | undefined>>>;

/** What is wrong where of two values, each under its name, the first is not as low as it must be. */
function order(
  low: One,
  high: One,
  relation: readonly [lowIsNot: string, highIsNot: string],
  text: (value: number) => string,
  fits: (low: number, high: number) => boolean,
): Issue[] {
  const [[lowName, lowest]] = Object.entries(low) as [[string, Given<number | undefined>]];
  const [[highName, highest]] = Object.entries(high) as [[string, Given<number | undefined>]];
  const [a, b] = [lowest.value, highest.value];
  if (a === undefined || b === undefined || fits(a, b)) return [];
  return clash({ ...lowest, value: a, name: lowName }, { ...highest, value: b, name: highName }, relation, text);
}
