import type { KnownAlert } from "../../functions/model/alerting/alerter-state.ts";
import { matchesAll } from "../../functions/model/alerting/matches.ts";
import type { Receiver } from "../../functions/model/alerting/receiver.ts";
import type { Silence } from "../../functions/model/alerting/silence.ts";
import { silenceEnd } from "../../functions/notify/policy/windows/silence-state.ts";
import type { AlerterWorld, Arrival, Try } from "./world.ts";

const keyOf = (alert: { fingerprint: string; startsAt: number }): string => `${alert.fingerprint}@${alert.startsAt}`;

/**
 * Reads all that was tried and all that arrived and says which laws were broken, in words; none is right. `settled`:
 * nothing fires any more and every receiver has had time to take what was owed to it. `jumped`: the clock did, so that
 * times of messages cannot be compared.
 */
export function brokenLaws(world: AlerterWorld, settled: boolean, jumped = false): string[] {
  return [
    ...repeatsOnlyWhereUncertain(world),
    ...(jumped ? [] : pausesWithAPage(world)),
    ...[...Map.groupBy(world.arrivals, ({ to }) => to)].flatMap(([to, arrivals]) => [
      ...saysSomethingNew(to, arrivals, {
        maybe: possiblyNotified(world, to),
        confirmedAt: confirmations(world, to),
        jumped,
      }),
      ...(settled ? endsWhatItBegan(to, arrivals, possiblyNotified(world, to)) : []),
    ]),
    ...(settled ? endsWhatNobodyTook(world) : []),
  ];
}

/** While a page waits for its next try, its endpoint is tried at least once a minute, with it or with another one. */
function pausesWithAPage({ tries }: AlerterWorld): string[] {
  const broken: string[] = [];
  for (const [id, all] of Map.groupBy(tries, ({ message }) => message.id)) {
    const [first, last] = [all[0] as Try, all.at(-1) as Try];
    const isPage = first.message.alerts.some((a) => a.status === "firing" && a.labels["severity"] === "critical");
    if (!isPage) continue;
    const times = tries.filter(({ to, at }) => to === first.to && at >= first.at && at <= last.at).map(({ at }) => at);
    times.forEach((at, i) => {
      if (at - (times[i - 1] ?? at) > 60_000) broken.push(`${id} to ${first.to} was let lie for more than a minute`);
    });
  }
  return broken;
}

/** Every endpoint that has had time to take what it shall know knows of every alert that fires; `isDue` says of which. */
export function missedFiring(
  { arrivals, core }: AlerterWorld,
  isDue: (alert: KnownAlert, receiver: string) => boolean,
  receivers: readonly Receiver[],
): string[] {
  const freshVotes = new Set(
    arrivals.flatMap(({ to, message }) =>
      message.alerts.filter(({ status }) => status === "firing").map((a) => `${to} ${keyOf(a)}`),
    ),
  );
  const firing = [...core.head().alerts.all.values()].filter(({ resolvedAt }) => resolvedAt === undefined);
  return receivers.flatMap(({ name, endpoints }) =>
    firing
      .filter((one) => isDue(one, name))
      .flatMap((one) => endpoints.map((_, i) => `${name}.${i} ${keyOf(one)}`))
      .filter((one) => !freshVotes.has(one))
      .map((one) => `was never told of what fires: ${one}`),
  );
}

/** A message comes to an endpoint again only if nobody could know that it had arrived. */
function repeatsOnlyWhereUncertain({ tries }: AlerterWorld): string[] {
  const broken: string[] = [];
  for (const [id, all] of Map.groupBy(tries, ({ message }) => message.id))
    all.slice(0, -1).forEach(({ notificationLog }) => {
      if (notificationLog === "delivered") broken.push(`${id} was tried again after it was delivered`);
    });
  for (const [id, all] of Map.groupBy(tries, ({ message }) => message.id))
    if (new Set(all.map(({ message }) => JSON.stringify(message))).size > 1) broken.push(`${id} changed between tries`);
  return broken;
}

