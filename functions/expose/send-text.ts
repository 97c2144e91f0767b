import { acceptsGzip } from "./metrics/negotiate-format.ts";

/** What the client itself accepts: on the platform's edge the header may have been rewritten on its way to us. */
export function clientAcceptEncoding(request: Request): string | null {
  const own = (request as Request<unknown, IncomingRequestCfProperties>).cf?.clientAcceptEncoding;
  return own ?? request.headers.get("accept-encoding");
}

/** Answers a text, compressed where the client takes that. */
export async function sendText(
  request: Request,
  text: string,
  status: number,
  headers: Record<string, string>,
): Promise<Response> {
  const all = new Headers({ ...headers, vary: "Accept-Encoding" });
  const bytes = new TextEncoder().encode(text);
  if (request.method === "HEAD" || !acceptsGzip(clientAcceptEncoding(request)))
    return new Response(bytes, { status, headers: all });
  all.set("content-encoding", "gzip");
  const packed = new Response(bytes).body?.pipeThrough(new CompressionStream("gzip"));
  return new Response(await new Response(packed).arrayBuffer(), { status, headers: all, encodeBody: "manual" });
}
