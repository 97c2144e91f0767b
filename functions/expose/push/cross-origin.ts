import type { PushTarget } from "../../probe/kinds/push.ts";

/** What a browser may send with a push; the exporter of OpenTelemetry sends the first three. */
const HEADERS = "authorization, content-type, content-encoding, x-zako-target";
/** Browsers keep a permission for two hours at most. */
const KEPT_SECONDS = 7_200;

/** Whether a page may push: only from an origin of some target. The token decides for which target. */
export function createCrossOrigin(targets: readonly PushTarget[]): CrossOrigin {
  const allowed = new Set(targets.flatMap(({ origins }) => origins));
  const permit = (origin: string | undefined): Record<string, string> =>
    origin !== undefined && allowed.has(origin) ? { "access-control-allow-origin": origin } : {};
  return {
    preflight(origin) {
      const permission = permit(origin);
      if (Object.keys(permission).length === 0) return undefined;
      return new Response(null, {
        status: 204,
        headers: {
          ...permission,
          "access-control-allow-methods": "POST",
          "access-control-allow-headers": HEADERS,
          "access-control-max-age": String(KEPT_SECONDS),
          vary: "Origin",
        },
      });
    },
    mark(answer, origin) {
      for (const [name, value] of Object.entries(permit(origin))) answer.headers.set(name, value);
      if (allowed.size > 0) answer.headers.append("vary", "Origin");
      return answer;
    },
  };
}

/** Cross-origin requests (CORS) to the receiver. */
export interface CrossOrigin {
  /** The answer to a browser's question whether a page may push; undefined if it may not. */
  preflight(origin: string | undefined): Response | undefined;
  /** Lets the page read the answer, if it may push. */
  mark(answer: Response, origin: string | undefined): Response;
}
