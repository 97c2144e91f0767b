/** A point as a sender has it; times in ms, 0: not told. */
export interface SentPoint {
  process: string;
  /** Attributes: those that become a label, and those that do not. */
  pool: string;
  user: string;
  kind: "cumulative" | "delta" | "gauge";
  shape: "counter" | "histogram" | "gauge";
  start: number;
  time: number;
  /** One number, or one per bucket. */
  value: readonly number[];
  ended?: boolean;
}

/** The unbroken sequence of a cumulative stream that is taken. */
interface Sequence {
  start: number;
  time: number;
  /** Where it began, where it has come to. */
  base: readonly number[];
  reached: readonly number[];
}

interface Stream {
  series: string;
  sequences: Sequence[];
}

const zeros = (value: readonly number[]): number[] => value.map(() => 0);
const isBelow = (a: readonly number[], b: readonly number[]): boolean => a.some((n, i) => n < (b[i] as number));

/**
 * What a series should hold, told in other words than the product's: a cumulative stream comes to the sum, over its
 * sequences, of how far each one got above where it began. Only the newest sequence takes points.
 */
export class OtlpModel {
  /** When the target's series begin, epoch ms. */
  readonly #began: number;
  readonly #streams = new Map<string, Stream>();
  readonly #deltas = new Map<string, Map<string, readonly number[]>>();
  readonly #gauges = new Map<string, { time: number; value: number }>();
  /** What is known of a process: when it last sent totals, and whether it had sent all of them by then. */
  readonly #processes = new Map<string, { seenAt: number; complete: boolean }>();

  constructor(began: number) {
    this.#began = began;
  }

  /** One request that arrived at `now`. */
  take(points: readonly SentPoint[], now: number): void {
    const inTime = [...points].sort((a, b) => a.time - b.time);
    for (const process of new Set(points.map((point) => point.process))) {
      const own = inTime.filter((point) => point.process === process);
      const totals = own.filter(({ kind }) => kind === "cumulative");
      const known = this.#processes.get(process);
      const newSince = known?.seenAt ?? this.#began;
      for (const point of totals) this.#total(point, known?.complete === true || point.start > newSince);
      const isYoung = totals.every(({ start, time }) => start > this.#began && start !== time);
      if (totals.length > 0) this.#processes.set(process, { seenAt: now, complete: known !== undefined || isYoung });
    }
    for (const point of inTime) {
      const series = seriesOf(point);
      if (point.kind === "delta") {
        const known = this.#deltas.get(series) ?? new Map<string, readonly number[]>();
        this.#deltas.set(series, known.set(JSON.stringify(point), point.value));
      } else if (point.kind === "gauge" && point.time >= (this.#gauges.get(series)?.time ?? 0))
        this.#gauges.set(series, {
          time: point.time,
          value: point.ended === true ? Number.NaN : (point.value[0] as number),
        });
    }
  }

  #total({ start, time, value, ...point }: SentPoint, isNew: boolean): void {
    const key = [point.process, point.shape, point.pool, point.user].join();
    const stream = this.#streams.get(key) ?? { series: seriesOf(point), sequences: [] };
    this.#streams.set(key, stream);
    const current = stream.sequences.at(-1);
    const begin = (base: readonly number[]): void => {
      stream.sequences.push({ start, time, base, reached: value });
    };
    if (current === undefined) begin(start === time || !isNew ? value : zeros(value));
    else if (start > current.start) {
      if (start !== time) begin(zeros(value));
      else if (time > current.time) begin(value);
    } else if (start === current.start && !isBelow(value, current.reached)) {
      current.reached = value;
      current.time = Math.max(current.time, time);
      // Without a start, only a fall tells of a restart.
    } else if (start === 0 && current.start === 0 && time > current.time) begin(zeros(value));
  }

  /** The numbers of every series. */
  numbers(): Map<string, number[]> {
    const all = new Map<string, number[]>();
    const add = (series: string, value: readonly number[]): void => {
      const sum = all.get(series) ?? zeros(value);
      all.set(
        series,
        sum.map((n, i) => n + (value[i] as number)),
      );
    };
    for (const { series, sequences } of this.#streams.values())
      for (const { base, reached } of sequences)
        add(
          series,
          reached.map((n, i) => n - (base[i] as number)),
        );
    for (const [series, known] of this.#deltas) for (const value of known.values()) add(series, value);
    for (const [series, { value }] of this.#gauges) all.set(series, [value]);
    return all;
  }
}

const seriesOf = ({ shape, pool }: Pick<SentPoint, "shape" | "pool">): string => `${shape} ${pool}`;
