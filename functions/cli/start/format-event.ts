import { formatPlace } from "../../model/location-hints.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { BadRun, WatchEvent } from "../../model/watch-event.ts";

type Tick = Extract<WatchEvent, { event: "tick" }>;
type AlertChange = Extract<WatchEvent, { event: "alert" }>;
type ProberChange = Extract<WatchEvent, { event: "prober" }>;
type StateChange = Extract<WatchEvent, { event: "state" }>;

/** Time of day where the reader sits. */
const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

const INDENT = " ".repeat(9);

/** Formats the Worker's log lines for the terminal. Lines that are not events give nothing. */
export function createDescriber(): (line: string) => string[] {
  const describer = new Describer();
  return (line) => {
    const start = line.indexOf('{"event":');
    if (start < 0) return [];
    let event: WatchEvent;
    try {
      event = JSON.parse(line.slice(start)) as WatchEvent;
    } catch {
      return [];
    }
    return describer.format(event);
  };
}

class Describer {
  /** Reasons of runs that stay skipped: shown once, not every tick. */
  readonly #skips = new Map<string, string>();
  /** Bad runs that the last tick listed, so that its confirmation does not list them again. */
  #listed = new Set<string>();
  /** Changes are logged before their tick; they are shown below it. */
  #changes: StateChange[] = [];
  #alerts: AlertChange[] = [];

  format(event: WatchEvent): string[] {
    switch (event.event) {
      case "tick":
        return [
          ...this.#tick(event),
          ...this.#changes.splice(0).flatMap(formatChange),
          ...this.#alerts.splice(0).flatMap(formatAlert),
        ];
      case "state":
        this.#changes.push(event);
        return [];
      case "alert":
        this.#alerts.push(event);
        return [];
      case "remapped":
        return [
          `${INDENT}watching ${event.targets} ${event.targets === 1 ? "target" : "targets"} (config ${event.config.slice(0, 8)})`,
        ];
      case "refused":
        return [`${INDENT}refused a wake-up: ${event.why}`];
      case "override":
        return [`${INDENT}config override ${event.taken ? "" : "rejected: it "}${event.why}`];
      case "history":
        return event.ok ? [] : [`${INDENT}history not written: ${event.why}; will retry`];
      case "notification": {
        const what = `${event.receiver} by ${event.channel}: ${event.alerts} ${event.alerts === 1 ? "alert" : "alerts"}`;
        const verb = {
          delivered: "notified",
          uncertain: "may have notified",
          again: "could not notify",
          dead: "gave up on notifying",
          withdrawn: "withdrew the message to",
        };
        const why = event.why === "" ? "" : `; ${event.why}${event.outcome === "again" ? "; will retry" : ""}`;
        return [`${INDENT}${verb[event.outcome]} ${what} (${formatWhat(event)})${why}`];
      }
      case "heartbeat":
        return event.ok ? [] : [`${INDENT}heartbeat not sent: ${event.why}`];
      case "prober":
        return [`${INDENT}${formatProber(event)}`];
      case "generation":
        return [];
      case "silence_expired":
        return [`${INDENT}expired silence ${event.silence}: its matchers cannot be used (${event.why})`];
      case "template":
        return [`${INDENT}template ${event.template} of ${event.receiver} not used: ${event.why}`];
      case "error":
        return [`${INDENT}error in ${event.place}: ${event.error}`];
    }
  }

  #tick(tick: Tick): string[] {
    const isFirst = tick.attempt === 0;
    const counts = BAD_OUTCOMES.map((outcome): [number, string] => [tick.counts[outcome] ?? 0, outcome]);
    const bad = [...counts, [tick.lost, "without result"] as const]
      .filter(([count]) => count > 0)
      .map(([count, what]) => `, ${count} ${what}`);
    const gap = tick.missed === 0 ? "" : `; missed ${tick.missed} earlier ${tick.missed === 1 ? "slot" : "slots"}`;
    const kind = ["tick   ", "confirm"][tick.attempt] ?? "recheck";
    const notListed = BAD_OUTCOMES.reduce((sum, outcome) => sum + (tick.counts[outcome] ?? 0), -tick.bad.length);
    if (isFirst) this.#listed.clear();
    return [
      `${clock(tick.slot)} ${kind} ${tick.ok} of ${tick.runs} ok${bad.join("")} in ${tick.durationMs} ms${gap}`,
      ...tick.bad.filter((b) => this.#isNews(b)).map(formatBadRuns),
      ...(notListed > 0 ? [`${INDENT}and ${notListed} more bad ${notListed === 1 ? "run" : "runs"} not listed`] : []),
    ];
  }

  #isNews(bad: BadRun): boolean {
    const run = `${bad.target} ${bad.probe} ${bad.vantage}`;
    const text = `${run} ${bad.outcome} ${bad.reason}`;
    const isKnown = (bad.outcome === "skipped" && this.#skips.get(run) === bad.reason) || this.#listed.has(text);
    if (bad.outcome === "skipped") this.#skips.set(run, bad.reason);
    else this.#skips.delete(run);
    this.#listed.add(text);
    return bad.outcome !== "blocked" && !isKnown;
  }
}

function formatProber({ vantage, lane, generation, colo, country, change }: ProberChange): string {
  const where = `vantage ${vantage}, lane ${lane}: the prober runs ${formatPlace(vantage, { colo, country })}`;
  if (change === "seen") return where;
  return `${where}; ${change === "remade" ? `generation ${generation} replaces it` : "it is replaced at most once a day"}`;
}

const BAD_OUTCOMES = ["failed", "degraded", "skipped", "blocked"] as const;

function formatBadRuns(bad: BadRun): string {
  const from = bad.vantage === LOCAL_VANTAGE ? "" : ` from ${bad.vantage}`;
  const hint = bad.hint === undefined ? "" : `; ${bad.hint}`;
  return `${INDENT}${bad.outcome.padEnd(8)} ${bad.target} ${bad.probe}${from}: ${bad.text} (${bad.reason})${hint}`;
}

/** What a message brings: of a later one, how many alerts are new or over. */
function formatWhat({ reason, added, ended }: Extract<WatchEvent, { event: "notification" }>): string {
  const counts = [
    ...(reason === "new alerts added" && added > 0 ? [`${added} new`] : []),
    ...((reason === "new alerts added" || reason === "some alerts resolved") && ended > 0 ? [`${ended} resolved`] : []),
  ];
  return counts.length === 0 ? reason : counts.join(", ");
}

/** A pending alert notifies nobody, so it is not shown. */
function formatAlert({ alert, labels, change }: AlertChange): string[] {
  if (change !== "firing" && change !== "resolved") return [];
  const of = Object.entries(labels).flatMap(([name, value]) => (OF.has(name) ? [value] : []));
  return [`${INDENT}${alert}${of.length === 0 ? "" : ` ${of.join(" ")}`}: ${change}`];
}

/** Labels that say what an alert is about. */
const OF = new Set(["target", "probe", "vantage"]);

function formatChange({ target, probe, from, to, reason }: StateChange): string[] {
  if (from === "unknown" && to === "up") return [];
  const why = to === "up" ? "" : ` (${reason})`;
  return [`${INDENT}${target} ${probe}: ${from} -> ${to}${why}`];
}
