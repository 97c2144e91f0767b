import * as z from "zod";
import { optional, required } from "../../lib/leaf.ts";
import { DEFAULT_TITLE } from "../../model/status-page.ts";
import { moment } from "../notify/maintenance-section.ts";
import type { Read } from "../read.ts";

const announcementSection = z.strictObject({
  title: required(z.string().min(1).max(120), {
    description: "Heading of the announcement.",
    example: "Move to new disks",
  }),
  text: required(z.string().min(1).max(4_000), {
    description: "Plain text; an empty line begins a paragraph.",
    example: "Uploads may be slow on Sunday morning.",
  }),
  starts_at: optional(moment, { description: "It is not shown before this time.", example: "2026-12-24T22:00:00Z" }),
  ends_at: optional(moment, { description: "It is not shown from this time on.", example: "2026-12-26T06:00:00Z" }),
});

const statusPageSection = z.strictObject({
  title: optional(z.string().min(1).max(120), { description: "Heading of the page.", default: DEFAULT_TITLE }),
  group_by: optional(z.string().min(1).max(63), {
    description: "Label of the targets (`targets[].labels`) whose values make the groups. Default: one group.",
    example: "team",
  }),
  announcements: optional(z.array(announcementSection), {
    description: "Messages to everybody who reads the page, such as planned changes. Default: none.",
  }),
});

/** The `status_page` key. */
export const statusPageKey = optional(statusPageSection, {
  description:
    "The status page at `/`. Only targets with `public: true` are shown to readers without a token; others are not mentioned to them.",
});

export type ReadStatusPage = Read<z.output<typeof statusPageSection>>;
