import { type AlertLabels, SEVERITIES } from "../../model/alerting/alert.ts";
import { DRILL_LABEL } from "../../notify/policy/group.ts";
import { quoted, type Read } from "./field-issue.ts";

const MAX_LABELS = 30;
const MAX_NAME = 100;
const MAX_VALUE = 500;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Checks the labels of a test alert. An empty value counts as no label, as everywhere. */
export function readDrillLabels(labels: Readonly<Record<string, string>>): Read<AlertLabels> {
  const entries = Object.entries(labels).filter(([, value]) => value !== "");
  if (entries.length > MAX_LABELS) return wrong(`${entries.length} labels given. Give at most ${MAX_LABELS}.`);
  for (const [name, value] of entries) {
    if (!LABEL_NAME.test(name) || name.length > MAX_NAME)
      return wrong(
        `${quoted(name)} is not a label name. Use letters, digits and underscores, and do not start with a digit.`,
      );
    if (name === DRILL_LABEL) return wrong(`${quoted(name)} is set on every drill. Leave it out.`);
    if (value.length > MAX_VALUE)
      return wrong(`The value of ${name} has ${value.length} characters. Give at most ${MAX_VALUE}.`);
  }
  const { severity } = labels;
  if (severity !== undefined && severity !== "" && !SEVERITIES.some((known) => known === severity))
    return wrong(`severity ${quoted(severity)} is unknown. Choose from ${SEVERITIES.join(", ")}.`);
  return { ok: true, value: Object.fromEntries(entries.map(([name, value]) => [name, value.toWellFormed()])) };
}

const wrong = (problem: string): Read<never> => ({ ok: false, issues: [{ field: "labels", problem }] });
