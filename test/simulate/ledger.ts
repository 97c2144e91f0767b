import type { Incident } from "../../functions/model/alerting/incident.ts";
import type { Target } from "../../functions/model/probing/target.ts";
import { type Delays, delaysOf } from "./delays.ts";
import { groupsOf, type NotifiedGroup, type Page, pagesOf } from "./pages.ts";
import type { Delivered } from "./world/receivers.ts";
import type { Muted, Outage, Truth } from "./world/truth.ts";

/** All that the ledger is taken from. */
export interface LedgerSource {
  truth: Truth;
  inbox: readonly Delivered[];
  /** All targets that are ever watched: what sees an outage how often. */
  targets: readonly Target[];
  /** What was recorded in the database. */
  incidents: readonly Incident[];
  endAt: number;
  /** How much later than usual the platform lets things happen, ms. */
  lateMs: number;
}

/** What receivers got of what happened. */
export interface Ledger {
  outages: number;
  missed: number;
  /** Messages to receivers of criticals, an outage and endpoint. */
  messages: number;
  /** The most messages that an endpoint got of one outage, reminders not counted. */
  mostMessages: number;
  notifiedAfterMend: number;
  slowBurn: number;
  latencyWarnings: number;
  lateDeliveries: number;
  falsePages: number;
  falseWarnings: number;
  /** Alerts about the prober, or warnings, where there was a reason. */
  rightAlerts: number;
  /** Pages of an outage beyond the first at one endpoint, and messages that came twice after a clean answer. */
  doubled: number;
  /** Messages that came twice since nobody could know of the first. */
  doubledUnknown: number;
  unresolved: number;
  escalationsAfterMend: number;
  /** Long outages that nobody acknowledged, and of which the manager never heard. */
  escalationsMissed: number;
  pagerIncidents: number;
  detection: Delays;
  over: Delays;
  /** Of recorded minutes. */
  durationError: Delays;
  /** Between the mend and the recorded end. */
  endError: Delays;
  /** What broke a law, in words. */
  findings: string[];
}

/** So long after an outage a page still belongs to it, though it comes too late. */
const AFTERMATH_MS = 7_200_000;
/** Folding, delivery and the way. */
const DELIVERY_MS = 5_000;
/** An endpoint that could hear for so long at the end of an outage has heard of it, whatever was before. */
const HEARS_MS = 150_000;
const PAGED = ["oncall/webhook", "team/webhook"];

