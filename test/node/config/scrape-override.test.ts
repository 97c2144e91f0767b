import { expect, it } from "vitest";
import { compileConfig } from "../../../functions/config/compile.ts";
import { judgeOverride, printOverride } from "../../../functions/config/override.ts";
import type { Config } from "../../../functions/model/config.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const auth = { header: "authorization", scheme: "Bearer", secret: "SCRAPE_TOKEN" };
const URL_A = "https://metrics.eu.example/zako";
const document = (scrape: unknown) => ({
  targets: [{ name: "cas-eu", cas: "https://cas.eu.example", probes: { scrape } }],
});

const compiled = (scrape: unknown): Config => {
  const result = compileConfig(document(scrape), PROBE_KINDS, { local: false });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config;
};
const deployed = compiled({ url: URL_A, auth });

it.each<[string, unknown, boolean]>([
  ["to another path of the same origin", { url: "https://metrics.eu.example/other", auth }, true],
  ["nowhere", { url: URL_A }, true],
  ["to another origin", { url: "https://thief.example/metrics", auth }, false],
  ["to another port", { url: "https://metrics.eu.example:8443/zako", auth }, false],
  ["of another name", { url: URL_A, auth: { ...auth, secret: "SLACK_URL" } }, false],
])("an override that sends the scrape's secret %s", (_, scrape, ok) => {
  const { hash } = compiled(scrape);
  const text = printOverride({ version: 1, base: deployed.hash, at: 5, document: document(scrape), hash });
  expect(judgeOverride(text, deployed, PROBE_KINDS, () => false)).toMatchObject(ok ? { ok } : { ok, reason: "secret" });
});

it("a scrape without a URL asks `/metrics` of the CAS", () => {
  const outside = (scrape: unknown) =>
    compiled(scrape).targets[0]?.probes.find(({ kind }) => kind === "scrape")?.outside;
  expect(outside(true)).toEqual({ url: "https://cas.eu.example/metrics" });
  expect(outside({ url: `${URL_A}/`, auth })).toEqual({ url: URL_A, headers: [auth] });
});
