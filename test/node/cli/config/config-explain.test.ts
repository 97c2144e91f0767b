import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { configExplain } from "../../../../functions/cli/config/config-explain.ts";
import { dispatch } from "../../../../functions/cli/dispatch.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";

const FILE = "schemas/examples/regions.yaml";
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An installation that answers so; with what it was asked. */
async function installation(body: string, status = 200) {
  const asked: { url: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function explain(args: string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(["config", "explain", FILE, ...args], [configExplain], {
    kinds: PROBE_KINDS,
    env,
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

it("names the vantages, and how to see where they run", async () => {
  const { code, out } = await explain([]);
  expect(code).toBe(0);
  expect(out).toMatch(/^vantages\n {2}weur: add --url URL to see where it runs$/m);
});

it("shows where the vantages of an installation really run", async () => {
  const { url, asked } = await installation(
    [
      "# TYPE zako_watch_vantage_info gauge",
      'zako_watch_vantage_info{vantage="weur",colo="FRA",country="DE"} 1',
      'zako_watch_vantage_info{vantage="weur",colo="AMS",country="NL"} 1',
      'zako_watch_vantage_info{vantage="enam",colo="LAX",country="US"} 1',
      'zako_watch_vantage_info{vantage="enam",colo="\u001b[31m",country="unknown"} 1',
      'zako_watch_vantage_info_else{vantage="weur",colo="SIN",country="SG"} 1',
      "",
    ].join("\n"),
  );
  const { code, out, err } = await explain(["--url", `${url}/`], { METRICS_TOKEN: "s3cret" });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("  weur: in FRA (DE); in AMS (NL)\n");
  expect(out).toContain("  enam: in LAX (US), not near enam as asked; ");
  expect(out).toMatch(/^ {2}\S+: has not said yet where it runs$/m);
  expect(out).not.toContain("\u001b");
  expect(asked).toEqual([{ url: "/metrics?family=zako_watch_vantage_info", authorization: "Bearer s3cret" }]);
});

it.each([
  [401, "requires a token: set METRICS_TOKEN in the environment to its value."],
  [503, "answered HTTP 503: check the value of --url."],
])("shows the rest where the installation answers %i, and says why", async (status, why) => {
  const { url } = await installation("", status);
  const { code, out, err } = await explain(["--url", url]);
  expect(code).toBe(1);
  expect(err).toContain(why);
  expect(out).toContain("vantages\n");
  expect(out).toMatch(/^rules: /m);
});

it("says where nobody answers", async () => {
  const { url } = await installation("");
  for (const close of closing.splice(0)) close();
  const { code, err } = await explain(["--url", url]);
  expect(code).toBe(1);
  expect(err).toMatch(/cannot be reached \(.*\): check the value of --url\.$/);
});

it.each(["http://watch.example", "watch.example", "ftp://127.0.0.1", "https://a:b@watch.example"])(
  "sends no token to %s",
  async (url) => {
    const { code, err } = await explain(["--url", url], { METRICS_TOKEN: "s3cret" });
    expect(code).toBe(2);
    expect(err).toContain(`${JSON.stringify(url)} is not the https URL of an installation`);
  },
);
