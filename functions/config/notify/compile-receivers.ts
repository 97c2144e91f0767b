import type { Endpoint, Receiver } from "../../model/alerting/receiver.ts";
import type { Channel } from "../../notify/channels/channel.ts";
import { CHANNELS } from "../../notify/channels/registry.ts";
import { MESSAGE_FIELDS, templateProblems } from "../../notify/message/message-template.ts";
import { fromZod, type Issue, type Path, show } from "../issue.ts";
import { nearest } from "../suggest.ts";
import { checkUrl } from "../urls/url-policy.ts";
import type { LabelValues } from "./label-values.ts";
import type { ReadNotify } from "./notify-section.ts";

type Found = NonNullable<ReadNotify["receivers"]>;

/** What receivers are compiled with. */
export interface ReceiverContext {
  /** A local run. */
  local: boolean;
  /** Labels that alerts can have. */
  labels: LabelValues;
  /** Takes labels that no alert has. */
  doubts: Issue[];
}

const NAMES = CHANNELS.map(({ channel }) => channel).join(", ");

/** Receivers with the options of their channels; what is wrong with them is added to the issues. */
export function compileReceivers(
  found: Found | undefined,
  raw: unknown,
  context: ReceiverContext,
  issues: Issue[],
): Receiver[] {
  const path = ["notify", "receivers"];
  if (found === undefined) return [];
  if (Object.keys(found).length === 0) issues.push({ path, message: "has no receivers; give at least one" });
  const given = (raw as { receivers?: Record<string, unknown[]> } | undefined)?.receivers ?? {};
  return Object.entries(found).map(([name, endpoints]) => {
    const at = [...path, name];
    if (endpoints?.length === 0)
      issues.push({
        path: at,
        message:
          "has no channel; give at least one, such as slack or email, or write `null` for a receiver that notifies nobody",
      });
    return {
      name,
      endpoints: (endpoints ?? []).flatMap((endpoint, i) => {
        const written = given[name]?.[i];
        if (endpoint === undefined || typeof written !== "object" || written === null) return [];
        return compileEndpoint(endpoint, written as Record<string, unknown>, [...at, i], context, issues) ?? [];
      }),
    };
  });
}

function compileEndpoint(
  found: Readonly<Record<string, unknown>>,
  written: Readonly<Record<string, unknown>>,
  path: Path,
  { local, labels, doubts }: ReceiverContext,
  issues: Issue[],
): Endpoint | undefined {
  const [channel, ...more] = CHANNELS.filter((one) => written[one.channel] !== undefined);
  if (channel === undefined) {
    issues.push({ path, message: `has no channel; give one of ${NAMES} with its keys` });
    return undefined;
  }
  if (more.length > 0)
    issues.push({
      path,
      message: `has several channels (${[channel, ...more].map((one) => one.channel).join(", ")}); give each an entry of its own`,
    });
  const options = readOptions(channel, written[channel.channel], [...path, channel.channel], local, issues);
  if (options === undefined) return undefined;
  const templates: { title?: string; text?: string } = {};
  for (const key of ["title", "text"] as const) {
    const template = found[key];
    if (typeof template !== "string") continue;
    if (channel.isForMachines)
      issues.push({
        path: [...path, key],
        message: `does not apply to ${channel.channel}, whose messages machines read; remove it`,
      });
    checkTemplate(template, [...path, key], [...labels.keys()], { issues, doubts });
    templates[key] = template;
  }
  return { channel: channel.channel, options, sendResolved: found["send_resolved"] !== false, ...templates };
}

/** Adds an issue for each expression of a template that means nothing. */
function checkTemplate(
  template: string,
  path: Path,
  labels: readonly string[],
  { issues, doubts }: { issues: Issue[]; doubts: Issue[] },
): void {
  if (template.trim() === "") issues.push({ path, message: "is empty; write a template, or remove the key" });
  const fields = ["$labels.NAME", ...MESSAGE_FIELDS.map((field) => `$${field}`)];
  for (const { what, written } of templateProblems(template, labels))
    if (what === "label")
      doubts.push({
        path,
        message: `${show(written, path)} is not a label of any alert${choice(written, labels)}`,
      });
    else if (what === "field")
      issues.push({
        path,
        message: `${show(`$${written}`, path)} is not a field of a message${choice(written, fields)}`,
      });
    else
      issues.push({
        path,
        message: `${show(written, path)} is not supported; write {{ EXPRESSION }} with one of ${fields.join(", ")}`,
      });
}

/** What was probably meant, and all that there is. */
function choice(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return `; ${near === undefined ? "" : `did you mean ${near}? Otherwise `}choose from ${known.join(", ")}`;
}

/** Key by key it was read before, so that only what concerns several keys together can still be wrong. */
function readOptions(
  channel: Channel,
  written: unknown,
  path: Path,
  local: boolean,
  issues: Issue[],
): Readonly<Record<string, unknown>> | undefined {
  const parsed = channel.options.safeParse(written);
  if (!parsed.success) {
    const known = new Set(issues.map((issue) => JSON.stringify(issue.path)));
    const found = parsed.error.issues.flatMap((issue) => fromZod(issue, written, path));
    issues.push(...found.filter((issue) => !known.has(JSON.stringify(issue.path))));
    return undefined;
  }
  for (const [key, url] of Object.entries(channel.urls(parsed.data))) {
    const urlCheck = checkUrl(url, { local });
    if (!urlCheck.ok) issues.push({ path: [...path, key], message: `the URL ${urlCheck.problem}` });
  }
  return parsed.data as Record<string, unknown>;
}
