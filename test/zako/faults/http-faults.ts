import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { just, withBody } from "../body.ts";
import { defineFault, type Fault } from "./fault.ts";

/** What stands between a client and its server: proxies, gateways and pages that answer in its place. */
export const httpFaults: readonly Fault[] = [
  defineFault({
    name: "html-error",
    doc: "An HTTP status with an HTML page, as a proxy answers; with 200, as a login page does.",
    params: { status: { doc: "HTTP status", default: 502, min: 200, max: 599 } },
    answer: (_, { status }) => page(status, "text/html; charset=utf-8", html(`${status} Bad luck`)),
  }),
  defineFault({
    name: "redirect",
    doc: "An HTTP redirect. Whoever follows it shows up under `unknownPaths` in the state.",
    params: {
      status: { doc: "HTTP status", default: 302, min: 300, max: 399 },
      location: { doc: "where to", default: "/elsewhere" },
    },
    answer: (_, { status, location }) => page(status, "text/html", html("Moved"), { location }),
  }),
  defineFault({
    name: "edge",
    doc: "What Cloudflare's edge says when it cannot reach an origin: 520 to 530 with `error code: NNNN`.",
    params: {
      status: { doc: "HTTP status", default: 530, min: 520, max: 530 },
      error: { doc: "error code in the body; 0: the status, or 1016 (DNS) for 530", default: 0 },
    },
    answer(_, { status, error }) {
      const shown = error !== 0 ? error : status === 530 ? 1016 : status;
      return page(status, "text/plain; charset=UTF-8", `error code: ${shown}`, { server: "cloudflare" });
    },
  }),
  defineFault({
    name: "grpc-only",
    doc: "A server that speaks native gRPC alone: refuses other content types, or answers them as gRPC (status 200).",
    shapes: ["connect", "connect-stream", "grpc-web"],
    params: { status: { doc: "HTTP status: 415, 505, or 200 for a gRPC answer", default: 415, min: 200, max: 599 } },
    answer: (_, { status }) =>
      page(
        status,
        "application/grpc",
        "",
        status === 200 ? { "grpc-status": "12", "grpc-message": "unimplemented" } : {},
      ),
  }),
  defineFault({
    name: "wrong-content-type",
    doc: "The right answer under a wrong content type.",
    params: { type: { doc: "the content type", default: "text/html" } },
    rewrite(answer, _, { type }) {
      const header = new Headers(answer.header);
      header.set("content-type", type);
      return { ...answer, header };
    },
  }),
];

function page(status: number, type: string, text: string, more: Record<string, string> = {}): UniversalServerResponse {
  const header = new Headers({ ...more, "content-type": type });
  return withBody({ status: Math.floor(status), header }, just(Buffer.from(text)));
}

function html(title: string): string {
  return `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}
