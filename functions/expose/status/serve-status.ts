import type { Context, Hono } from "hono";
import { bearerOf } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import { readForm } from "../pages/read-form.ts";
import { judgeReader, type ReaderPorts, renderTokenForm } from "../pages/reader-gate.ts";
import { fillable, refuse } from "../refuse.ts";
import { sendText } from "../send-text.ts";
import { type Audience, projectStatus } from "./project-status.ts";
import { createFactsReader, type StatusPorts } from "./status-facts.ts";
import { renderStatusPage, type StatusQuery } from "./status-page.tsx";

/** What the status page and its machine-readable forms need. */
export interface ServedStatusPorts extends StatusPorts, ReaderPorts {}

/** The status page at `/`. Without a token it shows the public targets, if there are any. */
export function serveStatus(app: Hono, ports: ServedStatusPorts, auth: Auth): void {
  const facts = createFactsReader(ports);
  const show = async (c: Context, token: string | undefined): Promise<Response> => {
    const access = await judgeReader(token, c.req.raw.headers, ports, auth);
    const audience = audienceOf(access.sees, ports);
    if (audience === undefined || (access.sees === "nothing" && access.why !== "" && token !== undefined)) {
      const { html, policy } = await renderTokenForm("/", access.sees === "nothing" ? access.why : "");
      const headers = { "content-security-policy": policy, "www-authenticate": 'Bearer realm="zako-watch"' };
      return sendText(c.req.raw, html, 401, { ...HTML, ...headers });
    }
    const { html, policy } = await renderStatusPage({
      view: projectStatus(await facts(), audience),
      query: readQuery(new URL(c.req.url).searchParams),
      links: audience === "all",
      refresh: c.req.method !== "POST",
    });
    return sendText(c.req.raw, html, 200, { ...HTML, "content-security-policy": policy });
  };
  fillable(
    app,
    "/",
    (c) => show(c, bearerOf(c.req.header("authorization"))),
    async (c) => {
      const form = await readForm(c);
      return form.ok ? show(c, form.fields.get("token") ?? "") : refuse(c, form.status, form.error);
    },
  );
}

const HTML = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };

/** Who may read the pages sees all; anybody sees what is public. Undefined where there is nothing to see. */
export function audienceOf(sees: "all" | "anonymous" | "nothing", { status }: StatusPorts): Audience | undefined {
  if (sees !== "nothing") return "all";
  return status.targets.some((target) => target.public === true) ? "public" : undefined;
}

const LONGEST_SEARCH = 100;

const readQuery = (fields: URLSearchParams): StatusQuery => ({
  search: (fields.get("q") ?? "").slice(0, LONGEST_SEARCH),
  state: (fields.get("state") ?? "").slice(0, LONGEST_SEARCH),
});
