import type { Context, Hono } from "hono";
import { bearerOf } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import { readForm } from "../pages/read-form.ts";
import { judgeReader, type ReaderPorts, renderTokenForm } from "../pages/reader-gate.ts";
import { fillable, readable, refuse } from "../refuse.ts";
import { sendText } from "../send-text.ts";
import { BADGES, printBadge } from "./badge.ts";
import { printFeed } from "./incident-feed.ts";
import { type Audience, projectStatus } from "./project-status.ts";
import { createFactsReader, type StatusFacts, type StatusPorts } from "./status-facts.ts";
import { statusJson } from "./status-json.ts";
import { renderStatusPage, type StatusQuery } from "./status-page.tsx";
import type { StatusView } from "./status-view.ts";

/** What the status page and its machine-readable forms need. */
export interface ServedStatusPorts extends StatusPorts, ReaderPorts {
  /** `external_url` of the configuration. */
  externalUrl: string | undefined;
}

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
  serveForms(app, ports, auth, facts);
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

/** The status in forms for programs: JSON, an Atom feed, badges. A bearer token shows all targets. */
function serveForms(app: Hono, ports: ServedStatusPorts, auth: Auth, facts: () => Promise<StatusFacts>): void {
  const viewOf = async (c: Context): Promise<StatusView | Response> => {
    const access = await judgeReader(bearerOf(c.req.header("authorization")), c.req.raw.headers, ports, auth);
    const audience = audienceOf(access.sees, ports);
    if (audience !== undefined) return projectStatus(await facts(), audience);
    const why = access.sees === "nothing" && access.why !== "" ? access.why : "No target is public.";
    const advice = 'Send "Authorization: Bearer" with the value of METRICS_TOKEN or ADMIN_TOKEN.';
    return refuse(c, 401, `${why} ${advice}`, { "www-authenticate": 'Bearer realm="zako-watch"' });
  };
  const send = (c: Context, text: string, type: string): Promise<Response> =>
    sendText(c.req.raw, text, 200, { "content-type": `${type}; charset=utf-8`, "cache-control": FORM_CACHE });
  readable(app, "/status.json", async (c) => {
    const view = await viewOf(c);
    return view instanceof Response ? view : send(c, JSON.stringify(statusJson(view)), "application/json");
  });
  readable(app, "/incidents.atom", async (c) => {
    const view = await viewOf(c);
    const origin = ports.externalUrl ?? new URL(c.req.url).origin;
    return view instanceof Response ? view : send(c, printFeed(view, origin), "application/atom+xml");
  });
  readable(app, "/badges/:target/:file", async (c) => {
    const view = await viewOf(c);
    if (view instanceof Response) return view;
    const kind = BADGES.find((one) => `${one}.svg` === c.req.param("file"));
    const target = view.targets.find(({ name }) => name === c.req.param("target"));
    if (target === undefined)
      return refuse(c, 404, "No target of this name is public. /status.json lists the targets that you may see.");
    if (kind === undefined)
      return refuse(c, 404, `Badge not found. There are ${BADGES.map((one) => `${one}.svg`).join(", ")}.`);
    return send(c, printBadge(target, kind), "image/svg+xml");
  });
}

/** The answer depends on the token, so only the reader's own cache may store it. */
const FORM_CACHE = "private, max-age=30";

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
