import * as z from "zod";
import type { ProbeKind } from "../../../functions/probe/kind.ts";

/** What the configuration never asks of a kind: running it. */
const unasked = {
  steps: [],
  minorSteps: [],
  families: [],
  initial: () => [],
  run: () => Promise.reject(new Error("a sample kind is never run")),
};

const health = {
  ...unasked,
  kind: "health",
  doc: "Asks the health service.",
  tier: "health",
  schedule: "every",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: 60_000, timeoutMs: 10_000, critical: true },
  options: z.strictObject({
    service: z.string().max(64).default("").describe("Name of the service that is asked for."),
  }),
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
} satisfies ProbeKind<{ service: string }>;

const details = {
  ...unasked,
  kind: "cas.details",
  doc: "Asks where the Transport is.",
  families: [{ name: "zako_v1_sample_details_total", type: "counter", help: "Details.", labels: ["target", "source"] }],
  tier: "cas",
  schedule: "rotating",
  recheck: "interval",
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 10_000, critical: true },
  options: z.strictObject({}),
  calls: () => 2,
  writesBytes: () => 0,
  tokensIssued: 1,
} satisfies ProbeKind<Record<string, never>>;

const upload = {
  ...unasked,
  kind: "transport.upload",
  doc: "Writes a canary and reads it back.",
  tier: "transport",
  schedule: "single_writer",
  recheck: "budget",
  defaults: { enabled: true, intervalMs: 600_000, timeoutMs: 20_000, critical: false },
  options: z
    .strictObject({
      size: z
        .int()
        .min(1)
        .max(2 ** 20)
        .default(4_096)
        .describe("Bytes of a canary."),
      chunk: z
        .int()
        .min(1)
        .max(2 ** 20)
        .default(1_024)
        .describe("Bytes of one message."),
      digest: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "is not a digest; give 64 hex digits")
        .optional()
        .meta({ description: "A digest.", example: "0".repeat(64) }),
    })
    .refine((options) => options.chunk <= options.size, { path: ["chunk"], error: "is larger than `size`; give less" }),
  calls: () => 3,
  writesBytes: (options: { size: number }) => options.size,
  tokensIssued: 0,
} satisfies ProbeKind<{ size: number; chunk: number; digest?: string | undefined }>;

const negative = {
  ...unasked,
  kind: "transport.negative",
  doc: "Does what must be refused.",
  tier: "transport",
  schedule: "every",
  recheck: "safe",
  defaults: { enabled: false, intervalMs: 3_600_000, timeoutMs: 10_000, critical: false },
  options: z.strictObject({}),
  calls: () => 4,
  writesBytes: () => 0,
  tokensIssued: 0,
} satisfies ProbeKind<Record<string, never>>;

/** Kinds that stand still while the real ones change: one that reads, one that mints, one that writes, one that is off. */
export const SAMPLE_KINDS: readonly ProbeKind[] = [health, details, upload, negative];
