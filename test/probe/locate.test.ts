import { expect, it, vi } from "vitest";
import { Semaphore } from "../../functions/lib/semaphore.ts";
import { locate } from "../../functions/probe/locate.ts";
import { type Script, scriptedFetch, text } from "./scripted-fetch.ts";

/** The page as a Worker in Frankfurt gets it: its address belongs to a range that is registered in the US. */
const PAGE =
  "fl=22f173\nh=www.cloudflare.com\nip=2a06:98c0:3600::103\nts=1.5\ncolo=FRA\nhttp=http/1.1\nloc=US\ntls=off\n";

const ask = (script: Script | Error) => {
  const server = scriptedFetch([script] as Script[]);
  return {
    server,
    place: locate({ connections: new Semaphore(1), timeoutMs: 5_000, now: Date.now, fetch: server.fetch }),
  };
};

it("finds the colo, and takes the country of the colo and not of the address", async () => {
  const { server, place } = ask({ chunks: [text(PAGE.slice(0, 60)), text(PAGE.slice(60))] });
  expect(await place).toEqual({ colo: "FRA", country: "DE" });
  expect(server.requests.map(({ url, init }) => [url, init.redirect])).toEqual([
    ["https://www.cloudflare.com/cdn-cgi/trace", "manual"],
  ]);
});

it.each<[string, Script | Error]>([
  ["nobody answers", new Error("Network connection lost.")],
  ["the answer is an error", { status: 503, chunks: [text(PAGE)] }],
  ["the answer is a redirect", { status: 302, headers: { location: "https://elsewhere.test/" }, chunks: [text(PAGE)] }],
  ["the page is endless", { chunks: [text("x=y\n".repeat(100))], after: "repeat" }],
  ["the page breaks off", { chunks: [text(PAGE)], after: "error" }],
  ["the page names no colo", { chunks: [text("colo=\nloc=DE\n")] }],
  ["the colo is none", { chunks: [text('colo=F"A\n')] }],
  ["there is no page", {}],
])("knows nothing where %s", async (_, script) => {
  const { server, place } = ask(script);
  expect(await place).toBeUndefined();
  await vi.waitFor(() => expect(server.openBodies()).toBe(0));
});

it("takes no line for the colo that only looks like it", async () => {
  for (const [page, colo] of [
    ["xcolo=FRA\n", undefined],
    ["colo=FRANKFURT\n", undefined],
    ["colo=FRA\r\n", "FRA"],
  ] as const)
    expect((await ask({ chunks: [text(page)] }).place)?.colo).toBe(colo);
});

it("waits no longer for a connection than for the page, and asks nothing afterwards", async () => {
  const server = scriptedFetch({ chunks: [text(PAGE)] });
  const connections = new Semaphore(1);
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  const held = connections.run(() => isFree);
  expect(await locate({ connections, timeoutMs: 5, now: Date.now, fetch: server.fetch })).toBeUndefined();
  free();
  await held;
  await connections.run(async () => {});
  expect(server.requests).toEqual([]);
});
