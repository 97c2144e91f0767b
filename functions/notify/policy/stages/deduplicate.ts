import { getOrInsert } from "../../../lib/get-or-insert.ts";
import {
  type NotificationLogEntry,
  notificationGroupKey,
  type OutboxRow,
} from "../../../model/alerting/alerter-state.ts";
import { type IsSole, soleAudience } from "../audience.ts";
import type { Group } from "../group.ts";
import type { Draft, GroupCase } from "../group-case.ts";
import { EMPTY_LEDGER, type Ledger } from "../ledger.ts";
import type { Addressed, DecideContext, RecipientEndpoint, Stage } from "../stage.ts";
import { judgeQueued } from "./judge-queued.ts";

/** Sorts what each endpoint knows and should know by group: new, still firing, over. What it was told in stays its group. */
export const deduplicate: Stage<Addressed, Draft> = (addressed, context) => {
  const wanted = new Map<string, Map<string, Addressed>>();
  for (const one of addressed) {
    const recipients = getOrInsert(wanted, one.to.endpointKey, () => new Map<string, Addressed>());
    if (!recipients.has(one.key)) recipients.set(one.key, one);
  }
  const isSole = soleAudience(wanted, context.notificationLog);
  const configured = new Map([...context.endpointsOf.values()].flat().map((to) => [to.endpointKey, to]));
  const passed: Draft[] = [];
  const clearedSilently: NotificationLogEntry[] = [];
  const withdrawn: OutboxRow[] = [];
  for (const endpointKey of new Set([...wanted.keys(), ...context.ledgers.keys()])) {
    // Whether an end is wanted is what the configuration says now; only what it has no more is as it was then.
    const known = configured.get(endpointKey) ?? context.endpoints.get(endpointKey);
    if (known === undefined) continue;
    const { receiver, index, endpoint } = known;
    const to = { endpointKey, receiver, index, endpoint };
    const ledger = context.ledgers.get(endpointKey) ?? EMPTY_LEDGER;
    const sorted = new EndpointDrafts(to, ledger, wanted.get(endpointKey) ?? new Map(), isSole, context);
    passed.push(...sorted.drafts.values());
    clearedSilently.push(...sorted.clearedSilently);
    withdrawn.push(...sorted.withdrawn);
  }
  return { passed, suppressed: [], clearedSilently, withdrawn };
};

/** A draft in the making. */
interface OpenDraft extends Draft {
  fresh: GroupCase["fresh"][number][];
  still: GroupCase["still"][number][];
  ended: GroupCase["ended"][number][];
  repeatedResolves: GroupCase["repeatedResolves"][number][];
}

class EndpointDrafts {
  readonly drafts = new Map<string, OpenDraft>();
  readonly clearedSilently: NotificationLogEntry[] = [];
  readonly withdrawn: readonly OutboxRow[];
  readonly #to: RecipientEndpoint;
  readonly #ledger: Ledger;
  readonly #recipients: ReadonlyMap<string, Addressed>;
  readonly #isSole: IsSole;
  readonly #context: DecideContext;
  readonly #busy: ReadonlySet<string>;
  readonly #outdated: ReadonlyMap<string, OutboxRow>;

  constructor(
    to: RecipientEndpoint,
    ledger: Ledger,
    recipients: ReadonlyMap<string, Addressed>,
    isSole: IsSole,
    context: DecideContext,
  ) {
    this.#to = to;
    this.#ledger = ledger;
    this.#recipients = recipients;
    this.#isSole = isSole;
    this.#context = context;
    // A relay hears of what it knows as long as it fires.
    const proof = context.refreshOf(to.endpoint.channel) === undefined ? "confirmed" : "known";
    const isWanted = (key: string): boolean => recipients.has(key) || ledger.entryOf.get(key)?.[proof] === true;
    const queued = Map.groupBy(ledger.queued, (row) => judgeQueued(row, context.alerts, isWanted));
    this.withdrawn = queued.get("void") ?? [];
    this.#busy = new Set(queued.get("current")?.map(({ message }) => message.groupKey));
    this.#outdated = new Map(queued.get("outdated")?.map((row) => [row.message.groupKey, row]));
    this.#sortKnown();
    for (const recipient of recipients.values())
      if (!ledger.entryOf.has(recipient.key)) this.#draftOf(recipient.group).fresh.push(recipient);
  }

  #sortKnown(): void {
    const { alerts, acknowledgements, refreshOf, now } = this.#context;
    const refresh = refreshOf(this.#to.endpoint.channel);
    const firing = new Set([...this.#recipients.values()].map(({ alert }) => alert.fingerprint));
    for (const entry of this.#ledger.entries) {
      const alert = alerts.get(entry.alertKey);
      const draft = this.#draftOf({ key: entry.groupKey, labels: {} });
      if (alert !== undefined && alert.resolvedAt === undefined) {
        const isAcknowledged = acknowledgements.has(entry.alertKey);
        const recipient = this.#recipients.get(entry.alertKey);
        // What never got through and is muted by now is not told on the occasion of something else.
        if (entry.known || recipient !== undefined) draft.still.push({ alert, entry, recipient, isAcknowledged });
        // One whose alert is lost waits until that has come again, or is known to be over.
      } else if (alert === undefined || this.#busy.has(entry.groupKey)) continue;
      else if (!entry.known || !this.#to.endpoint.sendResolved) this.clearedSilently.push(entry);
      else if (!entry.resolvedSent) draft.ended.push({ alert, entry });
      // An old end after a new beginning would end that too.
      else if (now >= (alert.resolvedAt ?? 0) + (refresh?.resolvedForMs ?? 0) || firing.has(alert.fingerprint))
        this.clearedSilently.push(entry);
      else draft.repeatedResolves.push({ alert, entry });
    }
  }

  #draftOf({ key, labels, shared }: Group): OpenDraft {
    return getOrInsert(this.drafts, key, () => {
      const { endpointKey, endpoint } = this.#to;
      const notificationGroup = this.#context.notificationGroups.get(notificationGroupKey(endpointKey, key));
      const common = notificationGroup?.shared ?? shared;
      return {
        to: this.#to,
        group: {
          key,
          labels: notificationGroup?.groupLabels ?? labels,
          ...(common === undefined ? {} : { shared: common }),
        },
        notificationGroup,
        isBusy: this.#busy.has(key),
        outdated: this.#outdated.get(key),
        queued: this.#ledger.queued.length,
        refresh: this.#context.refreshOf(endpoint.channel),
        isSole: this.#isSole,
        fresh: [],
        still: [],
        ended: [],
        repeatedResolves: [],
      };
    });
  }
}
