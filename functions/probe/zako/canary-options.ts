import * as z from "zod";

/** Options of the kinds that write a canary. */
export const CanaryOptions = z.strictObject({
  size_bytes: z
    .int()
    .min(64)
    .max(1_048_576)
    .default(4_096)
    .meta({ description: "Size of the canary. Each interval adds one to the store, which keeps it forever." }),
});

export type CanaryOptions = z.output<typeof CanaryOptions>;
