import * as z from "zod";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./duration.ts";
import { formatSize, parseSize, SIZE_PATTERN } from "./size.ts";

/** Documentation of a key: a sentence, and the default or, without one, an example. */
export interface Shown {
  description: string;
  default?: unknown;
  example?: unknown;
}

/** An optional key. Its default is applied when layers are merged; the schema only documents it. */
export const optional = <S extends z.ZodType>(schema: S, shown: Shown): z.ZodOptional<S> =>
  schema.optional().meta({ ...shown });

/** A required key. */
export const required = <S extends z.ZodType>(schema: S, shown: Shown): S => schema.meta({ ...shown });

const NOT_A_DURATION = "is not a duration; write whole numbers with d, h, m, s or ms, such as 90s, 5m or 500ms";

/** A duration, parsed to milliseconds. `check` returns what is wrong with it, if anything. */
export const durationText = (check: (ms: number) => string | undefined) =>
  z
    .string({ error: NOT_A_DURATION })
    .regex(DURATION_PATTERN, NOT_A_DURATION)
    .transform((text) => parseDuration(text) ?? 0)
    .superRefine((ms, context) => {
      const wrong = check(ms);
      if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
    });

/** A duration between two limits, inclusive. */
export const durationWithin = (leastMs: number, mostMs: number) =>
  durationText((ms) => {
    if (ms < leastMs) return `is too short; give at least ${formatDuration(leastMs)}`;
    if (ms > mostMs) return `is too long; give at most ${formatDuration(mostMs)}`;
    return undefined;
  });

const NOT_A_SIZE = "is not a size; write bytes as a number, or a whole number with KiB, MiB or GiB, such as 4KiB";

/** A size up to `mostBytes`, parsed to bytes. */
export const sizeText = (mostBytes: number) =>
  z
    .union([z.int(), z.string().regex(SIZE_PATTERN, NOT_A_SIZE)], { error: NOT_A_SIZE })
    .transform((written) => parseSize(written) ?? -1)
    .superRefine((sizeBytes, context) => {
      if (sizeBytes < 0) context.addIssue({ code: "custom", message: NOT_A_SIZE });
      if (sizeBytes > mostBytes)
        context.addIssue({ code: "custom", message: `is too large; give at most ${formatSize(mostBytes)}` });
    });

/** A whole number between two limits, inclusive. */
export const wholeNumber = (least: number, most: number) => z.int().min(least).max(most);
