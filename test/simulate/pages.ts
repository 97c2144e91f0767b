import { type Delivered, isWebhook } from "./world/receivers.ts";

/** A time in which an endpoint knew of something firing about a target, in one class. */
export interface Page {
  endpoint: string;
  /** Empty where it is about the prober. */
  target: string;
  isCritical: boolean;
  kind: PageKind;
  alertnames: string[];
  beganAt: number;
  /** Infinity while it was never told to be over. */
  endedAt: number;
  /** Messages that told something else than the ones before. */
  messages: number;
}

/** Latency warnings and the slow burn have pages of their own: they may come after a mend. */
export type PageKind = "slow burn" | "latency" | "other";

const kindOf = (alertname: string): PageKind => {
  if (alertname === "ZakoErrorBudgetBurnSlow") return "slow burn";
  return /Latency|ExecutionSlow$|BuildSlow$|GcSlow$/.test(alertname) ? "latency" : "other";
};

/** Pages as webhooks got them. Alerts of one target and class that overlap are one page. */
export function pagesOf(inbox: readonly Delivered[]): Page[] {
  const pages: Page[] = [];
  const open = new Map<string, { page: Page; firing: Set<string> }>();
  const seen = new Set<string>();
  for (const { endpoint, at, id, body } of inbox) {
    if (!isWebhook(body) || seen.has(`${endpoint} ${id}`)) continue;
    seen.add(`${endpoint} ${id}`);
    const touched = new Set<Page>();
    // A message may end one alert and begin another: what begins is read first, so that the page goes on.
    const inOrder = [...body.alerts].sort((a, b) => Number(a.status === "resolved") - Number(b.status === "resolved"));
    for (const { status, labels, fingerprint, startsAt } of inOrder) {
      // Whoever knows of one outage must know of its end, and not only of that of the next.
      const firingOf = `${fingerprint} ${startsAt}`;
      const isCritical = labels["severity"] === "critical";
      const target = labels["target"] ?? "";
      const name = labels["alertname"] ?? "";
      const key = `${endpoint} ${target} ${isCritical} ${kindOf(name)}`;
      let known = open.get(key);
      if (status === "firing") {
        if (known === undefined) {
          const page = {
            endpoint,
            target,
            isCritical,
            kind: kindOf(name),
            alertnames: [],
            beganAt: at,
            endedAt: Number.POSITIVE_INFINITY,
            messages: 0,
          };
          known = { page, firing: new Set() };
          open.set(key, known);
          pages.push(page);
        }
        const { page, firing } = known;
        if (!page.alertnames.includes(name)) page.alertnames.push(name);
        if (!firing.has(firingOf)) touched.add(page);
        firing.add(firingOf);
      } else if (known?.firing.delete(firingOf) === true) {
        touched.add(known.page);
        if (known.firing.size > 0) continue;
        known.page.endedAt = at;
        open.delete(key);
      }
    }
    for (const page of touched) page.messages++;
  }
  return pages;
}

/** What an endpoint was told of one group, from its first message until all of it is over. */
export interface NotifiedGroup {
  endpoint: string;
  isCritical: boolean;
  /** When it was told of how many alerts, those that were left out included. */
  counts: { at: number; alerts: number }[];
  closedAt: number;
  /** Messages that told something else than the ones before. */
  messages: number;
}

/** Groups as webhooks got them. */
export function groupsOf(inbox: readonly Delivered[]): NotifiedGroup[] {
  const groups: NotifiedGroup[] = [];
  const open = new Map<string, { group: NotifiedGroup; last: string }>();
  const seen = new Set<string>();
  for (const { endpoint, at, id, body } of inbox) {
    if (!isWebhook(body) || seen.has(`${endpoint} ${id}`)) continue;
    seen.add(`${endpoint} ${id}`);
    const { truncatedAlerts = 0 } = body;
    const key = `${endpoint} ${body.groupKey}`;
    const says = `${truncatedAlerts} ${body.alerts
      .map(({ fingerprint, status }) => `${fingerprint} ${status}`)
      .sort()
      .join()}`;
    let known = open.get(key);
    if (known === undefined) {
      const isCritical = body.alerts.some(({ labels }) => labels["severity"] === "critical");
      const group = { endpoint, isCritical, counts: [], closedAt: Number.POSITIVE_INFINITY, messages: 0 };
      known = { group, last: "" };
      groups.push(group);
      open.set(key, known);
    }
    const { group } = known;
    if (known.last !== says) group.messages++;
    known.last = says;
    if (body.status === "firing") group.counts.push({ at, alerts: body.alerts.length + truncatedAlerts });
    else {
      group.closedAt = at;
      open.delete(key);
    }
  }
  return groups;
}
