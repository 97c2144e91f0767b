import { spellTime } from "../../../lib/spell-time.ts";
import { formatLatency } from "../../status/format-status.ts";
import { CHART_RANGES, type Chart, type ChartPoint } from "./target-chart.ts";

const WIDTH = 600;
const HEIGHT = 140;

/** What is drawn: a chart, or why there is none. `isPartial`: D1 did not answer, so only the newest runs are there. */
export interface ShownChart {
  chart: Chart;
  isPartial: boolean;
}

/** Latency and success over time as HTML, with the same numbers as a table. `path`: of the page, for the links. */
export const drawChart = async (shown: ShownChart, path: string): Promise<string> =>
  String(await Charts({ ...shown, path }));

const Charts = ({ chart, isPartial, path }: ShownChart & { path: string }) => {
  const { range, lines, points } = chart;
  return (
    <section>
      <h2>Latency and success</h2>
      <p>
        {CHART_RANGES.map(({ name }) =>
          name === range.name ? <strong>{name} </strong> : <a href={`${path}?range=${name}`}>{`${name} `}</a>,
        )}
      </p>
      {isPartial ? (
        <p class="wrong">History is not available at the moment. The charts show only the newest runs.</p>
      ) : null}
      {points.every(({ attempts }) => attempts === 0) ? (
        <p>No runs in this time.</p>
      ) : (
        <>
          <Latency lines={lines} points={points} />
          <Success points={points} />
          <NumbersTable chart={chart} />
        </>
      )}
    </section>
  );
};

const Latency = ({ lines, points }: Pick<Chart, "lines" | "points">) => {
  const most = Math.max(...points.flatMap(({ durationsMs }) => durationsMs.map((ms) => ms ?? 0)), 1);
  return (
    <figure>
      <figcaption>
        Latency, 0 to {formatLatency(most)}:{" "}
        {lines.map((name, i) => (
          <span class={`k${i}`}>{name} </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={formatLatest(lines, points)}>
        {lines.map((_, i) => (
          <path
            class={`l${i}`}
            d={linePath(
              points.map(({ durationsMs }) => durationsMs[i]),
              most,
            )}
          />
        ))}
      </svg>
    </figure>
  );
};

function formatLatest(lines: readonly string[], points: readonly ChartPoint[]): string {
  const latest = points.findLast(({ attempts }) => attempts > 0);
  const words = lines.map((name, i) => `${name} ${formatLatency(latest?.durationsMs[i] ?? 0)}`);
  return `Latency over time; latest: ${words.join(", ")}. The table has all numbers.`;
}

/** A missing step breaks the line. */
function linePath(values: readonly (number | undefined)[], most: number): string {
  const step = WIDTH / Math.max(values.length, 1);
  return values
    .map((value, i) => {
      if (value === undefined) return "";
      const y = Math.round(HEIGHT - 4 - ((HEIGHT - 8) * value) / most);
      const x = Math.round((i + 0.5) * step);
      if (i > 0 && values[i - 1] !== undefined) return `L${x} ${y}`;
      return `M${x} ${y}h1`;
    })
    .join("");
}

/** A bar per step: the share of runs that failed hangs from the top, so that a thin one is seen. */
const Success = ({ points }: Pick<Chart, "points">) => {
  const step = WIDTH / points.length;
  const attempts = points.reduce((sum, point) => sum + point.attempts, 0);
  const failures = points.reduce((sum, point) => sum + point.failures, 0);
  const words = `${failures} of ${attempts} runs failed`;
  return (
    <figure>
      <figcaption>Success: {words}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} 40`} role="img" aria-label={`${words}. The table has all numbers.`}>
        {points.map((point, i) => {
          if (point.attempts === 0) return null;
          const failed = point.failures === 0 ? 0 : Math.max(3, Math.round((40 * point.failures) / point.attempts));
          const at = { x: (i * step).toFixed(1), width: (step - 0.8).toFixed(1) };
          return (
            <>
              <rect {...at} y={failed} height={40 - failed} class="good" />
              {failed === 0 ? null : <rect {...at} y="0" height={failed} class="bad" />}
            </>
          );
        })}
      </svg>
    </figure>
  );
};

const NumbersTable = ({ chart: { lines, points } }: { chart: Chart }) => (
  <details>
    <summary>The same as a table</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Runs</th>
          <th scope="col">Failed</th>
          {lines.map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points
          .filter(({ attempts }) => attempts > 0)
          .toReversed()
          .map(({ at, attempts, failures, durationsMs }) => (
            <tr>
              <th scope="row">{spellTime(at)}</th>
              <td>{attempts}</td>
              <td>{failures}</td>
              {durationsMs.map((ms) => (
                <td>{ms === undefined ? "-" : formatLatency(ms)}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  </details>
);
