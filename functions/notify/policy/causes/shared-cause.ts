import { getOrInsert } from "../../../lib/get-or-insert.ts";
import type { Outage } from "../../../model/alerting/alert.ts";
import type { DecideInput } from "../decide-input.ts";
import { causeGroup, type Group } from "../group.ts";
import { takeRoutes } from "../route.ts";
import type { Addressed } from "../stage.ts";
import type { OpenCauses } from "./open-causes.ts";

/** The first critical message of a cause waits so long for others. */
export const GATHER_MS = 3_000;
/** From so many targets on, one cause is one message. */
const GATHER_FROM = 3;

/** Targets that are down for one cause and have one thing in common. */
interface Bucket {
  group: Group;
  targets: Set<string>;
  /** When the first of those that have not been told has waited for the others, epoch ms. */
  dueAt: number;
}

/**
 * By target, the group of one cause that it is told in. `down`: all that are down and may be told to one endpoint, told or
 * not; `news`: those of them that have not been told. A target that is in none is told alone.
 */
export function findCauses(
  down: readonly Addressed[],
  news: readonly Addressed[],
  open: OpenCauses,
  input: Pick<DecideInput, "policy" | "targets" | "now">,
): ReadonlyMap<string, Group> {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (group: Group): Bucket =>
    getOrInsert(buckets, group.key, () => ({ group, targets: new Set<string>(), dueAt: Number.POSITIVE_INFINITY }));
  for (const { alert } of down)
    for (const group of sharesOf(alert.outage)) bucketOf(group).targets.add(alert.labels["target"] ?? "");
  for (const { alert } of news)
    for (const group of sharesOf(alert.outage)) {
      const bucket = bucketOf(group);
      bucket.dueAt = Math.min(bucket.dueAt, alert.receivedAt + GATHER_MS);
    }
  const isAll = memoized((bucket: Bucket) => isAllOf(bucket, down, input));
  const isFormed = (bucket: Bucket): boolean =>
    bucket.dueAt <= input.now &&
    bucket.targets.size >= GATHER_FROM &&
    (bucket.group.shared?.by !== "receiver" || isAll(bucket));
  const found = new Map<string, Group>();
  for (const { alert } of news) {
    const shares = sharesOf(alert.outage);
    const joined = shares.map(({ key }) => open.causes.get(key)).find((group) => group !== undefined);
    const formed = shares.map(bucketOf).filter(isFormed);
    // The one that takes most; of equals the first, since it says most.
    const largest = formed.reduce<Bucket | undefined>(
      (best, one) => (best === undefined || one.targets.size > best.targets.size ? one : best),
      undefined,
    );
    const group = joined ?? largest?.group;
    if (group !== undefined) found.set(alert.labels["target"] ?? "", group);
  }
  return found;
}

/** The groups that an outage may be told in, the one that says most first. Only of targets that are down. */
function sharesOf(outage: Outage | undefined): readonly Group[] {
  if (outage?.down !== true) return [];
  const known = groups.get(outage);
  if (known !== undefined) return known;
  const { cause, front, region } = outage;
  const made = [
    causeGroup({ cause, by: "front" }, front),
    ...(region === undefined ? [] : [causeGroup({ cause, by: "region", region }, undefined)]),
    causeGroup({ cause, by: "receiver" }, undefined),
  ];
  groups.set(outage, made);
  return made;
}

const groups = new WeakMap<Outage, readonly Group[]>();

/** Whether these are all targets that the receiver hears of. */
function isAllOf(
  { targets: down }: Bucket,
  [first]: readonly Addressed[],
  { policy, targets = [] }: Pick<DecideInput, "policy" | "targets">,
): boolean {
  const { receiver = "" } = first?.to ?? {};
  const isRouted = ({ name, labels }: { name: string; labels: Readonly<Record<string, string>> }): boolean =>
    takeRoutes(policy.route, { ...labels, target: name, alertname: "ZakoTargetDown", severity: "critical" }).some(
      (route) => route.receiver === receiver,
    );
  const routed = targets.filter(isRouted);
  // Who is told by escalation alone hears of all.
  const own = routed.length === 0 ? targets : routed;
  return own.length >= GATHER_FROM && own.every(({ name }) => down.has(name));
}

function memoized<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.has(key) ? (known.get(key) as Value) : make(key);
    known.set(key, value);
    return value;
  };
}
