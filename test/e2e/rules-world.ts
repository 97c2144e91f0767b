import { DatabaseSync } from "node:sqlite";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import type { Rule } from "../../functions/model/alerting/rule.ts";
import { boundText } from "../../functions/model/bound-text.ts";
import type { Config } from "../../functions/model/config.ts";
import type { Family, Labels } from "../../functions/model/metric.ts";
import { RuleManager } from "../../functions/monitor/rules/rule-manager.ts";
import { Head } from "../../functions/store/head.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";
import type { Wanted } from "../../functions/store/series/series-table.ts";
import type { HeadStorage } from "../../functions/store/write-row.ts";

/** promtool's time begins at 0; ours never does. */
const OFFSET_MINUTES = 1_000_000;

export type Seen = "pending" | "firing";

/** A Durable Object's storage as far as a head needs it, on SQLite in memory. */
function memoryStorage(): HeadStorage {
  const database = new DatabaseSync(":memory:");
  return {
    sql: {
      exec(query, ...bindings) {
        const statement = database.prepare(query);
        const values = bindings.map((b) => (b instanceof ArrayBuffer ? new Uint8Array(b) : b)) as (string | number)[];
        const rows = statement
          .all(...values)
          .map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                value instanceof Uint8Array ? value.slice().buffer : value,
              ]),
            ),
          );
        return Object.assign(rows, { rowsWritten: 0 });
      },
    },
    transactionSync: (work) => work(),
  };
}

/** A Monitor's series and rules without its probes: a test says what is counted, minute by minute. */
export class RulesWorld {
  readonly #families: readonly Family[];
  readonly #rules: readonly Rule[];
  #storage = memoryStorage();
  #head: Head;
  #manager: RuleManager;
  #targets: Config["targets"] = [];
  #wanted: readonly Wanted[] = [];
  #minute = 0;
  /** What each alert is in, by its labels. */
  readonly #states = new Map<string, Seen>();
  lostAt: number | undefined;
  /** When a target was taken away, and which. */
  gone: { target: string; at: number } | undefined;
  #firing: readonly Alert[] = [];
  /** Per minute, what a scrape would have seen: values by series, as promtool writes series. */
  readonly scrapes: Map<string, number>[] = [];
  /** Per minute the alerts that are pending or firing; undefined where the minute was missed. */
  readonly seen: (ReadonlyMap<string, Seen> | undefined)[] = [];

  constructor(families: readonly Family[], rules: readonly Rule[]) {
    this.#families = families;
    this.#rules = rules;
    this.#head = new Head(this.#storage, families, MONITOR_META);
    this.#manager = this.#newManager();
  }

  get minute(): number {
    return this.#minute;
  }

