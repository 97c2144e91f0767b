import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Everything that runs on the platform. */
const files = readdirSync("functions", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("cli/") && !name.endsWith(".d.ts"))
  .map((name) => ({ name, text: readFileSync(join("functions", name), "utf8") }));

/** The second look at what a port speaks: once an hour at most, at origins of the configuration, and never with `via`. */
const LOOKS = ["probe/look/bare-look.ts", "probe/region.ts"];

it("reads the source that it judges", () => expect(files.map(({ name }) => name)).toContain("probe/rpc/rpc-route.ts"));

it.each([
  ["a raw socket", /cloudflare:sockets|node:(net|tls|http|https|http2|dgram|dns)\b|\bconnect\(\s*["'{]/],
  ["a web socket or event source", /\bnew (WebSocket|EventSource)\b/],
  ["a redirect that is followed", /redirect:\s*["'](follow|error)["']/],
])("the Worker never opens %s", (_, pattern) => {
  const opened = files.filter(({ name, text }) => pattern.test(text) && !LOOKS.includes(name));
  expect(opened.map(({ name }) => name)).toEqual([]);
});
