import { SCENARIOS } from "./scenarios.ts";

/** The pages over worlds that a browser asks for by header: what no real run brings about within a minute. */
export default {
  async fetch(request: Request): Promise<Response> {
    const scenario = SCENARIOS[request.headers.get("x-scenario") ?? ""];
    if (scenario === undefined) return new Response("Scenario not found.", { status: 404 });
    const { pathname, search } = new URL(request.url);
    return scenario().ask(`${pathname}${search}`, request);
  },
};
