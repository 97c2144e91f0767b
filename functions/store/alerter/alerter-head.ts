import {
  type Acknowledgement,
  alertKey,
  type DeadLetter,
  type EndpointState,
  type KnownAlert,
  type NotificationGroup,
  type NotificationLogEntry,
  type OutboxRow,
} from "../../model/alerting/alerter-state.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { ALERTER_FAMILIES } from "../../model/families/alerter-families.ts";
import type { Observation } from "../../model/metric.ts";
import { Head, type HeadStorage } from "../head.ts";
import { KeyValueTable } from "../key-value-table.ts";
import type { SeriesTable } from "../series/series-table.ts";
import { ALERTER_META, type AlerterMeta, type Generation } from "./alerter-meta.ts";
import type { HistoryNote, ShardState } from "./alerter-shapes.ts";
import * as shapes from "./alerter-shapes.ts";

/** Block of series about the prober itself. */
const SELF = "";

/**
 * The Alerter's state, in memory and in the object's SQLite. Changes are made in memory and written together by
 * `commit`. If that throws, memory is ahead of storage and the head must be reloaded.
 */
export class AlerterHead {
  /** By `alertKey`. */
  readonly alerts: KeyValueTable<KnownAlert>;
  /** By `alertKey`. */
  readonly acknowledgements: KeyValueTable<Acknowledgement>;
  readonly silences: KeyValueTable<Silence>;
  /** By endpoint key. */
  readonly endpoints: KeyValueTable<EndpointState>;
  /** By `threadKey`. */
  readonly notificationGroups: KeyValueTable<NotificationGroup>;
  /** By `toldKey`. */
  readonly notificationLog: KeyValueTable<NotificationLogEntry>;
  /** By message id, in order of creation. */
  readonly outbox: KeyValueTable<OutboxRow>;
  /** By message id. */
  readonly dead: KeyValueTable<DeadLetter>;
  /** By shard number. */
  readonly shards: KeyValueTable<ShardState>;
  /** By id. */
  readonly incidents: KeyValueTable<Incident>;
  /** By a key with which a later note about the same thing replaces an earlier one. */
  readonly notes: KeyValueTable<HistoryNote>;
  readonly #head: Head<AlerterMeta>;
  #metaChanged = false;
  /** Key of the newest firing per fingerprint. */
  readonly #newest = new Map<string, string>();

  /** `now`: epoch ms, the start of new series. */
  constructor(storage: HeadStorage, now: number) {
    this.#head = new Head(storage, ALERTER_FAMILIES, ALERTER_META);
    this.alerts = new KeyValueTable(storage, "alert", shapes.isAlert);
    this.acknowledgements = new KeyValueTable(storage, "acknowledgement", shapes.isAcknowledgement);
    this.silences = new KeyValueTable(storage, "silence", shapes.isSilence);
    this.endpoints = new KeyValueTable(storage, "endpoint", shapes.isEndpoint);
    this.notificationGroups = new KeyValueTable(storage, "notification_group", shapes.isNotificationGroup);
    this.notificationLog = new KeyValueTable(storage, "notification_log", shapes.isNotificationLogEntry);
    this.outbox = new KeyValueTable(storage, "outbox", shapes.isOutboxRow);
    this.dead = new KeyValueTable(storage, "dead_letter", shapes.isDeadLetter);
    this.shards = new KeyValueTable(storage, "shard", shapes.isShard);
    this.incidents = new KeyValueTable(storage, "incident", shapes.isIncident);
    this.notes = new KeyValueTable(storage, "history_note", shapes.isNote);
    for (const alert of this.alerts.all.values()) this.#index(alert);
    const initial = ALERTER_FAMILIES.filter(({ labels }) => labels.length === 0).map(({ name }) => ({
      family: name,
      labels: {},
    }));
    this.#head.table.reconcile([{ target: SELF, initial, keep: () => true }], now);
  }

  /** The active configuration; undefined before the first. */
  get generation(): Generation | undefined {
    return this.#head.meta.generation;
  }

  /** Hashes of configurations that were active before, newest first. */
  get superseded(): readonly string[] {
    return this.#head.meta.superseded ?? [];
  }

  setGeneration(generation: Generation, superseded: readonly string[]): void {
    this.#head.meta = { generation, superseded };
    this.#metaChanged = true;
  }

  /** The newest firing of a label set, resolved or not. */
  newestOf(fingerprint: string): KnownAlert | undefined {
    const key = this.#newest.get(fingerprint);
    return key === undefined ? undefined : this.alerts.get(key);
  }

  putAlert(alert: KnownAlert): void {
    this.alerts.set(alertKey(alert), alert);
    this.#index(alert);
  }

  /** Updates an alert's annotations without storing them: they may change every minute. */
  holdAlert(alert: KnownAlert): void {
    this.alerts.hold(alertKey(alert), alert);
  }

  dropAlert(alert: KnownAlert): void {
    const key = alertKey(alert);
    this.alerts.delete(key);
    this.acknowledgements.delete(key);
    if (this.#newest.get(alert.fingerprint) === key) this.#newest.delete(alert.fingerprint);
  }

  /** Adds to the Alerter's own counters; `now` in epoch ms. */
  count(facts: readonly Observation[], now: number): void {
    for (const fact of facts) this.#head.table.observe(SELF, fact, now);
  }

  /** Sets the Alerter's own gauges. Unchanged values cost no write. */
  gauge(facts: readonly Observation[], now: number): void {
    for (const fact of facts) {
      const before = this.#head.table.read(SELF, fact.family, fact.labels);
      if (!Object.is(before, fact.value)) this.#head.table.observe(SELF, fact, now);
    }
  }

  /** The series, shared with the live state: read them before anything is awaited. */
  get series(): SeriesTable {
    return this.#head.table;
  }

  /** Descriptions of rows that could not be read when the head was loaded. */
  unreadable(): string[] {
    const rows = this.#tables().flatMap(([name, table]) => table.unreadable.map((key) => `${name} ${key}`));
    return [...this.#head.unreadable, ...rows];
  }

  /** Writes all changes in one transaction; returns whether there were any. */
  commit(): boolean {
    const isDirty =
      this.#metaChanged ||
      this.#tables().some(([, table]) => table.isDirty) ||
      [...this.#head.table.blocks.values()].some((block) => block.dirty);
    if (!isDirty) return false;
    this.#head.commit(() => {
      for (const [, table] of this.#tables()) table.write();
    });
    this.#metaChanged = false;
    return true;
  }

  #index(alert: KnownAlert): void {
    const other = this.newestOf(alert.fingerprint);
    if (other === undefined || other.startsAt <= alert.startsAt) this.#newest.set(alert.fingerprint, alertKey(alert));
  }

  #tables(): [string, KeyValueTable<unknown>][] {
    return [
      ["alert", this.alerts],
      ["acknowledgement", this.acknowledgements],
      ["silence", this.silences],
      ["endpoint", this.endpoints],
      ["notification_group", this.notificationGroups],
      ["notification_log", this.notificationLog],
      ["outbox", this.outbox],
      ["dead letter", this.dead],
      ["shard", this.shards],
      ["incident", this.incidents],
      ["history note", this.notes],
    ] as [string, KeyValueTable<unknown>][];
  }
}