/** Every new message has a reason that its receiver can see. */
function saysSomethingNew(
  to: string,
  arrivals: readonly Arrival[],
  {
    maybe,
    confirmedAt,
    jumped,
  }: { maybe: ReadonlySet<string>; confirmedAt: ReadonlyMap<string, number>; jumped: boolean },
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
    // What nobody could know to have arrived is said again.
    const unconfirmed = message.alerts.filter(
      (a) => a.status === "firing" && (confirmedAt.get(keyOf(a)) ?? Number.POSITIVE_INFINITY) >= message.at,
    );
    const isReminder = message.reason === "repeat interval elapsed";
    const sinceMs = message.at - (lastAt.get(message.groupKey) ?? Number.NEGATIVE_INFINITY);
    const isSoon = !jumped && sinceMs >= 0 && sinceMs < 10 * 60_000;
    if (
      begun.length + ended.length + taken.length + uncertain.length + unconfirmed.length === 0 &&
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
const possiblyNotified = ({ tries }: AlerterWorld, to: string): ReadonlySet<string> =>
  new Set(
    tries
      .filter((one) => one.to === to && one.notificationLog !== "failed")
      .flatMap(({ message }) => message.alerts.filter(({ status }) => status === "firing").map(keyOf)),
  );

/** When an endpoint first surely heard of each alert. */
function confirmations({ tries }: AlerterWorld, to: string): ReadonlyMap<string, number> {
  const confirmedAt = new Map<string, number>();
  for (const { message, at, notificationLog, to: whom } of tries)
    for (const a of message.alerts)
      if (whom === to && notificationLog === "delivered" && a.status === "firing" && !confirmedAt.has(keyOf(a)))
        confirmedAt.set(keyOf(a), at);
  return confirmedAt;
}

/** What an endpoint that nothing has ever reached may have been told of was told to it as over. */
const endsWhatNobodyTook = (world: AlerterWorld): string[] => {
  const reached = new Set(world.arrivals.map(({ to }) => to));
  return [...new Set(world.tries.map(({ to }) => to))]
    .filter((to) => !reached.has(to))
    .flatMap((to) => [...possiblyNotified(world, to)].map((key) => `${to} was never told of the end of ${key}`));
};

/** Whoever was told of a beginning, or may have been, was told of the end. */
function endsWhatItBegan(to: string, arrivals: readonly Arrival[], maybe: ReadonlySet<string>): string[] {
  const ended = new Set(
    arrivals.flatMap(({ message }) => message.alerts.filter(({ status }) => status === "resolved").map(keyOf)),
  );
  const silently = [...maybe].filter((key) => !ended.has(key));
  const firing = new Map<string, string>();
  for (const { message } of arrivals)
    for (const a of message.alerts)
      if (a.status === "firing") firing.set(keyOf(a), JSON.stringify(a.labels));
      else firing.delete(keyOf(a));
  return [...firing.values(), ...silently].map((what) => `${to} was never told of the end of ${what}`);
}

/** What people did to the Alerter. */
export interface Doings {
  silences: Silence[];
  acknowledgedAt: Map<string, number>;
  jumped: boolean;
}

/** Nobody is told of something new that is silenced, nor woken for what somebody has taken on. */
export function brokenByMutes(world: AlerterWorld, { silences, acknowledgedAt, jumped }: Doings): string[] {
  const broken: string[] = [];
  if (jumped) return broken;
  const known = new Set<string>();
  for (const { to, message } of world.tries)
    for (const one of message.alerts) {
      if (one.status !== "firing" || known.has(`${to} ${keyOf(one)}`)) continue;
      known.add(`${to} ${keyOf(one)}`);
      const silence = silences.find(
        (s) => s.startsAt < message.at && message.at < silenceEnd(s) && matchesAll(s.matchers, one.labels),
      );
      if (silence !== undefined) broken.push(`${to} was told of ${one.labels["alertname"]} under ${silence.id}`);
      const acknowledged = acknowledgedAt.get(keyOf(one)) ?? Number.POSITIVE_INFINITY;
      if (to === "boss.0" && message.at > acknowledged) broken.push(`${to} was woken for what ann had taken on`);
    }
  return broken;
}
