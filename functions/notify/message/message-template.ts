import { cleanLine, cleanLines } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import { severityOf } from "../../model/alerting/alert.ts";
import type { Message } from "../../model/alerting/message.ts";
import type { Endpoint } from "../../model/alerting/receiver.ts";
import { byUrgency, LONGEST_TITLE } from "./message-title.ts";
import { renderMessage } from "./render-message.ts";

/** What `{{ $NAME }}` may name, besides `{{ $labels.NAME }}`. */
export const MESSAGE_FIELDS = [
  ...(["title", "subject", "note", "description", "status", "severity"] as const),
  ...(["reason", "receiver", "alerts", "targets", "url", "runbook"] as const),
] as const;

type Field = (typeof MESSAGE_FIELDS)[number];

/** The same expressions as in the texts of rules: a label, or a field. */
const EXPRESSION = /\{\{\s*\$(?:labels\.([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*))\s*\}\}/g;

const LONGEST_TEXT = 2_000;
const LONGEST_VALUE = 200;
/** Values of a label that are named where the alerts have several. */
const MOST_VALUES = 5;

/** Something in a template that there is not. */
export interface TemplateProblem {
  what: "label" | "field" | "syntax";
  written: string;
}

/** What is wrong with a template, for the configuration. `labels`: names of the labels that alerts can have. */
export function templateProblems(template: string, labels: readonly string[]): TemplateProblem[] {
  const problems = [...template.matchAll(EXPRESSION)].flatMap(([, label, field]): TemplateProblem[] => {
    if (label !== undefined) return labels.includes(label) ? [] : [{ what: "label", written: label }];
    return isField(field) ? [] : [{ what: "field", written: field ?? "" }];
  });
  const [, rest] = template.replaceAll(EXPRESSION, "").split("{{");
  return rest === undefined ? problems : [...problems, { what: "syntax", written: `{{${rest}` }];
}

/** A message with the words of its endpoint's templates, and the templates that could not be used. */
export interface Templated {
  message: Message;
  failed: readonly { template: "title" | "text"; why: string }[];
}

/**
 * Renders an endpoint's templates for a message, once: every attempt sends the same. One that fails, or comes to nothing,
 * is left out, so that the built-in words stand. Channels escape the result.
 */
export function renderTemplates(message: Message, templates: Pick<Endpoint, "title" | "text">): Templated {
  const failed: { template: "title" | "text"; why: string }[] = [];
  const words: { title?: string; text?: string } = {};
  for (const template of ["title", "text"] as const) {
    const written = templates[template];
    if (written === undefined) continue;
    try {
      const raw = expand(written, message);
      const clean =
        template === "title" ? shorten(cleanLine(raw), LONGEST_TITLE) : shorten(cleanLines(raw), LONGEST_TEXT);
      if (clean === "") failed.push({ template, why: "it is empty" });
      else words[template] = clean;
    } catch (error) {
      // The message of an error may hold anything.
      failed.push({ template, why: error instanceof Error ? error.name : "unknown" });
    }
  }
  return { message: { ...message, ...words }, failed };
}

function expand(template: string, message: Message): string {
  let fields: Readonly<Record<Field, string>> | undefined;
  return template.replace(EXPRESSION, (expression: string, label: string | undefined, field: string | undefined) => {
    if (label !== undefined) return valuesOf(label, message);
    if (!isField(field)) return expression;
    fields ??= fieldsOf(message);
    return fields[field];
  });
}

const isField = (name: string | undefined): name is Field => MESSAGE_FIELDS.some((field) => field === name);

/** The values that the alerts have for a label, in order. */
function valuesOf(label: string, { alerts }: Message): string {
  const values = new Set(
    alerts.flatMap(({ labels }) =>
      Object.hasOwn(labels, label) ? [shorten(labels[label] as string, LONGEST_VALUE)] : [],
    ),
  );
  const shown = [...values].sort().slice(0, MOST_VALUES);
  return `${shown.join(", ")}${values.size > shown.length ? ` and ${values.size - shown.length} more` : ""}`;
}

function fieldsOf(message: Message): Readonly<Record<Field, string>> {
  const { title: _, text: __, ...bare } = message;
  const words = renderMessage(bare, 1);
  const [first] = words.alerts;
  const link = (name: string): string => first?.links.find(({ text }) => text === name)?.url ?? "";
  const [worst] = message.alerts.toSorted(byUrgency);
  return {
    title: words.title,
    subject: words.subject,
    note: words.note,
    description: first?.description ?? "",
    status: message.status,
    severity: severityOf(worst?.labels ?? {}),
    reason: message.reason,
    receiver: message.receiver,
    alerts: String(message.alerts.length + message.truncated),
    targets: String(message.targets),
    url: link("Open"),
    runbook: link("Runbook"),
  };
}
