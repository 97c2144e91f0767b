import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeBody } from "../../functions/expose/push/decode.ts";
import { mapMetrics } from "../../functions/expose/push/map-metrics.ts";
import { pushableByName } from "../../functions/model/probing/push.ts";
import { foldPush } from "../../functions/monitor/push/fold-push.ts";
import { allFamilies } from "../../functions/monitor/tick/wanted-series.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { Head } from "../../functions/store/head.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";
import { ExportMetricsServiceRequestSchema as Metrics } from "../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { AggregationTemporality as Temporality } from "../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { attribute, type MetricInit, nanos } from "../expose/push/push-world.ts";
import { Cases } from "./cases.ts";
import { OtlpModel, type SentPoint } from "./otlp-model.ts";

const cases = new Cases();

const T0 = Date.UTC(2030, 0, 1);
const POOLS = ["v8", "oxc"];
const USERS = ["", "anna"];
const FAMILIES = {
  counter: "zako_v1_worker_gc_runs_total",
  histogram: "zako_v1_worker_queue_wait_seconds",
  gauge: "zako_v1_worker_queue_length",
};
/** Of our bounds, where the three buckets of the senders end: up to 0.1, up to 1, above. */
const PARTS = [4, 7, 11];

/** How a process reports. */
type Manner = "cumulative" | "delta" | "without starts";
const manner = fc.constantFrom<Manner>("cumulative", "cumulative", "delta", "without starts");
const small = fc.nat(3);
const process = fc.nat(2);
type Step =
  | { do: "work"; process: number; stream: number; n: number }
  | { do: "collect"; process: number; streams: number }
  | { do: "restart"; process: number }
  | { do: "resume"; process: number }
  | { do: "gauge"; process: number; value: number; ended: boolean }
  | { do: "send"; count: number; picks: number[]; split: boolean }
  | { do: "repeat"; which: number }
  | { do: "lose"; which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("work" as const), process, stream: small, n: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("collect" as const), process, streams: fc.nat(15) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), process }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), process }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("gauge" as const), process, value: fc.nat(9), ended: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      count: fc.integer({ min: 1, max: 8 }),
      picks: fc.array(fc.nat(20), { maxLength: 8 }),
      split: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const), which: fc.nat(9) }) },
);

/** A process: what it has counted since its sequence began. */
class Sender {
  readonly name: string;
  readonly manner: Manner;
  life = 0;
  start: number;
  /** When each stream last became a delta, and since when it counts without one. */
  lastAt: number[];
  values: number[][];

  constructor(index: number, manner: Manner, start: number) {
    this.name = `p${index}`;
    this.manner = manner;
    this.start = start;
    this.lastAt = USERS.flatMap(() => [start, start]);
    this.values = this.#nothing();
  }

  #nothing = (): number[][] => [[0], [0], [0, 0, 0], [0, 0, 0]];

  work(stream: number, n: number): void {
    const value = this.values[stream] as number[];
    const bucket = n % value.length;
    value[bucket] = (value[bucket] as number) + n;
  }

  restart(now: number): void {
    this.start = now;
    this.values = this.#nothing();
    this.lastAt = this.lastAt.map(() => now);
  }

  collect(stream: number, now: number, unknownStart = false): SentPoint {
    const value = [...(this.values[stream] as number[])];
    const delta = this.manner === "delta";
    const start = delta ? (this.lastAt[stream] as number) : this.manner === "cumulative" ? this.start : 0;
    if (delta) {
      this.values[stream] = value.map(() => 0);
      this.lastAt[stream] = now;
    }
    return {
      process: this.name,
      pool: POOLS[stream % 2] as string,
      user: USERS[Math.floor(this.name.length + stream / 2) % 2] as string,
      kind: delta ? "delta" : "cumulative",
      shape: stream < 2 ? "counter" : "histogram",
      start: unknownStart ? now : start,
      time: now,
      value,
    };
  }
}

/** Points as they go over the wire, in the order given, alone or together in their resource. */
function requestOf(points: readonly SentPoint[], split: boolean): Uint8Array {
  const groups = new Map<string, SentPoint[]>();
  points.forEach((point, i) => {
    const key = split ? String(i) : [point.process, point.shape, point.kind].join();
    groups.set(key, [...(groups.get(key) ?? []), point]);
  });
  const request: MessageInitShape<typeof Metrics> = {
    resourceMetrics: [...groups.values()].map((own) => ({
      resource: { attributes: [attribute("service.instance.id", (own[0] as SentPoint).process)] },
      scopeMetrics: [{ metrics: [metricOf(own)] }],
    })),
  };
  return toBinary(Metrics, create(Metrics, request));
}

