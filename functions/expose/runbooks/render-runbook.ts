import { escapeHtml } from "../../lib/html-escape.ts";
import type { Rule } from "../../model/rule.ts";
import type { Runbook } from "./runbook.ts";

/** The one style sheet; the answer's policy allows it by this hash and nothing else. */
const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}" +
  "code,pre{background:#8882;padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}pre{padding:.8em;white-space:pre-wrap}";

/** A page, and the Content-Security-Policy that goes with it. */
export interface RunbookPage {
  html: string;
  policy: string;
}

/** The list of all runbooks. */
export const renderRunbookList = (runbooks: readonly Runbook[]): Promise<RunbookPage> =>
  page(
    "Runbooks",
    `<ul>${runbooks
      .map(({ slug, alerts }) => `<li><a href="/runbooks/${slug}">${alerts.map(escapeHtml).join(", ")}</a></li>`)
      .join("")}</ul>`,
  );

/** One runbook; `rules` are those of the config, for what they say of themselves. */
export function renderRunbook(runbook: Runbook, rules: readonly Rule[]): Promise<RunbookPage> {
  const of = rules.filter((rule) => rule.runbook === runbook.slug);
  const list = (items: readonly string[], tag: "ol" | "ul"): string =>
    `<${tag}>${items.map((item) => `<li>${prose(item)}</li>`).join("")}</${tag}>`;
  const severities = of.map(
    ({ name, severity, summary }) => `<code>${escapeHtml(name)}</code> (${severity}): ${escapeHtml(summary)}`,
  );
  return page(
    runbook.alerts.join(", "),
    `<p><a href="/runbooks">All runbooks</a></p><p>${severities.join("<br>")}</p>` +
      `<h2>What it means</h2><p>${prose(runbook.means)}</p>` +
      `<h2>How bad it is</h2><p>${prose(runbook.impact)}</p>` +
      `<h2>What to check</h2>${list(runbook.check, "ol")}` +
      `<h2>What ends it</h2>${list(runbook.mend, "ul")}` +
      `<h2>How to silence it</h2><p>For a while, with a reason:</p><pre>npm run cli -- silence add ${escapeHtml(
        `alertname=${runbook.alerts[0] ?? ""} target=NAME --for 2h --reason "..."`,
      )}</pre><p>For good, or with another limit: an override of the rule in <code>watch.yaml</code>.</p>`,
  );
}

/** Escaped, and code between backticks as such. */
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");

async function page(title: string, body: string): Promise<RunbookPage> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return {
    html:
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${escapeHtml(title)} - zako-watch</title><style>${STYLE}</style><h1>${escapeHtml(title)}</h1>${body}</html>\n`,
    policy: `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  };
}