  /** From here on these targets with these series; what is not wanted goes. A restart, too. */
  configure(targets: Config["targets"], wanted: readonly Wanted[]): void {
    const lost = this.#targets.find((t) => !targets.includes(t));
    if (lost !== undefined) this.gone = { target: lost.name, at: this.#minute };
    this.#targets = targets;
    this.#wanted = wanted;
    this.#head.table.reconcile(wanted, this.#now());
    this.#head.commit();
    this.restart();
  }

  /** A new life on what was committed. */
  restart(): void {
    this.#head = new Head(this.#storage, this.#families, MONITOR_META);
    this.#manager = this.#newManager();
  }

  /** Everything stored is lost, and what fires is learnt from the Alerter again. */
  lose(): void {
    this.#storage = memoryStorage();
    this.#head = new Head(this.#storage, this.#families, MONITOR_META);
    this.#head.table.reconcile(this.#wanted, this.#now());
    this.#manager = this.#newManager();
    this.#manager.adopt(this.#firing);
    for (const [key, state] of this.#states) if (state === "pending") this.#states.delete(key);
    this.lostAt = this.#minute;
  }

  observe(target: string, family: string, labels: Labels, value: number): void {
    this.#head.table.observe(target, { family, labels, value }, this.#now());
  }

  /** Seconds of promtool's time. */
  seconds(): number {
    return this.#minute * 60 + OFFSET_MINUTES * 60;
  }

  /** Ends the minute with an evaluation. */
  tick(): void {
    const outcome = this.#manager.evaluate(this.#now(), this.#now());
    this.#head.meta = { ...this.#head.meta, lastSlot: this.#now(), gridMs: 60_000 };
    this.#head.commit((writeRow) => this.#manager.write(writeRow));
    for (const { alert, labels, change } of outcome.changes) {
      const own = Object.entries(labels).filter(([name]) => !OURS.has(name));
      const key = keyOf({ alertname: alert, ...Object.fromEntries(own) });
      if (change === "pending" || change === "firing") this.#states.set(key, change);
      // A target that is gone has no labels of its own any more.
      else for (const known of this.#states.keys()) if (includes(known, key)) this.#states.delete(known);
    }
    this.#firing = outcome.firing;
    this.#end(new Map(this.#states));
  }

  /** Ends the minute without one: nobody has woken the Monitor, and a scrape sees what it saw before. */
  miss(): void {
    this.#end(undefined);
  }

  #end(seen: ReadonlyMap<string, Seen> | undefined): void {
    this.seen.push(seen);
    this.scrapes.push(this.#scrape());
    this.#minute++;
  }

  #now(): number {
    return this.seconds() * 1000;
  }

  #newManager(): RuleManager {
    const config = { targets: this.#targets, vantages: [], shards: 1 } as unknown as Config;
    const common = { storage: this.#storage, config, rules: this.#rules, families: this.#families };
    return new RuleManager({ ...common, head: this.#head, shard: 0, now: this.#now() });
  }

  #scrape(): Map<string, number> {
    const out = new Map<string, number>();
    const families = new Map(this.#families.map((f) => [f.name, f]));
    for (const { target, layout, values } of this.#head.table.blocks.values())
      for (const { family: name, labels, offset } of layout.columns) {
        const family = families.get(name) as Family;
        const base = [...(target === "" ? [] : [`target="${target}"`]), ...(labels === "" ? [] : [labels])];
        const put = (suffix: string, more: string[], value: number): void => {
          if (!Number.isNaN(value)) out.set(`${name}${suffix}{${[...base, ...more, 'job="x"'].join(",")}}`, value);
        };
        if (family.type === "stateset")
          for (const [i, state] of family.states.entries())
            put("", [`${name}="${state}"`], Number.isNaN(values[offset]) ? Number.NaN : values[offset] === i ? 1 : 0);
        else if (family.type === "histogram") {
          let sum = 0;
          for (const [i, bound] of [...family.buckets, Number.POSITIVE_INFINITY].entries()) {
            sum += values[offset + i] as number;
            put("_bucket", [`le="${boundText(bound)}"`], sum);
          }
          put("_count", [], sum);
        } else {
          const shift = name.endsWith("_timestamp_seconds") ? OFFSET_MINUTES * 60 : 0;
          put("", [], (values[offset] as number) - shift);
        }
      }
    return out;
  }
}

/** Labels that one side has, or that follow from the rule. */
const OURS = new Set(["severity", "pager", "alertname", "alertstate", "__name__"]);

/** Whether an alert's text has the name and all labels of another. */
const includes = (all: string, some: string): boolean => {
  const [name, labels] = some.slice(0, -1).split("{") as [string, string];
  return all.startsWith(`${name}{`) && labels.split(",").every((label) => all.includes(label));
};

/** An alert's name and labels as text. */
export function keyOf(labels: Readonly<Record<string, string>>): string {
  const { alertname, ...rest } = labels;
  const own = Object.entries(rest).filter(([name]) => !OURS.has(name));
  return `${alertname}{${own
    .map(([n, v]) => `${n}="${v}"`)
    .sort()
    .join(",")}}`;
}