function metricOf(points: readonly SentPoint[]): MetricInit {
  const [{ shape, kind }] = points as [SentPoint];
  const shared = ({ start, time, pool, user }: SentPoint) => ({
    startTimeUnixNano: nanos(start),
    timeUnixNano: nanos(time),
    attributes: [attribute("pool", pool), ...(user === "" ? [] : [attribute("user", user)])],
  });
  const aggregationTemporality = kind === "delta" ? Temporality.DELTA : Temporality.CUMULATIVE;
  if (shape === "histogram") {
    const dataPoints = points.map((point) => ({
      ...shared(point),
      count: BigInt(point.value.reduce((a, b) => a + b, 0)),
      sum: 0,
      explicitBounds: [0.1, 1],
      bucketCounts: point.value.map(BigInt),
    }));
    return { name: FAMILIES.histogram, data: { case: "histogram", value: { aggregationTemporality, dataPoints } } };
  }
  const dataPoints = points.map((point) => ({
    ...shared(point),
    value: { case: "asInt" as const, value: BigInt(point.value[0] as number) },
    flags: point.ended === true ? 1 : 0,
  }));
  if (shape === "gauge") return { name: FAMILIES.gauge, data: { case: "gauge", value: { dataPoints } } };
  return {
    name: FAMILIES.counter,
    data: { case: "sum", value: { aggregationTemporality, isMonotonic: true, dataPoints } },
  };
}

/** The numbers of a series as they are stored, the buckets of a histogram by the senders' bounds. */
function storedNumbers(head: Head, series: string): number[] {
  const [shape, pool] = series.split(" ") as [keyof typeof FAMILIES, string];
  const { block, offset } = head.table.at("a", FAMILIES[shape], { source: "push", pool }, T0);
  if (shape !== "histogram") return [block.values[offset] as number];
  let from = 0;
  return PARTS.map((to) => {
    const part = block.values.slice(offset + from, offset + to + 1);
    from = to + 1;
    return part.reduce((a, b) => a + b, 0);
  });
}

const families = pushableByName([]);
const known = allFamilies(PROBE_KINDS);

function play(storage: DurableObjectStorage, manners: readonly Manner[], script: readonly Step[]): void {
  const head = new Head(storage, known, MONITOR_META);
  head.table.reconcile([{ target: "a", initial: [], keep: () => true }], T0);
  const model = new OtlpModel(T0);
  let now = T0 + 1_000;
  const senders = manners.map((how, i) => new Sender(i, how, now + i));
  let outbox: SentPoint[] = [];
  const sent: { points: SentPoint[]; split: boolean }[] = [];
  let points = 0;
  const deliver = (request: { points: SentPoint[]; split: boolean }): void => {
    const decoded = decodeBody(Metrics, "protobuf", requestOf(request.points, request.split));
    if (!decoded.ok) throw new Error(decoded.problem);
    foldPush(head, "a", mapMetrics(decoded.message, families).batch(), { now, staleAfterMs: 3_600_000 });
    model.take(request.points, now);
    points += request.points.length;
    for (const [series, numbers] of model.numbers())
      expect([series, storedNumbers(head, series)]).toEqual([series, numbers]);
    sent.push(request);
  };
  for (const one of script) {
    now += 100;
    const sender = "process" in one ? (senders[one.process] as Sender) : undefined;
    if (one.do === "work") sender?.work(one.stream, one.n);
    else if (one.do === "restart") sender?.restart(now);
    else if (one.do === "collect") {
      for (let stream = 0; stream < 4; stream++)
        if ((one.streams & (1 << stream)) !== 0 && sender !== undefined) outbox.push(sender.collect(stream, now));
    } else if (one.do === "resume" && sender?.manner === "cumulative") {
      sender.start = now;
      for (let stream = 0; stream < 4; stream++) outbox.push(sender.collect(stream, now, true));
    } else if (one.do === "gauge" && sender !== undefined)
      outbox.push({
        process: sender.name,
        pool: `of-${sender.name}`,
        user: "",
        kind: "gauge",
        shape: "gauge",
        start: 0,
        time: now,
        value: [one.value],
        ended: one.ended,
      });
    else if (one.do === "lose") outbox = outbox.filter((_, i) => i !== one.which);
    else if (one.do === "repeat") {
      const again = sent[one.which % Math.max(1, sent.length)];
      if (again !== undefined) deliver(again);
    } else if (one.do === "send" && outbox.length > 0) {
      // Any of those that wait, in any order: the rest is late.
      const taken: SentPoint[] = [];
      for (let i = 0; i < one.count && outbox.length > 0; i++)
        taken.push(...outbox.splice((one.picks[i] ?? 0) % outbox.length, 1));
      deliver({ points: taken, split: one.split });
    }
  }
  if (outbox.length > 0) deliver({ points: outbox, split: false });
  const count = (family: string, labels: Record<string, string>): number => head.table.read("a", family, labels) ?? 0;
  expect(
    count("zako_watch_push_points_total", { signal: "metrics" }) +
      count("zako_watch_push_rejected_total", { reason: "out_of_order" }),
  ).toBe(points);
}

it("whatever is batched, repeated, late, lost or restarted, as totals or deltas: what is counted is what the model says", () =>
  runInDurableObject(env.MONITOR.getByName("fuzz-otlp"), (_instance, { storage }) =>
    fc.assert(
      fc.property(
        fc.tuple(manner, manner, manner),
        fc.array(step, { minLength: 4, maxLength: 30 }),
        (manners, script) => {
          cases.count("OTLP sequences");
          play(storage, manners, script);
        },
      ),
      { numRuns: cases.runs(300) },
    ),
  ));
