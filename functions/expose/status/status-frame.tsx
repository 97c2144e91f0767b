/// <reference path="../../dom-events.d.ts" />
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { HtmlPage } from "../pages/html-page.ts";
import { STATUS_SCRIPT } from "./status-script.ts";
import { STATUS_STYLE } from "./status-style.ts";

/** What stands around the content of a page. */
export interface Frame {
  /** Title of the window. */
  title: string;
  /** Loads itself again each minute; not for what was posted. */
  refresh: boolean;
  /** Address of the feed that belongs to the page. */
  feed?: string;
  children?: Child;
}

/** The whole document. `raw` is only for our own constants; the engine escapes all else. */
const Frame = ({ title, refresh, feed, children }: Frame) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{title}</title>
      {feed === undefined ? null : <link rel="alternate" type="application/atom+xml" title="Incidents" href={feed} />}
      <link rel="icon" href="data:," />
      <style>{raw(STATUS_STYLE)}</style>
    </head>
    <body data-refresh={refresh ? "1" : undefined}>
      {children}
      <script>{raw(STATUS_SCRIPT)}</script>
    </body>
  </html>
);

/** A page in its frame, and the policy that allows its style and its script by their hashes and nothing else. */
export async function framePage(frame: Frame): Promise<HtmlPage> {
  const [style, script] = await Promise.all([sha256(STATUS_STYLE), sha256(STATUS_SCRIPT)]);
  return {
    html: `<!doctype html>${String(await Frame(frame))}\n`,
    policy:
      `default-src 'none'; style-src 'sha256-${style}'; script-src 'sha256-${script}'; img-src data:; ` +
      "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
