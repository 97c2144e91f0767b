import { escapeHtml } from "../../lib/escape-html.ts";
import { checkToken, type Guard, howToSet } from "../bearer.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";

/** What decides who may read the pages. */
export interface ReaderPorts {
  /** No token is asked for. */
  metricsPublic: boolean;
  /** A run on somebody's own machine, where there is nobody to keep names from. */
  local: boolean;
  metricsToken(): string | undefined;
  adminToken(): string | undefined;
}

/**
 * What somebody may see: `all`, or `anonymous`, which leaves out names and words of people since everybody may read it;
 * or why they see nothing.
 */
export type ReadAccess = { sees: "all" | "anonymous" } | { sees: "nothing"; why: string };

/** Judges a token, undefined where none was given. What reads metrics reads pages, and so does what changes things. */
export async function judgeReader(token: string | undefined, ports: ReaderPorts): Promise<ReadAccess> {
  const guards: Guard[] = [
    { binding: "METRICS_TOKEN", secret: ports.metricsToken() },
    { binding: "ADMIN_TOKEN", secret: ports.adminToken() },
  ];
  if (ports.local) return { sees: "all" };
  const said = await Promise.all(guards.map((guard) => checkToken(token, guard)));
  if (said.includes("passes")) return { sees: "all" };
  if (ports.metricsPublic && !said.includes("wrong")) return { sees: "anonymous" };
  if (said.includes("wrong"))
    return { sees: "nothing", why: "This is neither the value of METRICS_TOKEN nor that of ADMIN_TOKEN." };
  if (said.includes("absent")) return { sees: "nothing", why: "" };
  return { sees: "nothing", why: `This page is closed: ${guards.map(howToSet).join(" ")} Either opens it.` };
}

/** Asks for the token. It is sent in the body, so that no address, history or log of addresses holds it. */
export const renderTokenForm = (path: string, why: string): Promise<HtmlPage> =>
  htmlPage(
    "Who reads this?",
    `${why === "" ? "" : `<div class="wrong"><p>${escapeHtml(why)}</p></div>`}${tokenForm(path, "Show")}`,
    { form: true },
  );

/** A form that asks for the token and posts it to `path`, which starts with a slash. */
export const tokenForm = (path: string, button: string): string =>
  `<form method="post" action="${escapeHtml(path)}"><label for="token">Token<small>The value of METRICS_TOKEN or ADMIN_TOKEN.</small></label>` +
  `<input id="token" name="token" type="password" required autocomplete="current-password"><button>${button}</button></form>`;
