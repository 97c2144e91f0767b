import { escapeHtml } from "../../lib/escape-html.ts";
import { checkCaller, howToSet, slowRefusal } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";

/** What decides who may read the pages. */
export interface ReaderPorts {
  /** No token is needed. */
  metricsPublic: boolean;
  /** A local run: names are shown to everybody. */
  local: boolean;
}

/**
 * What a reader may see: `all`; `anonymous`, without names and comments of people, since anybody may read it; or
 * `nothing`, with the reason.
 */
export type ReadAccess = { sees: "all" | "anonymous" } | { sees: "nothing"; why: string };

/** Judges a token, undefined where none was given. The metrics token and the admin token both open the pages. */
export async function judgeReader(
  token: string | undefined,
  headers: Headers,
  ports: ReaderPorts,
  auth: Auth,
): Promise<ReadAccess> {
  if (ports.local) return { sees: "all" };
  const guards = [auth.metrics(), auth.admin()];
  const verdict = await checkCaller({ route: "pages", headers }, token, guards, auth.gate);
  if (verdict.said === "passes") return { sees: "all" };
  if (verdict.said === "slowed") return { sees: "nothing", why: slowRefusal(verdict).message };
  if (verdict.said === "wrong")
    return { sees: "nothing", why: "This is not the value of METRICS_TOKEN or ADMIN_TOKEN." };
  if (ports.metricsPublic) return { sees: "anonymous" };
  if (verdict.said === "absent") return { sees: "nothing", why: "" };
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
