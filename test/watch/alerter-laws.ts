import { MAX_UNCERTAIN } from "../../functions/notify/retry.ts";
import type { AlerterWorld, Arrival } from "./alerter-world.ts";

const keyOf = (alert: { fingerprint: string; startsAt: number }): string => `${alert.fingerprint}@${alert.startsAt}`;

/**
 * Reads all that was tried and all that arrived and says which laws were broken, in words; none is right. `settled`:
 * nothing fires any more and every receiver has had time to take what was owed to it. `jumped`: the clock did, so that
 * times of messages cannot be compared.
 */
export function brokenLaws(world: AlerterWorld, settled: boolean, jumped = false): string[] {
  return [
    ...repeatsOnlyWhereUncertain(world),
    ...[...Map.groupBy(world.arrivals, ({ to }) => to)].flatMap(([to, arrivals]) => [
      ...saysSomethingNew(to, arrivals, maybeTold(world, to), jumped),
      ...(settled ? endsWhatItBegan(world, to, arrivals) : []),
    ]),
  ];
}

/** A message comes to an endpoint again only if nobody could know that it had arrived. */
function repeatsOnlyWhereUncertain({ tries }: AlerterWorld): string[] {
  const broken: string[] = [];
  for (const [id, all] of Map.groupBy(tries, ({ message }) => message.id))
    all.slice(0, -1).forEach(({ told }) => {
      if (told === "delivered") broken.push(`${id} was tried again after it was delivered`);
    });
  for (const [id, all] of Map.groupBy(tries, ({ message }) => message.id))
    if (new Set(all.map(({ message }) => JSON.stringify(message))).size > 1) broken.push(`${id} changed between tries`);
  return broken;
}

/** Every new message has a reason that its receiver can see. */
function saysSomethingNew(
  to: string,
  arrivals: readonly Arrival[],
  maybe: ReadonlySet<string>,
  jumped: boolean,
): string[] {
  const broken: string[] = [];
  const firing = new Set<string>();
  const acknowledged = new Set<string>();
  const seen = new Set<string>();
  const lastAt = new Map<string, number>();
  for (const { message } of arrivals) {
    if (seen.has(message.id)) continue;
    seen.add(message.id);
    const begun = message.alerts.filter((a) => a.status === "firing" && !firing.has(keyOf(a)));
    const ended = message.alerts.filter((a) => a.status === "resolved" && firing.has(keyOf(a)));
    const orphans = message.alerts.filter((a) => a.status === "resolved" && !firing.has(keyOf(a)));
    const uncertain = orphans.filter((a) => maybe.has(keyOf(a)));
    const taken = message.alerts.filter((a) => a.acknowledgedBy !== undefined && !acknowledged.has(keyOf(a)));
    const isReminder = message.reason === "repeat interval elapsed";
    const sinceMs = message.at - (lastAt.get(message.groupKey) ?? Number.NEGATIVE_INFINITY);
    const isSoon = !jumped && sinceMs >= 0 && sinceMs < 10 * 60_000;
    if (
      begun.length + ended.length + taken.length + uncertain.length === 0 &&
      message.truncated === 0 &&
      (!isReminder || isSoon)
    )
      broken.push(`${to} got ${message.id} (${message.reason}) and learned nothing`);
    if (orphans.length > uncertain.length) broken.push(`${to} got the end of what it had not been told: ${message.id}`);
    if ((message.status === "firing") !== message.alerts.some((a) => a.status === "firing") && message.truncated === 0)
      broken.push(`${message.id} says ${message.status} and its alerts do not`);
    for (const a of begun) firing.add(keyOf(a));
    for (const a of ended) firing.delete(keyOf(a));
    for (const a of taken) acknowledged.add(keyOf(a));
    lastAt.set(message.groupKey, message.at);
  }
  return broken;
}

/** Alerts that an endpoint was told of by a try that may have arrived. */
const maybeTold = ({ tries }: AlerterWorld, to: string): ReadonlySet<string> =>
  new Set(
    tries
      .filter((one) => one.to === to && one.told !== "failed")
      .flatMap(({ message }) => message.alerts.filter(({ status }) => status === "firing").map(keyOf)),
  );

/** Whoever was told of a beginning was told of the end, or may have been, as often as an end is tried. */
function endsWhatItBegan({ tries }: AlerterWorld, to: string, arrivals: readonly Arrival[]): string[] {
  const firing = new Map<string, string>();
  for (const { message } of arrivals)
    for (const a of message.alerts)
      if (a.status === "firing") firing.set(keyOf(a), JSON.stringify(a.labels));
      else firing.delete(keyOf(a));
  const unclear = tries.filter((one) => one.to === to && (one.told === "uncertain" || one.told === "cut"));
  for (const all of Map.groupBy(unclear, ({ message }) => message.id).values())
    if (all.length >= MAX_UNCERTAIN)
      for (const a of all[0]?.message.alerts ?? []) if (a.status === "resolved") firing.delete(keyOf(a));
  return [...firing.values()].map((labels) => `${to} was never told of the end of ${labels}`);
}
