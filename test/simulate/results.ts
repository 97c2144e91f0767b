import type { Delays } from "./delays.ts";
import type { Played, Prober } from "./play.ts";

const COLUMNS: readonly [title: string, width: number, of: (played: Played) => string | number][] = [
  ["scenario", -20, ({ scenario }) => scenario],
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

/** One run as other programs read it. Delays are null where there was nothing to measure. */
export interface Row {
  scenario: string;
  prober: Prober;
  seed: number;
  days: number;
  outages: number;
  missed: number;
  falsePages: number;
  falseWarnings: number;
  doubled: number;
  doubledUnknown: number;
  unresolved: number;
  toldAfterMend: number;
  escalationsAfterMend: number;
  mostMessages: number;
  slowBurn: number;
  latencyWarnings: number;
  lateDeliveries: number;
  detectionP50Ms: number | null;
  detectionP99Ms: number | null;
  detectionWorstMs: number | null;
  overP50Ms: number | null;
  overP99Ms: number | null;
  overWorstMs: number | null;
  /** Of 99 in 100 outages. */
  durationErrorMs: number | null;
  endErrorMs: number | null;
  rowsWritten: number;
  ticks: number;
  cpuMsPerTick: number;
  broken: readonly string[];
}

export function rowOf({ scenario, prober, seed, days, ledger, rowsWritten, ticks, cpuMsPerTick, broken }: Played): Row {
  const { detection, over, durationError, endError } = ledger;
  return {
    scenario,
    prober,
    seed,
    days,
    outages: ledger.outages,
    missed: ledger.missed,
    falsePages: ledger.falsePages,
    falseWarnings: ledger.falseWarnings,
    doubled: ledger.doubled,
    doubledUnknown: ledger.doubledUnknown,
    unresolved: ledger.unresolved,
    toldAfterMend: ledger.notifiedAfterMend,
    escalationsAfterMend: ledger.escalationsAfterMend,
    mostMessages: ledger.mostMessages,
    slowBurn: ledger.slowBurn,
    latencyWarnings: ledger.latencyWarnings,
    lateDeliveries: ledger.lateDeliveries,
    detectionP50Ms: number(detection.p50Ms),
    detectionP99Ms: number(detection.p99Ms),
    detectionWorstMs: number(detection.worstMs),
    overP50Ms: number(over.p50Ms),
    overP99Ms: number(over.p99Ms),
    overWorstMs: number(over.worstMs),
    durationErrorMs: number(durationError.p99Ms),
    endErrorMs: number(endError.p99Ms),
    rowsWritten,
    ticks,
    cpuMsPerTick,
    broken,
  };
}

const number = (ms: number): number | null => (Number.isNaN(ms) ? null : ms);
const seconds = (ms: number): string => (Number.isNaN(ms) ? "-" : (ms / 1000).toFixed(0));
const spelled = ({ p50Ms, p99Ms, worstMs }: Delays): string =>
  `${seconds(p50Ms)}/${seconds(p99Ms)}/${seconds(worstMs)}`;
