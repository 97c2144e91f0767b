import * as z from "zod";
import { optional, required } from "../../lib/leaf.ts";
import type { Read } from "../read.ts";
import { matchersText, nameText } from "./notify-section.ts";
import { intervalSection } from "./time-interval-section.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d)?([Zz]|[+-]\d\d:\d\d)$/;
const NO_TIME = "is not a time; write it as 2026-12-24T22:00:00Z, with Z or an offset such as +01:00";

/** A moment, as epoch ms. */
export const moment = z
  .string({ error: NO_TIME })
  .transform((text) => (RFC_3339.test(text) ? Date.parse(text.replace(" ", "T")) : Number.NaN))
  .superRefine((at, context) => {
    if (Number.isNaN(at)) context.addIssue({ code: "custom", message: NO_TIME });
  });

const maintenanceSection = z.strictObject({
  name: required(nameText, { description: "Unique name, shown wherever it applies.", example: "weekly-reboot" }),
  match: required(matchersText, {
    description: "Matchers on `target` and the targets' own labels; all must match.",
    example: ['target="cas-eu"'],
  }),
  intervals: optional(z.array(intervalSection), {
    description:
      "When it recurs: spans in the syntax of `notify.intervals`; it lasts while any of them does. Default: from `starts_at` to `ends_at`.",
    example: [{ weekdays: ["sunday"], times: [{ start_time: "02:00", end_time: "04:00" }], location: "Europe/Berlin" }],
  }),
  starts_at: optional(moment, { description: "It does not apply before this time.", example: "2026-12-24T22:00:00Z" }),
  ends_at: optional(moment, { description: "It does not apply from this time on.", example: "2027-12-25T06:00:00Z" }),
});

/** The `maintenance` key: planned work on targets. */
export const maintenanceKey = optional(z.array(maintenanceSection), {
  description:
    "Planned work, recurring or once: meanwhile nobody is notified of the targets, and the time counts neither as up nor as down. What still fires at its end is sent then.",
});

export type ReadMaintenance = Read<z.output<typeof maintenanceSection>>;