/** Takes the ledger. It knows only what receivers got and what really happened. */
export function takeLedger(source: LedgerSource): Ledger {
  const { truth, inbox, endAt } = source;
  const outages = [...truth.outages].sort((a, b) => a.startAt - b.startAt);
  const counted = outages.map((outage) => ({ outage, since: countedFrom(outage, source) }));
  const pages = pagesOf(inbox).filter(({ target }) => !truth.ignored.has(target));
  const ledger = emptyLedger();
  const detection: number[] = [];
  const over: number[] = [];
  const matched = new Map<Outage, Page[]>();
  const groups = groupsOf(inbox).filter(({ isCritical, endpoint }) => isCritical && PAGED.includes(endpoint));
  ledger.mostMessages = Math.max(0, ...groups.map(({ messages }) => messages));
  const unnamed = new Unnamed(groups, pages);
  // The comparisons have no manager.
  for (const page of pages) classify(page, source, outages, ledger, matched);
  for (const { outage, since } of counted) {
    const own = matched.get(outage) ?? [];
    if (own.length === 0) own.push(...unnamed.pagesOf(outage, slackOf(outage, source)));
    for (const of of PAGED)
      countDoubled(
        own.filter(({ endpoint }) => endpoint === of),
        ledger,
        outage,
      );
    const critical = own.filter(({ endpoint, isCritical }) => isCritical && endpoint !== "manager/webhook");
    const carried = pages.filter(
      (page) =>
        page.isCritical &&
        page.target === outage.target &&
        page.beganAt < outage.startAt &&
        page.endedAt > outage.startAt,
    );
    if (since !== undefined) ledger.outages++;
    else if (critical.length === 0) continue;
    if (critical.length === 0 && carried.length === 0) {
      ledger.missed++;
      ledger.findings.push(`missed ${text(outage)}`);
      continue;
    }
    if (since !== undefined && isEscalationMissed(outage, own, source)) {
      ledger.escalationsMissed++;
      ledger.findings.push(`the manager was not notified of ${text(outage)}`);
    }
    if (since !== undefined)
      for (const endpoint of PAGED) {
        const isNotified = [...critical, ...carried].some((page) => page.endpoint === endpoint);
        if (
          isNotified ||
          outage.endAt - since < HEARS_MS ||
          wasDeaf(source, outage.endAt - HEARS_MS, outage.endAt, endpoint)
        )
          continue;
        ledger.missed++;
        ledger.findings.push(`${endpoint} was not notified of ${text(outage)}`);
      }
    const first = Math.min(...critical.map(({ beganAt }) => beganAt));
    if (since !== undefined && carried.length === 0) detection.push(Math.max(0, first - since));
    const next = outages.find((other) => other.target === outage.target && other.startAt > outage.startAt);
    const ends = critical
      .filter(({ endedAt, endpoint }) => endedAt < endAt && !wasDeaf(source, outage.endAt, endedAt, endpoint))
      .map(({ endedAt }) => endedAt);
    const last = Math.max(...ends);
    if (ends.length > 0 && carried.length === 0 && (next === undefined || last < next.startAt))
      over.push(Math.max(0, last - outage.endAt));
    for (const page of critical) ledger.messages += page.messages;
  }
  countRepeats(source, ledger);
  if (truth.ignored.size === 0) countPager(inbox, ledger);
  ledger.detection = delaysOf(detection);
  ledger.over = delaysOf(over);
  const errors = recordErrors(
    source,
    counted.filter(({ since }) => since !== undefined).map(({ outage }) => outage),
  );
  ledger.durationError = delaysOf(errors.map(({ durationMs }) => durationMs));
  ledger.endError = delaysOf(errors.map(({ endMs }) => endMs));
  return ledger;
}

/**
 * Messages about many targets name some and count the others. Whoever is not named was told by the first message that
 * counts more than it names, and that it is over when all of the group is.
 */
class Unnamed {
  /** What is left of each message to be told of. */
  readonly #groups: { group: NotifiedGroup; counts: { at: number; left: number }[] }[];

  constructor(groups: readonly NotifiedGroup[], pages: readonly Page[]) {
    this.#groups = groups.map((group) => {
      let named = 0;
      const counts = group.counts.map(({ at, alerts }) => {
        named = Math.max(named, alerts);
        const listed = pages.filter(
          (page) =>
            page.endpoint === group.endpoint &&
            page.isCritical &&
            page.beganAt >= (group.counts[0]?.at ?? 0) &&
            page.beganAt <= at,
        ).length;
        return { at, left: Math.max(0, named - listed) };
      });
      return { group, counts };
    });
  }

  pagesOf({ target, startAt, endAt }: Outage, slackMs: number): Page[] {
    return this.#groups.flatMap(({ group, counts }): Page[] => {
      const first = counts.find(({ at, left }) => left > 0 && at >= startAt && at <= endAt + slackMs);
      if (first === undefined) return [];
      // It is in all later counts as well.
      for (const one of counts) if (one.at >= first.at) one.left--;
      const { endpoint, closedAt: endedAt } = group;
      return [
        { endpoint, target, isCritical: true, kind: "other", alertnames: [], beganAt: first.at, endedAt, messages: 0 },
      ];
    });
  }
}

/** Since when an outage has to be told; undefined where it is too short, or muted for as long as it lasts. */
function countedFrom(outage: Outage, { truth, targets }: LedgerSource): number | undefined {
  const seers = seersOf(outage, { targets });
  if (seers.length === 0) return undefined;
  const needMs = Math.min(...seers.map(({ intervalMs, timeoutMs }) => intervalMs + 2 * timeoutMs));
  let from = outage.startAt;
  for (const muted of truth.muted.toSorted((a, b) => a.startAt - b.startAt))
    if (isOf(muted, outage.target) && muted.startAt <= from + needMs && muted.endAt > from) from = muted.endAt;
  return outage.endAt - from > needMs ? from : undefined;
}

