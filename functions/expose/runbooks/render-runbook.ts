import { escapeHtml } from "../../lib/escape-html.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Runbook } from "../../model/alerting/runbook.ts";
import { type HtmlPage, htmlPage } from "../pages/html-page.ts";

/** The list of all runbooks. */
export const renderRunbookList = (runbooks: readonly Runbook[]): Promise<HtmlPage> =>
  htmlPage(
    "Runbooks",
    `<ul>${runbooks
      .map(({ slug, alerts }) => `<li><a href="/runbooks/${slug}">${alerts.map(escapeHtml).join(", ")}</a></li>`)
      .join("")}</ul>`,
  );

/** One runbook; `rules` are those of the config, with their summaries. */
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
      `<h2>Impact</h2><p>${prose(runbook.impact)}</p>` +
      `<h2>What to check</h2>${list(runbook.check, "ol")}` +
      `<h2>How to fix it</h2>${list(runbook.fix, "ul")}` +
      `<h2>How to silence it</h2><p>For a limited time, with a reason:</p><pre>npm run cli -- silence add ${escapeHtml(
        `alertname=${runbook.alerts[0] ?? ""} target=NAME --for 2h --reason "..."`,
      )}</pre><p>Permanently, or with another threshold: override the rule in <code>watch.yaml</code>.</p>`,
  );
}

/** Escaped HTML; parts in backticks become code. */
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
