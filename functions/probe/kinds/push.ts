import * as z from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import { INSIDE_FAMILIES } from "../../model/families/inside-families.ts";
import { failure } from "../../model/probing/failure.ts";
import { PUSH_FAMILIES, PUSH_SOURCE, PUSHABLE_FAMILIES } from "../../model/probing/push.ts";
import { DEFAULT_SPAN_RULES, SPAN_FAMILIES, type SpanRule } from "../../model/probing/span-rule.ts";
import type { Target } from "../../model/probing/target.ts";
import { secretNameProblem } from "../../model/secret-name.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, skipped, wrong } from "../step-result.ts";

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const MOST_STALE_MS = 30 * DAY_MS;
const LABEL = /^[a-z_]+$/;

const staleAfter = z
  .string()
  .regex(/^[1-9][0-9]{0,4}[mhd]$/, "is not a duration; write a whole number with m, h or d, such as 15m or 3d")
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0))
  .refine((ms) => ms <= MOST_STALE_MS, "is too long; give at most 30d");

const spanRule = z
  .strictObject({
    name: z.string().min(1).max(256).meta({ description: "Full name of the span.", example: "v8 execution" }),
    family: z
      .enum(SPAN_FAMILIES.map(({ name }) => name) as [string, ...string[]])
      .meta({ description: "Histogram that counts its duration.", example: "zako_v1_worker_task_duration_seconds" }),
    labels: z
      .record(z.string().regex(LABEL), z.string().min(1).max(128))
      .optional()
      .meta({
        description: "All labels of the histogram except target and source.",
        example: { pool: "v8" },
      }),
  })
  .refine(
    ({ family, labels = {} }) => {
      const wanted = SPAN_FAMILIES.find(({ name }) => name === family)?.labels.slice(2) ?? [];
      return wanted.length === Object.keys(labels).length && wanted.every((name) => Object.hasOwn(labels, name));
    },
    {
      error: "does not have exactly the labels of its family: give each of them under `labels`, and no others",
      path: ["labels"],
    },
  );

const Options = z.strictObject({
  secret: z
    .string()
    .superRefine((name, context) => {
      const problem = secretNameProblem(name);
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .default("ZAKO_PUSH_TOKEN")
    .meta({
      description:
        "Name of the secret binding with the senders' token, never the token itself. With a token of its own, a target need not be named in the push.",
    }),
  stale_after: staleAfter
    .prefault("15m")
    .meta({ description: "After this time without a push, the probe fails as stale and gauges end.", default: "15m" }),
  max_per_minute: z
    .int()
    .min(1)
    .max(6_000)
    .default(60)
    .meta({ description: "Pushes accepted per minute, and in one burst; further ones get 429 with Retry-After." }),
  origins: z
    .array(
      z
        .string()
        .regex(
          /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/,
          "is not an origin; write scheme and host, such as https://app.example",
        )
        .meta({ description: "Scheme, host and port as browsers send them.", example: "https://app.example" }),
    )
    .max(16)
    .optional()
    .meta({
      description: "Web pages that may push from a browser (CORS), by origin. Default: none.",
      example: ["https://app.example"],
    }),
  spans: z
    .array(spanRule)
    .max(64)
    .optional()
    .meta({ description: "Which spans are measured, and by which histogram. Default: the spans that Zako emits." }),
});
/** Options of `probes.push` in a plan; `stale_after` in ms. */
export type PushOptions = z.output<typeof Options>;

/** The active rules for spans. */
const rulesOf = ({ spans }: PushOptions): readonly SpanRule[] =>
  spans?.map(({ labels = {}, ...rule }) => ({ ...rule, labels })) ?? DEFAULT_SPAN_RULES;

/** A target that accepts pushes. */
export interface PushTarget {
  name: string;
  /** Binding with the token of its senders. */
  secret: string;
  /** Origins of web pages that may push. */
  origins: readonly string[];
  spans: readonly SpanRule[];
}

/** The targets that accept pushes. */
export const pushTargets = (targets: readonly Target[]): PushTarget[] =>
  targets.flatMap(({ name, probes }) =>
    probes.flatMap(({ kind, options }) => {
      if (kind !== push.kind) return [];
      const own = options as PushOptions;
      return [{ name, secret: own.secret, origins: own.origins ?? [], spans: rulesOf(own) }];
    }),
  );

export const push: ProbeKind<PushOptions> = {
  kind: "push",
  doc: "Receives what the target's processes push over OTLP/HTTP (/v1/metrics, /v1/traces), and fails when pushes stop.",
  tier: "outside",
  // The target is not called, so one vantage is enough.
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: false, intervalMs: MINUTE_MS, timeoutMs: 5_000, critical: false },
  options: Options,
  calls: () => 0,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["fresh"],
  minorSteps: [],
  families: [...PUSHABLE_FAMILIES, ...Object.values(PUSH_FAMILIES)],
  initial: (options) => [
    ...rulesOf(options).map(({ family, labels }) => ({ family, labels: { ...PUSH_SOURCE, ...labels } })),
    { family: INSIDE_FAMILIES.jsonConversionFailures.name, labels: PUSH_SOURCE },
    { family: PUSH_FAMILIES.points.name, labels: { signal: "metrics" } },
    { family: PUSH_FAMILIES.points.name, labels: { signal: "traces" } },
    { family: PUSH_FAMILIES.repeats.name, labels: {} },
  ],

  async run(run) {
    await run.step("fresh", async () => judgeFreshness(run));
    return undefined;
  },
};

function judgeFreshness({ task, options, now }: Run<PushOptions>): StepResult {
  const { pushedAt } = task.memory;
  if (pushedAt === undefined)
    return skipped(
      failure("stale", true, { message: "nothing has been pushed yet", hint: "configure a sender with the token" }),
    );
  const silentMs = now() - pushedAt;
  if (silentMs <= options.stale_after + PUSHED_AT_STEP_MS) return OK;
  return wrong("stale", `nothing has been pushed for ${Math.floor(silentMs / MINUTE_MS)} minutes`);
}

/** Resolution of `pushedAt`: each change of it is an extra write besides the pushed data. */
export const PUSHED_AT_STEP_MS = 30_000;
