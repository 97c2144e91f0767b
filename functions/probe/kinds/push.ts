import * as z from "zod";
import { INSIDE_FAMILIES } from "../../model/families/inside-families.ts";
import { failure } from "../../model/probing/failure.ts";
import { PUSH_FAMILIES, PUSH_SOURCE, PUSHABLE_FAMILIES } from "../../model/probing/push.ts";
import { DEFAULT_SPAN_RULES, SPAN_FAMILIES, type SpanRule } from "../../model/probing/span-rule.ts";
import type { Target } from "../../model/probing/target.ts";
import { secretNameProblem } from "../../model/secret-name.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, skipped, wrong } from "../step-result.ts";

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MOST_STALE_MS = 30 * 86_400_000;
const LABEL = /^[a-z_]+$/;

const staleAfter = z
  .string()
  .regex(/^[1-9][0-9]{0,4}[mhd]$/, "is not such a duration; write a whole number with m, h or d, such as 15m or 3d")
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0))
  .refine((ms) => ms <= MOST_STALE_MS, "is too long; give at most 30d");

const spanRule = z
  .strictObject({
    name: z.string().min(1).max(256).meta({ description: "Name of the span, whole.", example: "v8 execution" }),
    family: z
      .enum(SPAN_FAMILIES.map(({ name }) => name) as [string, ...string[]])
      .meta({ description: "Histogram that its duration goes to.", example: "zako_v1_worker_task_duration_seconds" }),
    labels: z
      .record(z.string().regex(LABEL), z.string().min(1).max(128))
      .optional()
      .meta({
        description: "Labels of the histogram beside target and source: all that it has.",
        example: { pool: "v8" },
      }),
  })
  .refine(
    ({ family, labels = {} }) => {
      const wanted = SPAN_FAMILIES.find(({ name }) => name === family)?.labels.slice(2) ?? [];
      return wanted.length === Object.keys(labels).length && wanted.every((name) => Object.hasOwn(labels, name));
    },
    { error: "has not the labels of its family: give each of them under `labels`, and no others", path: ["labels"] },
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
        "Name of the secret binding that holds the senders' token, never the token itself. With one of its own a target need not be named.",
    }),
  stale_after: staleAfter
    .prefault("15m")
    .meta({ description: "Without any push for so long the probe fails as stale, and gauges end.", default: "15m" }),
  max_per_minute: z
    .int()
    .min(1)
    .max(6_000)
    .default(60)
    .meta({ description: "Pushes a minute, and as many at once, that are taken; more are asked to come again." }),
  spans: z
    .array(spanRule)
    .max(64)
    .optional()
    .meta({ description: "Which spans are measured, and by which histogram. None: those that Zako makes." }),
});
/** Options of `probes.push`, as a plan holds them; `stale_after` in ms. */
export type PushOptions = z.output<typeof Options>;

/** The rules for spans in force. */
const rulesOf = ({ spans }: PushOptions): readonly SpanRule[] =>
  spans?.map(({ labels = {}, ...rule }) => ({ ...rule, labels })) ?? DEFAULT_SPAN_RULES;

/** A target that is pushed for. */
export interface PushTarget {
  name: string;
  /** Binding that holds the token of its senders. */
  secret: string;
  spans: readonly SpanRule[];
}

/** The targets that are pushed for. */
export const pushTargets = (targets: readonly Target[]): PushTarget[] =>
  targets.flatMap(({ name, probes }) =>
    probes.flatMap(({ kind, options }) => {
      if (kind !== push.kind) return [];
      const own = options as PushOptions;
      return [{ name, secret: own.secret, spans: rulesOf(own) }];
    }),
  );

export const push: ProbeKind<PushOptions> = {
  kind: "push",
  doc: "Receives what the target's processes push over OTLP/HTTP (/v1/metrics, /v1/traces), and watches that it goes on.",
  tier: "outside",
  // Nothing is asked of the target, so one vantage says all there is to say.
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: false, intervalMs: 60_000, timeoutMs: 5_000, critical: false },
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
    return skipped(failure("stale", true, { message: "nothing has been pushed yet", hint: "give a sender the token" }));
  const silentMs = now() - pushedAt;
  if (silentMs <= options.stale_after + PUSHED_AT_STEP_MS) return OK;
  return wrong("stale", `nothing has been pushed for ${Math.floor(silentMs / 60_000)} minutes`);
}

/** `pushedAt` is kept so finely, since each change of it is written beside what was pushed. */
export const PUSHED_AT_STEP_MS = 30_000;
