import { describe, expect, it } from "vitest";
import { compileConfig } from "../../../functions/config/compile.ts";
import type { Bindings, FetcherSection } from "../../../functions/config/targets/check-bindings.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const bindings = (fetchers: Record<string, FetcherSection>, environment?: string): Bindings => ({
  fetchers: new Map(Object.entries(fetchers)),
  others: new Map([["KV", "kv_namespaces"]]),
  environment,
});
const compiled = (document: unknown, has: Bindings) =>
  compileConfig(document, PROBE_KINDS, { local: false, bindings: has });
/** What is wrong, or doubtful, by path. */
const found = (document: unknown, has: Bindings): string[] => {
  const result = compiled(document, has);
  return (result.ok ? result.warnings : result.issues).map(({ path, message }) => `${path.join(".")}: ${message}`);
};
const target = (more: object): object => ({
  targets: [{ name: "a", cas: "http://10.0.0.7:9000", via: "VPC", ...more }],
});

describe("a binding that targets are reached through", () => {
  it("is right where wrangler.toml has it", () => {
    for (const section of ["vpc_services", "vpc_networks", "services"] as const)
      expect(compiled(target({ probes: { "transport.upload": false } }), bindings({ VPC: section })).ok).toBe(true);
  });

  it("that wrangler.toml lacks is an error, with the lines to add", () => {
    const [said = "", ...more] = found(target({}), bindings({}));
    expect(more).toEqual([]);
    expect(said).toMatch(/^targets\.0\.via: "VPC" is not a binding in wrangler\.toml\. Add one of these there/);
    for (const section of ["vpc_services", "vpc_networks", "mtls_certificates", "services"])
      expect(said).toContain(`[[${section}]]\n  binding = "VPC"\n  `);
  });

  it("belongs to the environment that is deployed", () => {
    const [said] = found(target({}), bindings({}, "staging"));
    expect(said).toContain("[env.staging] of wrangler.toml");
    expect(said).toContain("[[env.staging.vpc_networks]]");
  });

  it("is nearly the name of another", () => {
    expect(found(target({ via: "ZAKO_VCP" }), bindings({ ZAKO_VPC: "vpc_services" }))[0]).toContain(
      'in wrangler.toml; did you mean "ZAKO_VPC"? Add one',
    );
  });

  it("is none that makes no requests", () => {
    const has = { ...bindings({}), others: new Map([["FILES", "r2_buckets"]]) };
    expect(found(target({ via: "FILES" }), has)).toEqual([
      'targets.0.via: "FILES" is a binding of r2_buckets in wrangler.toml, which makes no requests; give it another name',
    ]);
  });

  it.each<[string, object, string]>([
    ["of the Transport", { transport: "http://10.0.0.8", transport_via: "BLOBS" }, "targets.0.transport_via"],
    ["of the scrape", { probes: { scrape: { via: "BLOBS" } } }, "targets.0.probes.scrape.via"],
  ])("%s is named where it stands", (_, more, path) => {
    expect(found(target(more), bindings({ VPC: "vpc_networks" }))[0]).toMatch(`${path}: "BLOBS" is not`);
  });

  it("that all scrapes share is named under defaults", () => {
    const document = { ...target({ probes: { scrape: true } }), defaults: { probes: { scrape: { via: "SHARED" } } } };
    expect(found(document, bindings({ VPC: "vpc_networks" }))[0]).toMatch(
      'defaults.probes.scrape.via: "SHARED" is not',
    );
  });
});

describe("what works in a way that its owner may not expect", () => {
  it("is one VPC service for two hosts", () => {
    const two = target({ transport: "http://10.0.0.8:9000" });
    expect(found(two, bindings({ VPC: "vpc_services" }))[0]).toMatch(
      /VPC is a VPC service.*10\.0\.0\.7:9000 and 10\.0\.0\.8:9000/,
    );
    expect(found(two, bindings({ VPC: "vpc_networks" }))).toEqual([]);
  });

  it("is a client certificate without https", () => {
    expect(found(target({}), bindings({ VPC: "mtls_certificates" }))[0]).toContain("only shown over https");
    expect(found(target({ cas: "https://cas.example" }), bindings({ VPC: "mtls_certificates" }))).toEqual([]);
  });

  it("is native gRPC through a binding", () => {
    expect(found(target({ protocol: "grpc" }), bindings({ VPC: "vpc_networks" }))[0]).toContain("does not document");
  });

  it("is more calls through service bindings than one invocation may make", () => {
    const many = (shards: number) => ({
      shards,
      targets: Array.from({ length: 12 }, (_, i) => ({ name: `t${i}`, cas: `http://10.0.0.${i}:9000`, via: "VPC" })),
    });
    const about = (shards: number, section: FetcherSection) =>
      found(many(shards), bindings({ VPC: section })).filter((line) => line.includes("through service bindings"));
    expect(about(1, "services")).toEqual([expect.stringMatching(/up to \d+ calls .* allows 31/)]);
    expect(about(12, "services").length).toBeLessThanOrEqual(1);
    expect(about(1, "vpc_networks")).toEqual([]);
  });
});
