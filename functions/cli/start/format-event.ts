import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { BadRun, WatchEvent } from "../../model/watch-event.ts";

type Tick = Extract<WatchEvent, { event: "tick" }>;
type AlertChange = Extract<WatchEvent, { event: "alert" }>;
type StateChange = Extract<WatchEvent, { event: "state" }>;

/** Time of day where the reader sits. */
const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

const INDENT = " ".repeat(9);

/** Makes words of the Worker's log lines for the terminal; of lines that are no events, none. */
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
    return describer.words(event);
  };
}

class Describer {
  /** Reasons of what stays skipped, which is said once, not every tick. */
  readonly #skips = new Map<string, string>();
  /** What the last tick said of each run, so that a confirmation does not say it again. */
  #said = new Set<string>();
  /** A tick tells of the changes it makes before it tells of itself. */
  #changes: StateChange[] = [];
  #alerts: AlertChange[] = [];

  words(event: WatchEvent): string[] {
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
        return [`${INDENT}watching ${event.targets} targets (config ${event.config.slice(0, 8)})`];
      case "refused":
        return [`${INDENT}refused a wake: ${event.why}`];
      case "override":
        return [`${INDENT}override of the configuration ${event.taken ? "" : "refused: it "}${event.why}`];
      case "history":
        return event.ok ? [] : [`${INDENT}history is behind: ${event.why}; it will be sent again`];
      case "notification": {
        const what = `${event.receiver} by ${event.channel} of ${event.alerts} ${event.alerts === 1 ? "alert" : "alerts"}`;
        const fate = {
          delivered: "told",
          uncertain: "may have told",
          again: "could not tell yet",
          dead: "gave up telling",
          withdrawn: "no longer notifies",
        };
        const why = event.why === "" ? "" : `: ${event.why}`;
        return [`${INDENT}${fate[event.outcome]} ${what} (${event.reason})${why}`];
      }
      case "heartbeat":
        return event.ok ? [] : [`${INDENT}no heartbeat: ${event.why}`];
      case "generation":
        return [];
      case "silence_expired":
        return [`${INDENT}expired the silence ${event.silence}, whose matchers cannot be used: ${event.why}`];
      case "error":
        return [`${INDENT}error in ${event.place}: ${event.error}`];
    }
  }

  #tick(tick: Tick): string[] {
    const isFirst = tick.attempt === 0;
    const counts = ["failed", "degraded", "skipped", "blocked"].map((outcome): [number, string] => [
      tick.bad.filter((b) => b.outcome === outcome).length,
      outcome,
    ]);
    const bad = [...counts, [tick.lost, "without result"] as const]
      .filter(([count]) => count > 0)
      .map(([count, what]) => `, ${count} ${what}`);
    const gap =
      tick.missed === 0 ? "" : `; ${tick.missed} earlier ${tick.missed === 1 ? "slot was" : "slots were"} missed`;
    const kind = isFirst ? "tick " : "again";
    if (isFirst) this.#said.clear();
    return [
      `${clock(tick.slot)} ${kind} ${tick.ok} of ${tick.runs} ok${bad.join("")} in ${tick.durationMs} ms${gap}`,
      ...tick.bad.filter((b) => this.#isNews(b)).map(formatBadRuns),
    ];
  }

  #isNews(bad: BadRun): boolean {
    const run = `${bad.target} ${bad.probe} ${bad.vantage}`;
    const said = `${run} ${bad.outcome} ${bad.reason}`;
    const isKnown = (bad.outcome === "skipped" && this.#skips.get(run) === bad.reason) || this.#said.has(said);
    if (bad.outcome === "skipped") this.#skips.set(run, bad.reason);
    else this.#skips.delete(run);
    this.#said.add(said);
    return bad.outcome !== "blocked" && !isKnown;
  }
}

function formatBadRuns(bad: BadRun): string {
  const from = bad.vantage === LOCAL_VANTAGE ? "" : ` from ${bad.vantage}`;
  const hint = bad.hint === undefined ? "" : `; ${bad.hint}`;
  return `${INDENT}${bad.outcome.padEnd(8)} ${bad.target} ${bad.probe}${from}: ${bad.words} (${bad.reason})${hint}`;
}

/** Of what is pending nobody is told, so it is no news yet. */
function formatAlert({ alert, labels, change }: AlertChange): string[] {
  if (change !== "firing" && change !== "resolved") return [];
  const of = Object.entries(labels).flatMap(([name, value]) => (OF.has(name) ? [value] : []));
  return [`${INDENT}alert ${alert}${of.length === 0 ? "" : ` of ${of.join(" ")}`} is ${change}`];
}

/** Labels that say what an alert is about. */
const OF = new Set(["target", "probe", "vantage"]);

function formatChange({ target, probe, from, to, reason }: StateChange): string[] {
  if (from === "unknown" && to === "up") return [];
  const why = to === "up" ? "" : ` (${reason})`;
  return [`${INDENT}${target} ${probe} is ${to} now, was ${from}${why}`];
}