/** Critical probes that see an outage. */
const seersOf = (outage: Outage, { targets }: Pick<LedgerSource, "targets">) =>
  (targets.find(({ name }) => name === outage.target)?.probes ?? []).filter(
    ({ kind, critical }) => critical && outage.seenBy.includes(kind),
  );

const isOf = ({ target }: Muted, name: string): boolean => target === undefined || target === name;

const OF_PROBER = /Zako(Prober|Vantage)/;

/** Says what a page is: of an outage, told after its mend, or false. */
function classify(
  page: Page,
  source: LedgerSource,
  outages: readonly Outage[],
  ledger: Ledger,
  matched: Map<Outage, Page[]>,
): void {
  const { truth, endAt } = source;
  if (page.endedAt >= endAt && page.kind !== "latency") {
    ledger.unresolved++;
    ledger.findings.push(`unresolved ${textOf(page)}`);
  }
  if (page.kind === "slow burn") {
    ledger.slowBurn++;
    return;
  }
  if (page.kind === "latency") {
    ledger.latencyWarnings++;
    return;
  }
  const isRight = truth.troubles.some(
    ({ kind, target, startAt, endAt: until }) =>
      (target === undefined || target === page.target) &&
      page.beganAt >= startAt &&
      page.beganAt <= until + 20 * 60_000 &&
      (kind === "noise" ? !page.isCritical : page.alertnames.every((name) => OF_PROBER.test(name))),
  );
  const own = outages.filter(({ target }) => target === page.target);
  const outage = own.findLast(({ startAt }) => startAt <= page.beganAt);
  if (outage === undefined || page.beganAt > outage.endAt + AFTERMATH_MS) {
    if (isRight) {
      ledger.rightAlerts++;
      return;
    }
    if (page.isCritical) ledger.falsePages++;
    else ledger.falseWarnings++;
    ledger.findings.push(`false ${textOf(page)}`);
    return;
  }
  if (page.beganAt <= outage.endAt + slackOf(outage, source)) {
    matched.set(outage, [...(matched.get(outage) ?? []), page]);
    return;
  }
  if (isRight) return;
  if (wasDeaf(source, outage.startAt, page.beganAt, page.endpoint)) {
    ledger.lateDeliveries++;
    return;
  }
  if (page.endpoint === "manager/webhook") ledger.escalationsAfterMend++;
  ledger.notifiedAfterMend++;
  ledger.findings.push(
    `notified ${seconds(page.beganAt - outage.endAt)} after the mend of ${text(outage)}: ${textOf(page)}`,
  );
}

/** A run that began before the mend may take its deadline; what it says is then on its way. */
function slackOf(outage: Outage, { targets, lateMs }: LedgerSource): number {
  return Math.max(0, ...seersOf(outage, { targets }).map(({ timeoutMs }) => timeoutMs)) + DELIVERY_MS + lateMs;
}

const wasDeaf = ({ truth }: LedgerSource, from: number, to: number, endpoint?: string): boolean =>
  truth.deaf.some(
    (deaf) =>
      deaf.startAt <= to &&
      // What piled up meanwhile takes a while.
      deaf.endAt + 20 * 60_000 >= from &&
      (endpoint === undefined || endpoint.startsWith(deaf.endpoint)),
  );

function countDoubled(pages: readonly Page[], ledger: Ledger, outage: Outage): void {
  for (const critical of [true, false]) {
    const own = pages.filter((page) => page.isCritical === critical);
    if (!critical || own.length < 2) continue;
    ledger.doubled += own.length - 1;
    ledger.findings.push(`paged ${own.length} times of ${text(outage)}: ${own.map(textOf).join("; ")}`);
  }
}

/** The manager is called after 15 minutes; a run that is awaited, or a recovery that does not last, holds that up. */
const ESCALATES_MS = 15 * 60_000;
const HOLD_MS = 135_000;

