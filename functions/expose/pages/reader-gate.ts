import { escapeHtml } from "../../lib/escape-html.ts";
import { checkToken, type Guard, howToSet } from "../bearer.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";

/** What decides who may read the pages. */
export interface ReaderPorts {
  /** No token is needed. */
  metricsPublic: boolean;
  /** A local run: names are shown to everybody. */
  local: boolean;
  metricsToken(): string | undefined;
  adminToken(): string | undefined;
}

/**
 * What a reader may see: `all`; `anonymous`, without names and comments of people, since anybody may read it; or
 * `nothing`, with the reason.
 */
export type ReadAccess = { sees: "all" | "anonymous" } | { sees: "nothing"; why: string };

/** Judges a token, undefined where none was given. The metrics token and the admin token both open the pages. */
export async function judgeReader(token: string | undefined, ports: ReaderPorts): Promise<ReadAccess> {
  const guards: Guard[] = [
    { binding: "METRICS_TOKEN", secret: ports.metricsToken() },
    { binding: "ADMIN_TOKEN", secret: ports.adminToken() },
  ];
  if (ports.local) return { sees: "all" };
  const said = await Promise.all(guards.map((guard) => checkToken(token, guard)));
  if (said.includes("passes")) return { sees: "all" };
  if (ports.metricsPublic && !said.includes("wrong")) return { sees: "anonymous" };
  if (said.includes("wrong")) return { sees: "nothing", why: "This is not the value of METRICS_TOKEN or ADMIN_TOKEN." };
  if (said.includes("absent")) return { sees: "nothing", why: "" };
  return { sees: "nothing", why: `Access is disabled: ${guards.map(howToSet).join(" ")} Either one is enough.` };
}

/** Asks for the token. It is sent in the body, so that no address, history or log of addresses holds it. */
export const renderTokenForm = (path: string, why: string): Promise<HtmlPage> =>
  htmlPage(
    "Token required",
    `${why === "" ? "" : `<div class="wrong"><p>${escapeHtml(why)}</p></div>`}${tokenForm(path, "Show")}`,
    { form: true },
  );

/** A form that asks for the token and posts it to `path`, which starts with a slash. */
export const tokenForm = (path: string, button: string): string =>
  `<form method="post" action="${escapeHtml(path)}"><label for="token">Token<small>The value of METRICS_TOKEN or ADMIN_TOKEN.</small></label>` +
  `<input id="token" name="token" type="password" required autocomplete="current-password"><button>${button}</button></form>`;
