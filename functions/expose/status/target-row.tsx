import { raw } from "hono/html";
import { SHOWN_DAYS } from "./status-facts.ts";
import type { DayRun, TargetStatus } from "./status-view.ts";
import { formatLatency, formatPercent, formatRun, formatUptime, SIGNS } from "./format-status.ts";

/** Days with downtime that the text under the bars names. */
const NAMED_DAYS = 8;

/** One target in a line: name, state, bars, uptime, latency. `href`: its own page, where the reader may open it. */
export const TargetRow = ({ target, href }: { target: TargetStatus; href: string | undefined }) => {
  const { name, group, level, words, days, uptime, latencyMs } = target;
  const find = `${name} ${group}`.toLowerCase();
  return (
    <li class="row" id={`target-${name}`} data-find={find} data-level={level}>
      <h3>{href === undefined ? name : <a href={href}>{name}</a>}</h3>
      <span class={`state ${level}`}>
        <span aria-hidden="true">{SIGNS[level]} </span>
        {words}
      </span>
      {days === undefined ? <span class="dim">No history</span> : <DayBars days={days} summary={summaryOf(target)} />}
      <span class="num">{uptime === undefined ? "-" : formatUptime(uptime)}</span>
      <Sparkline values={latencyMs} />
    </li>
  );
};

function summaryOf({ days = [], uptime }: TargetStatus): string {
  const bad = days.filter(({ downMs }) => downMs > 0).reverse();
  const ratio = uptime?.ratio === undefined ? "No uptime data" : `${formatPercent(uptime.ratio)} uptime`;
  if (bad.length === 0) return `${ratio} in ${SHOWN_DAYS} days. No downtime.`;
  const more = bad.length > NAMED_DAYS ? `; and ${bad.length - NAMED_DAYS} more days` : "";
  return `${ratio} in ${SHOWN_DAYS} days. ${bad.slice(0, NAMED_DAYS).map(formatRun).join("; ")}${more}.`;
}

/** A bar per day. Pointer and focus show the text; arrow keys go from day to day where scripts run. */
const DayBars = ({ days, summary }: { days: readonly DayRun[]; summary: string }) => {
  let x = 0;
  const bars = days.map((run) => {
    const bar = (
      <rect x={x} width={run.days} height="20" class={`b-${run.level}`}>
        <title>{formatRun(run)}</title>
      </rect>
    );
    x += run.days;
    return bar;
  });
  return (
    <>
      <span class="bars" tabindex={0} role="img" aria-label={summary} data-from={days[0]?.from}>
        <svg viewBox={`0 0 ${SHOWN_DAYS} 20`} preserveAspectRatio="none" aria-hidden="true">
          {bars}
          <use href="#gaps" />
          <path class="at" vector-effect="non-scaling-stroke" d="" />
        </svg>
      </span>
      <span class="days" aria-live="polite">
        {summary}
      </span>
    </>
  );
};

/** Lines between the days, once on a page; all bars refer to it. */
export const BarGaps = () => (
  <svg class="sr" aria-hidden="true">
    <defs>
      <path
        id="gaps"
        class="gaps"
        vector-effect="non-scaling-stroke"
        d={raw(Array.from({ length: SHOWN_DAYS - 1 }, (_, i) => `M${i + 1} 0v20`).join(""))}
      />
    </defs>
  </svg>
);

/** Mean latency by hour as a line, and the latest of them in figures. */
const Sparkline = ({ values }: { values: TargetStatus["latencyMs"] }) => {
  const latest = values.findLast((value) => value !== undefined);
  if (latest === undefined) return <span class="spark dim">no latency</span>;
  const path = sparkPath(values);
  const words = `Mean duration of a probe by hour over 24 hours; latest: ${formatLatency(latest)}`;
  return (
    <span class="spark" title={words}>
      <svg viewBox="0 0 72 24" aria-hidden="true">
        <path class="line" d={path} />
      </svg>
      <span>
        <span class="sr">Latest mean latency: </span>
        {formatLatency(latest)}
      </span>
    </span>
  );
};

/** From 0 to the largest value; a missing hour breaks the line, and a lone one is a dash. */
export function sparkPath(values: TargetStatus["latencyMs"]): string {
  const most = Math.max(...values.map((value) => value ?? 0), 1e-9);
  const step = 72 / Math.max(values.length - 1, 1);
  return values
    .map((value, i) => {
      if (value === undefined) return "";
      const point = `${Math.round(i * step)} ${Math.round(22 - (20 * value) / most)}`;
      if (i > 0 && values[i - 1] !== undefined) return `L${point}`;
      return values[i + 1] === undefined ? `M${point}h2` : `M${point}`;
    })
    .join("");
}