function isEscalationMissed(outage: Outage, own: readonly Page[], source: LedgerSource): boolean {
  const { truth } = source;
  const paged = own.filter(({ isCritical, endpoint }) => isCritical && endpoint === "oncall/webhook");
  const first = Math.min(...paged.map(({ beganAt }) => beganAt));
  const isMuted = truth.muted.some(
    (muted) => isOf(muted, outage.target) && muted.endAt > outage.startAt && muted.startAt < outage.endAt,
  );
  if (truth.acknowledges || isMuted || source.lateMs > 5_000 || wasDeaf(source, outage.startAt, outage.endAt))
    return false;
  const seers = seersOf(outage, source);
  const nextMs = Math.min(
    ...seers.map(({ recheckMs, intervalMs, timeoutMs }) => (recheckMs ?? intervalMs) + timeoutMs),
  );
  if (!(outage.endAt - first > ESCALATES_MS + HOLD_MS + nextMs)) return false;
  return !own.some(({ endpoint }) => endpoint === "manager/webhook");
}

/** A request that its sender did not live to see the end of may still arrive. */
const IN_FLIGHT_MS = 1_000;

/** Messages that came twice. Whoever sent it may have died before it had stored the answer. */
function countRepeats({ inbox, truth: { deaths } }: LedgerSource, ledger: Ledger): void {
  const seen = new Map<string, { at: number; answered: boolean }>();
  for (const { endpoint, id, answered, at } of inbox) {
    if (endpoint.endsWith("/pagerduty")) continue;
    const key = `${endpoint} ${id}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const isUnknown = !before.answered || deaths.some((died) => died >= before.at - IN_FLIGHT_MS && died <= at);
      if (isUnknown) ledger.doubledUnknown++;
      else {
        ledger.doubled++;
        ledger.findings.push(`${endpoint} got ${id} twice`);
      }
    }
    seen.set(key, { at, answered });
  }
}

function countPager(inbox: readonly Delivered[], ledger: Ledger): void {
  const open = new Set<string>();
  const all = new Set<string>();
  for (const { body } of inbox) {
    if (!("dedup_key" in body)) continue;
    all.add(body.dedup_key);
    if (body.event_action === "resolve") open.delete(body.dedup_key);
    else open.add(body.dedup_key);
  }
  ledger.pagerIncidents = all.size;
  ledger.unresolved += open.size;
  for (const key of open) ledger.findings.push(`unresolved incident ${key}`);
}

/** Recorded against true minutes, of outages that stand for themselves in the record. */
function recordErrors(
  { incidents }: LedgerSource,
  outages: readonly Outage[],
): { durationMs: number; endMs: number }[] {
  return outages.flatMap((outage) => {
    const own = incidents.filter(
      ({ target, state, openedAt, closedAt = Number.POSITIVE_INFINITY }) =>
        state === "down" && target === outage.target && openedAt < outage.endAt && closedAt > outage.startAt,
    );
    const [only] = own;
    if (only?.closedAt === undefined || own.length > 1) return [];
    const isShared = outages.some(
      (other) =>
        other !== outage &&
        other.target === outage.target &&
        other.startAt < (only.closedAt ?? 0) &&
        other.endAt > only.openedAt,
    );
    if (isShared) return [];
    const durationMs = Math.abs(only.closedAt - only.openedAt - (outage.endAt - outage.startAt));
    return [{ durationMs, endMs: Math.abs(only.closedAt - outage.endAt) }];
  });
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
const text = ({ target, startAt, endAt, cause }: Outage): string =>
  `${target} ${cause} ${new Date(startAt).toISOString().slice(5, 19)} for ${seconds(endAt - startAt)}`;
const textOf = ({ endpoint, target, alertnames, beganAt, endedAt }: Page): string =>
  `${endpoint} ${target} ${alertnames.join("+")} ${new Date(beganAt).toISOString().slice(5, 19)} for ${Number.isFinite(endedAt) ? seconds(endedAt - beganAt) : "ever"}`;

function emptyLedger(): Ledger {
  const none = delaysOf([]);
  return {
    outages: 0,
    missed: 0,
    messages: 0,
    mostMessages: 0,
    notifiedAfterMend: 0,
    slowBurn: 0,
    latencyWarnings: 0,
    lateDeliveries: 0,
    falsePages: 0,
    falseWarnings: 0,
    rightAlerts: 0,
    doubled: 0,
    doubledUnknown: 0,
    unresolved: 0,
    escalationsAfterMend: 0,
    escalationsMissed: 0,
    pagerIncidents: 0,
    detection: none,
    over: none,
    durationError: none,
    endError: none,
    findings: [],
  };
}
