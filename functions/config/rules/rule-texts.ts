import { TEMPLATE_EXPRESSION, TEMPLATE_PIPES } from "../../evaluate/rules/render-template.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { nearest, suggestion } from "../suggest.ts";
import { CATALOGUE } from "./catalogue.ts";

/** Prometheus takes a whole file of rules back for one template that it cannot read, so no odd one may be printed. */
export function checkTemplate(text: string, known: readonly string[], path: Path, issues: Issue[]): void {
  const wrong = (message: string): void => void issues.push({ path, message });
  for (const [, label, pipe] of text.matchAll(TEMPLATE_EXPRESSION)) {
    if (label !== undefined && !known.includes(label))
      wrong(`${show(label, path)} is not a label of this rule's alerts${suggestion(label, known)}`);
    if (pipe !== undefined && !TEMPLATE_PIPES.includes(pipe))
      wrong(`${show(pipe, path)} is not a function for $value${suggestion(pipe, TEMPLATE_PIPES)}`);
  }
  const [, rest] = text.replaceAll(TEMPLATE_EXPRESSION, "").split("{{");
  if (rest !== undefined)
    wrong(`${show(`{{${rest}`, path)} is not supported; write {{ $labels.NAME }} or {{ $value }}`);
}

/** A summary is the same for all alerts of a rule. */
export function checkSummary(text: string, path: Path, issues: Issue[]): void {
  if (text.includes("{{"))
    issues.push({ path, message: `${show(text, path)} has a template; use it in \`description\` instead` });
}

const SHIPPED_RUNBOOKS = [...new Set(CATALOGUE.flatMap(({ runbook }) => runbook ?? []))];

/** The name of a shipped runbook, or a URL as links have it; undefined where the text is neither. */
export function compileRunbook(text: string, path: Path, issues: Issue[]): string | undefined {
  if (SHIPPED_RUNBOOKS.includes(text)) return text;
  const wrong = (problem: string): undefined => void issues.push({ path, message: problem });
  if (!text.includes("/")) {
    const near = nearest(text, SHIPPED_RUNBOOKS);
    return wrong(
      `${show(text, path)} is not a shipped runbook${near === undefined ? "; `/runbooks` lists them, or give an https URL" : `; did you mean "${near}"?`}`,
    );
  }
  const url = URL.parse(text);
  if (url === null || url.protocol !== "https:")
    return wrong(`${show(text, path)} is not an https URL; give one such as https://wiki.example/zako`);
  if (url.username !== "" || url.password !== "")
    return wrong("this URL (not shown, it may hold a secret) contains credentials; remove them");
  // The query may hold braces, which Prometheus would take for a template.
  return url.href.replaceAll("{", "%7B").replaceAll("}", "%7D");
}
