import type { Incident } from "../../../functions/model/alerting/incident.ts";
import type { Ledger, LedgerSource } from "../ledger.ts";
import { type Page, pagesOf } from "../pages.ts";
import type { Outage } from "../world/truth.ts";

/** What one of two worlds made of a script. */
export interface Side {
  name: string;
  source: LedgerSource;
  ledger: Ledger;
}

/** One outage as receivers and the record had it. Times in ms. */
export interface OutageRow {
  outage: Outage;
  /** A line per page: `ENDPOINT CLASS ALERTS x MESSAGES`. */
  pages: string[];
  /** From its start to the first message; undefined: nobody was notified. */
  foundMs: number | undefined;
  /** From its end to the last message that it is over. */
  overMs: number | undefined;
  /** Recorded start and end, from the true ones. */
  openedMs: number | undefined;
  closedMs: number | undefined;
}

/** Pages and records by outage. A page belongs to the last outage of its target that began before it. */
export function rowsOf({ source: { truth, inbox, incidents } }: Side): OutageRow[] {
  const pages = pagesOf(inbox);
  const outages = [...truth.outages].sort((a, b) => a.startAt - b.startAt);
  return outages.map((outage) => {
    const next = outages.find(({ target, startAt }) => target === outage.target && startAt > outage.startAt);
    const isOwn = (target: string, at: number): boolean =>
      target === outage.target && at >= outage.startAt && at < (next?.startAt ?? Number.POSITIVE_INFINITY);
    const own = pages.filter((page) => isOwn(page.target, page.beganAt));
    const record = incidents.find((incident) => incident.state === "down" && isOwn(incident.target, incident.openedAt));
    return {
      outage,
      pages: own.map(textOf).sort(),
      foundMs: least(own.map(({ beganAt }) => beganAt - outage.startAt)),
      overMs: most(critical(own).map(({ endedAt }) => endedAt - outage.endAt)),
      openedMs: since(record?.openedAt, outage.startAt),
      closedMs: since(record?.closedAt, outage.endAt),
    };
  });
}

/** How many messages each endpoint took. */
export function deliveries({ source: { inbox } }: Side): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { endpoint } of inbox) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Records by target and start. */
export const recordsOf = ({ source: { incidents } }: Side): Incident[] =>
  incidents
    .filter(({ state }) => state === "down")
    .sort((a, b) => a.openedAt - b.openedAt || (a.target < b.target ? -1 : 1));

const critical = (pages: readonly Page[]): Page[] => pages.filter(({ isCritical }) => isCritical);
const textOf = ({ endpoint, isCritical, alertnames, messages }: Page): string =>
  `${endpoint} ${isCritical ? "critical" : "warning"} ${[...alertnames].sort().join("+")} x ${messages}`;
const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.min(...values);
const most = (values: readonly number[]): number | undefined => (values.length === 0 ? undefined : Math.max(...values));
const since = (at: number | undefined, from: number): number | undefined => (at === undefined ? undefined : at - from);
