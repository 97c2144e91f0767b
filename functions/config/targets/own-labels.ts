import * as z from "zod";

/** Of our own making, or put on every series by Prometheus. */
const RESERVED_LABEL = /^(__.*|target|probe|vantage|reason|code|source|alertname|severity|pager|shard|job|instance)$/;

/** Labels that users put on alerts, by name. */
export const ownLabels = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
      "is not a label name; use at most 63 letters, digits and _, not starting with a digit",
    )
    .refine((name) => !RESERVED_LABEL.test(name), "is a label that zako-watch sets itself; choose another name"),
  z.string().max(256),
);
