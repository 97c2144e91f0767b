import type { KeyValue } from "../../../proto/gen/opentelemetry/proto/common/v1/common_pb.ts";
import { fnv1a } from "../../lib/fnv1a.ts";
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
    const text = value?.value.value;
    if (text !== undefined && !found.has(name)) found.set(name, String(text));
  }
  return found;
}

/** What says which process tells. None of it is a label: a series of its own per process would never end. */
const IDENTITY: readonly string[] = ["service_namespace", "service_name", "service_instance_id"];
/** Where a resource does not say `service.instance.id`, its host and process stand for it. */
const STAND_IN: readonly string[] = ["host_name", "process_pid"];

/**
 * The labels of a series: what the family declares, from the point's attributes, else from the resource's; other
 * attributes are no labels. Undefined where a label is too long, or where one of ours is not told.
 */
export function labelsOf({ family, own }: PushableFamily, point: Attributes, resource: Attributes): Labels | undefined {
  const labels: Record<string, string> = { ...PUSH_SOURCE };
  for (const name of family.labels) {
    if (name === "target" || name === "source") continue;
    const value = point.get(name) ?? (IDENTITY.includes(name) ? undefined : resource.get(name)) ?? "";
    if ((own && value === "") || value.length > LONGEST_LABEL || !value.isWellFormed()) return undefined;
    labels[name] = value;
  }
  return labels;
}

/** A short name for the process behind a resource; the same for two that say nothing to tell them apart. */
export function sourceOf(resource: Attributes): string {
  const keys = resource.has("service_instance_id") ? IDENTITY : [...IDENTITY, ...STAND_IN];
  return shortName(keys.map((key) => resource.get(key) ?? "").join("\n"));
}

/** 16 hex digits that stand for a text of any length. Not for anything secret: texts that collide can be made. */
export function shortName(text: string): string {
  const half = (salt: string): string => fnv1a(`${salt}${text}${salt}`).toString(16).padStart(8, "0");
  return `${half("a")}${half("b")}`;
}
