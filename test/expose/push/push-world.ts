import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { create, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { Hono } from "hono";
import { type Auth, createAuth } from "../../../functions/expose/auth/create-auth.ts";
import { type PushPorts, routePush } from "../../../functions/expose/push/receiver.ts";
import type { Config } from "../../../functions/model/config.ts";
import type { Labels } from "../../../functions/model/metric.ts";
import type { PushAnswer, PushBatch, PushSignal } from "../../../functions/model/probing/push.ts";
import { PushIntake } from "../../../functions/monitor/push/push-intake.ts";
import { push as kind, pushTargets } from "../../../functions/probe/kinds/push.ts";
import { ExportMetricsServiceRequestSchema as Metrics } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema as Traces } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import {
  AggregationTemporality,
  type MetricSchema,
} from "../../../proto/gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { config, plan, START, target, World } from "../../monitor/world.ts";

export const TOKEN = "push-token-of-cas-eu";
export const SECRETS: Record<string, string | undefined> = { EU: `${TOKEN}\n`, US: "push-token-of-cas-us", EMPTY: " " };
/** When the processes of the tests begin, epoch ms. */
export const BEGAN = START + 600_000;

/** A plan of the kind with its defaults. */
export const pushPlan = (secret = "EU", options: Record<string, unknown> = {}) =>
  plan("push", { critical: false, options: kind.options.parse({ secret, ...options }) as Record<string, unknown> });

export const ONE = config([target("cas-eu", [plan("health"), pushPlan()])]);

/** The receiver in front of a Monitor on real storage, with a clock and a wait that tests control. */
export class PushWorld {
  readonly monitor: World;
  readonly app = new Hono();
  readonly reported: unknown[] = [];
  /** Ms that the intake waits for, and what ends each wait. */
  readonly waits: { ms: number; end: () => void }[] = [];
  /** Commits wait for `waits` where false. */
  atOnce = true;
  /** Batches as they came to the Monitor. */
  readonly batches: PushBatch[] = [];
  #intake: PushIntake;

  constructor(storage: DurableObjectStorage, initial: Config, ports: Partial<PushPorts> = {}) {
    this.monitor = new World(storage, initial);
    // The target's series begin at START, what is pushed a while later.
    this.monitor.core.head();
    this.monitor.now = BEGAN + 60_000;
    this.#intake = this.#newIntake();
    routePush(
      this.app,
      {
        targets: pushTargets(initial.targets),
        imports: initial.imports ?? [],
        secret: (name) => SECRETS[name],
        secrets: () => Object.values(SECRETS).flatMap((secret) => secret ?? []),
        deliver: (name, batch) => this.deliver(name, batch),
        report: (error) => void this.reported.push(error),
        ...ports,
      },
      this.#auth(initial),
    );
  }

  /** Who may come in; the tests of the token gate are elsewhere. */
  #auth({ targets }: Config): Auth {
    return createAuth({
      metricsToken: () => undefined,
      probeToken: () => undefined,
      adminToken: () => undefined,
      push: { targets: pushTargets(targets), secret: (name) => SECRETS[name] },
      refusedTokens: async () => {},
      now: () => this.monitor.now,
      report: () => {},
    });
  }

  deliver(name: string, batch: PushBatch): Promise<PushAnswer> {
    this.batches.push(batch);
    return this.#intake.push(name, batch);
  }

  /** A new life of the Monitor. */
  restart(next: Config): void {
    this.monitor.restart(next);
    this.#intake = this.#newIntake();
  }

  #newIntake(): PushIntake {
    return new PushIntake({
      core: this.monitor.core,
      now: () => this.monitor.now,
      delay: (ms) =>
        this.atOnce ? Promise.resolve() : new Promise((resolve) => this.waits.push({ ms, end: () => resolve() })),
    });
  }

  async post(signal: PushSignal, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> {
    const type = typeof body === "string" ? "application/json" : "application/x-protobuf";
    const all = { authorization: `Bearer ${TOKEN}`, "content-type": type, ...headers };
    return this.app.request(`/v1/${signal}`, { method: "POST", headers: all, body: body as BodyInit });
  }

  metrics(request: MessageInitShape<typeof Metrics>): Promise<Response> {
    return this.post("metrics", bytesOf.metrics(request));
  }

  spans(request: MessageInitShape<typeof Traces>): Promise<Response> {
    return this.post("traces", bytesOf.spans(request));
  }

  /** Lets what is under way go on until something holds. */
  async settled(holds: () => boolean): Promise<void> {
    while (!holds()) await scheduler.wait(0);
  }

  /** A number as it is stored; 0 where there is none. */
  stored(family: string, labels: Labels = {}, of = "cas-eu"): number {
    const printed = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
    return this.monitor.count(family, of, printed.join(","));
  }
}

/** Exports as protobuf. */
export const bytesOf = {
  metrics: (request: MessageInitShape<typeof Metrics>) => toBinary(Metrics, create(Metrics, request)),
  spans: (request: MessageInitShape<typeof Traces>) => toBinary(Traces, create(Traces, request)),
};

let objects = 0;

/** Runs a test in a world of its own. */
export const inPushWorld = (
  run: (world: PushWorld) => Promise<void>,
  { initial = ONE, ports = {} }: { initial?: Config; ports?: Partial<PushPorts> } = {},
): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`push-world-${objects++}`), async (_instance, state) => {
    await run(new PushWorld(state.storage, initial, ports));
  });

export const nanos = (ms: number): bigint => BigInt(ms) * 1_000_000n;

export const attribute = (key: string, value: string) => ({
  key,
  value: { value: { case: "stringValue" as const, value } },
});

export type MetricInit = MessageInitShape<typeof MetricSchema>;

/** One process's export of metrics. */
export const exportOf = (metrics: MetricInit[], instance = "one"): MessageInitShape<typeof Metrics> => ({
  resourceMetrics: [
    {
      resource: { attributes: [attribute("service.name", "zako"), attribute("service.instance.id", instance)] },
      scopeMetrics: [{ metrics }],
    },
  ],
});

/** A cumulative counter since `start`, epoch ms. */
export const counter = (
  name: string,
  value: number,
  start: number,
  attributes: Record<string, string> = {},
): MetricInit => ({
  name,
  data: {
    case: "sum" as const,
    value: {
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      isMonotonic: true,
      dataPoints: [
        {
          startTimeUnixNano: nanos(start),
          timeUnixNano: nanos(start + 1_000),
          value: { case: "asInt" as const, value: BigInt(value) },
          attributes: Object.entries(attributes).map(([key, text]) => attribute(key, text)),
        },
      ],
    },
  },
});

/** The JSON of an export of metrics, as protobuf would have it; OTLP's own only where there are no ids. */
export const jsonOf = (request: MessageInitShape<typeof Metrics>): string =>
  JSON.stringify(toJson(Metrics, create(Metrics, request), { enumAsInteger: true }));
