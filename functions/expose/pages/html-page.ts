import { escapeHtml } from "../../lib/escape-html.ts";

/** The one style sheet; the answer's policy allows it by this hash and nothing else. */
const STYLE =
  ":root{color-scheme:light dark;background:#fff;color:#1b1f24}a{color:#0550ae}" +
  "@media (prefers-color-scheme:dark){:root{background:#0d1117;color:#e6edf3}a{color:#79b8ff}}" +
  "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}" +
  "code,pre{background:#8882;padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}pre{padding:.8em;white-space:pre-wrap}" +
  "article{border-top:1px solid #8885;margin-top:1.2rem}" +
  "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;border-bottom:1px solid #8883}" +
  "label{display:block;margin:.9em 0 .2em;font-weight:600}small{display:block;opacity:.75;font-weight:400}" +
  "input,textarea,select,button{font:inherit;padding:.4em;box-sizing:border-box}" +
  "input:not([type=checkbox]),textarea,select{width:100%}button{margin-top:1.2em;padding:.5em 1.2em}" +
  ".wide{overflow-x:auto}figure{margin:1em 0}figure svg{display:block;width:100%;height:auto;background:#8881}" +
  "figure path{fill:none;stroke-width:1.5;stroke:currentColor}figure .l1{stroke-dasharray:5 3}figure .l2{stroke-dasharray:1 3}" +
  ".k0{border-bottom:2px solid}.k1{border-bottom:2px dashed}.k2{border-bottom:2px dotted}.good{fill:#2da44e}.bad{fill:#c1121f}" +
  ".s-up{border-left:5px solid #2da44e;padding-left:.5em}.s-down{border-left:5px solid #c1121f;padding-left:.5em;font-weight:600}" +
  ".s-degraded,.s-regional{border-left:5px solid #d4a72c;padding-left:.5em}.s-unknown{border-left:5px solid #8888;padding-left:.5em}" +
  ".wrong{border-left:4px solid #d33;padding:.1em 1em;background:#d331}";

/** A page, and the Content-Security-Policy that goes with it. */
export interface HtmlPage {
  html: string;
  policy: string;
}

/** A page of ours; `title` is plain text, `body` is HTML. `form`: it holds one, which posts to this origin. */
export async function htmlPage(title: string, body: string, { form = false } = {}): Promise<HtmlPage> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return {
    html:
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>${escapeHtml(title)} - zako-watch</title><style>${STYLE}</style><main><h1>${escapeHtml(title)}</h1>${body}</main></html>\n`,
    policy:
      `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; ` +
      `form-action '${form ? "self" : "none"}'`,
  };
}
