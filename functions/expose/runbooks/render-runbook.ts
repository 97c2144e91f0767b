import { escapeHtml } from "../../lib/escape-html.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { type HtmlPage, htmlPage } from "../pages/html-page.ts";
import type { Runbook } from "./runbook.ts";

/** The list of all runbooks. */
export const renderRunbookList = (runbooks: readonly Runbook[]): Promise<HtmlPage> =>
  htmlPage(
    "Runbooks",
    `<ul>${runbooks
      .map(({ slug, alerts }) => `<li><a href="/runbooks/${slug}">${alerts.map(escapeHtml).join(", ")}</a></li>`)
      .join("")}</ul>`,
  );

/** One runbook; `rules` are those of the config, for what they say of themselves. */
export function renderRunbook(runbook: Runbook, rules: readonly Rule[]): Promise<HtmlPage> {
  const of = rules.filter((rule) => rule.runbook === runbook.slug);
  const list = (items: readonly string[], tag: "ol" | "ul"): string =>
    `<${tag}>${items.map((item) => `<li>${prose(item)}</li>`).join("")}</${tag}>`;
  const severities = of.map(
    ({ name, severity, summary }) => `<code>${escapeHtml(name)}</code> (${severity}): ${escapeHtml(summary)}`,
  );
  return htmlPage(
    runbook.alerts.join(", "),
    `<p><a href="/runbooks">All runbooks</a></p><p>${severities.join("<br>")}</p>` +
      `<h2>What it means</h2><p>${prose(runbook.means)}</p>` +
      `<h2>How bad it is</h2><p>${prose(runbook.impact)}</p>` +
      `<h2>What to check</h2>${list(runbook.check, "ol")}` +
      `<h2>What ends it</h2>${list(runbook.fix, "ul")}` +
      `<h2>How to silence it</h2><p>For a while, with a reason:</p><pre>npm run cli -- silence add ${escapeHtml(
        `alertname=${runbook.alerts[0] ?? ""} target=NAME --for 2h --reason "..."`,
      )}</pre><p>For good, or with another limit: an override of the rule in <code>watch.yaml</code>.</p>`,
  );
}

/** Escaped, and code between backticks as such. */
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
