import type { AnyValue, KeyValue } from "../../../proto/gen/opentelemetry/proto/common/v1/common_pb.ts";
import { fnv1a } from "../../lib/fnv1a.ts";
import { toHex } from "../../lib/hex.ts";
import type { Labels } from "../../model/metric.ts";
import { PUSH_SOURCE, type PushableFamily } from "../../model/probing/push.ts";

/** Longest text that becomes a label, in UTF-16 units. */
const LONGEST_LABEL = 128;

/** Attributes by the Prometheus form of their keys; of two that become one the first stands. Lists and maps are left out. */
export type Attributes = ReadonlyMap<string, string>;

/** Reads attributes. */
export function readAttributes(pairs: readonly KeyValue[]): Attributes {
  const found = new Map<string, string>();
  for (const { key, value } of pairs) {
    const name = key.replace(/[^A-Za-z0-9_]/g, "_");
    if (value === undefined || value.value.case === undefined || isNested(value) || found.has(name)) continue;
    found.set(name, textOf(value));
  }
  return found;
}

const isNested = ({ value }: AnyValue): boolean => value.case === "arrayValue" || value.case === "kvlistValue";

/** Values nested deeper than this are taken for the same. */
const DEEPEST_VALUE = 8;

/** A text that tells values apart. */
function textOf({ value }: AnyValue, depth = 0): string {
  if (depth > DEEPEST_VALUE) return "";
  if (value.case === "arrayValue")
    return JSON.stringify(value.value.values.map((one) => [one.value.case, textOf(one, depth + 1)]));
  if (value.case === "kvlistValue") return printAttributes(value.value.values, depth + 1);
  if (value.case === "bytesValue") return toHex(value.value);
  return String(value.value ?? "");
}

/** A text that tells sets of attributes apart, whatever their order: the identity of a stream asks for types, too. */
export function printAttributes(pairs: readonly KeyValue[], depth = 0): string {
  const texts = pairs.map(({ key, value }) =>
    value === undefined ? [key] : [key, value.value.case, textOf(value, depth)],
  );
  return JSON.stringify(texts.map((text) => JSON.stringify(text)).sort());
}

/** What says which process tells. None of it is a label: a series of its own per process would never end. */
const IDENTITY: readonly string[] = ["service_namespace", "service_name", "service_instance_id"];
/** Where a resource does not say `service.instance.id`, its host and process stand for it. */
const STAND_IN: readonly string[] = ["host_name", "process_pid"];

/**
 * The labels of a series: what the family declares, from the point's attributes, else from the resource's; other
 * attributes are no labels. `clean` makes a value fit to be stored. Undefined where a label is too long, or where one of ours is not told.
 */
export function labelsOf(
  { family, own }: PushableFamily,
  point: Attributes,
  resource: Attributes,
  clean: (value: string) => string,
): Labels | undefined {
  const labels: Record<string, string> = { ...PUSH_SOURCE };
  for (const name of family.labels) {
    if (name === "target" || name === "source") continue;
    const value = point.get(name) ?? (IDENTITY.includes(name) ? undefined : resource.get(name)) ?? "";
    if (value.length > LONGEST_LABEL || !value.isWellFormed()) return undefined;
    const cleaned = clean(value);
    if (own && cleaned === "") return undefined;
    labels[name] = cleaned;
  }
  return labels;
}

/**
 * A short name for the process behind a resource; the same for two that say nothing to tell them apart. What names no
 * process at all is told apart by all of its attributes.
 */
export function sourceOf(pairs: readonly KeyValue[]): string {
  const resource = readAttributes(pairs);
  const namesProcess = ["service_instance_id", ...STAND_IN].some((key) => resource.has(key));
  if (!namesProcess) return shortName(printAttributes(pairs));
  const keys = resource.has("service_instance_id") ? IDENTITY : [...IDENTITY, ...STAND_IN];
  return shortName(keys.map((key) => resource.get(key) ?? "").join("\n"));
}

/** 16 hex digits that stand for a text of any length. Not for anything secret: texts that collide can be made. */
export function shortName(text: string): string {
  const half = (salt: string): string => fnv1a(`${salt}${text}${salt}`).toString(16).padStart(8, "0");
  return `${half("a")}${half("b")}`;
}
