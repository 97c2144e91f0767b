import type { Context, Handler, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error for programs: a JSON object whose `error` says what was wrong and what to do. */
export const refuse = (
  c: Context,
  status: ContentfulStatusCode,
  error: string,
  headers: Record<string, string> = {},
): Response => c.json({ error }, status, { "cache-control": "no-store", ...headers });

/** A route that answers GET and HEAD and refuses all else. */
export function readable(app: Hono, path: string, handler: Handler): void {
  app.get(path, handler);
  app.all(path, (c) => refuse(c, 405, "Method not allowed. Use GET or HEAD.", { allow: "GET, HEAD" }));
}

/** A page that takes a form: GET and HEAD show it, POST answers what was typed, all else is refused. */
export function fillable(app: Hono, path: string, show: Handler, take: Handler): void {
  app.get(path, show);
  app.post(path, take);
  app.all(path, (c) => refuse(c, 405, "Method not allowed. Use GET, HEAD or POST.", { allow: "GET, HEAD, POST" }));
}
