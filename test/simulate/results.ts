import type { Delays } from "./delays.ts";
import type { Played } from "./play.ts";

const COLUMNS: readonly [title: string, width: number, of: (played: Played) => string | number][] = [
  ["scenario", -20, ({ scenario }) => scenario.name],
  ["prober", -10, ({ prober }) => prober],
  ["seed", 4, ({ seed }) => seed],
  ["days", 5, ({ days }) => days],
  ["out", 5, ({ ledger }) => ledger.outages],
  ["missed", 6, ({ ledger }) => ledger.missed],
  ["false", 5, ({ ledger }) => ledger.falsePages],
  ["warn", 4, ({ ledger }) => ledger.falseWarnings],
  ["after", 5, ({ ledger }) => ledger.notifiedAfterMend],
  ["twice", 5, ({ ledger }) => ledger.doubled],
  ["open", 4, ({ ledger }) => ledger.unresolved],
  ["most", 4, ({ ledger }) => ledger.mostMessages],
  ["slow burn", 9, ({ ledger }) => ledger.slowBurn],
  ["late", 5, ({ ledger }) => ledger.lateDeliveries],
  ["found P50/P99/worst", 20, ({ ledger }) => spelled(ledger.detection)],
  ["over P50/P99/worst", 19, ({ ledger }) => spelled(ledger.over)],
  ["error P99/end", 13, ({ ledger }) => `${seconds(ledger.durationError.p99Ms)}/${seconds(ledger.endError.p99Ms)}`],
  ["rows", 8, ({ rowsWritten }) => rowsWritten],
  ["ms/tick", 7, ({ cpuMsPerTick }) => cpuMsPerTick.toFixed(2)],
];

/** Lines of a table, with its head where it is wanted. */
export function tableOf(all: readonly Played[], hasHead: boolean): string[] {
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, i) => {
        const width = COLUMNS[i]?.[1] ?? 0;
        return width < 0 ? String(cell).padEnd(-width) : String(cell).padStart(width);
      })
      .join(" ");
  return [
    ...(hasHead ? [line(COLUMNS.map(([title]) => title))] : []),
    ...all.map((played) => line(COLUMNS.map(([, , of]) => of(played)))),
  ];
}

/** One run as other programs read it. */
export function jsonRow({ scenario, prober, seed, days, ledger, rowsWritten }: Played): Record<string, unknown> {
  const { outages, missed, falsePages, doubled, unresolved, notifiedAfterMend, detection, over, durationError } =
    ledger;
  return {
    scenario: scenario.name,
    prober,
    seed,
    days,
    outages,
    missed,
    falsePages,
    doubled,
    unresolved,
    toldAfterMend: notifiedAfterMend,
    detectionP50Ms: number(detection.p50Ms),
    detectionP99Ms: number(detection.p99Ms),
    overP50Ms: number(over.p50Ms),
    overP99Ms: number(over.p99Ms),
    durationErrorMs: number(durationError.p99Ms),
    rowsWritten,
  };
}

const number = (ms: number): number | null => (Number.isNaN(ms) ? null : ms);
const seconds = (ms: number): string => (Number.isNaN(ms) ? "-" : (ms / 1000).toFixed(0));
const spelled = ({ p50Ms, p99Ms, worstMs }: Delays): string =>
  `${seconds(p50Ms)}/${seconds(p99Ms)}/${seconds(worstMs)}`;
