import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../../functions/cli/config/load-config.ts";
import { bindingsIn, wranglerBindings } from "../../../../functions/cli/config/wrangler-bindings.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "zako-watch-bindings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = `
name = "zako-watch"
[[services]]
binding = "FRONT"
service = "front"
[[vpc_services]]
binding = "ZAKO_VPC"
service_id = "0199"
[[kv_namespaces]]
binding = "KV"
id = "00"
[[durable_objects.bindings]]
name = "MONITOR"
class_name = "Monitor"
[[env.staging.vpc_networks]]
binding = "ZAKO_VPC"
tunnel_id = "0198"
[[env.staging.mtls_certificates]]
binding = "CERTIFICATE"
certificate_id = "0197"
`;

const fetchersIn = (text: string, environment?: string) => {
  const found = bindingsIn(text, environment);
  if (!found.ok) throw new Error(found.why);
  return [...found.bindings.fetchers];
};

describe("the bindings of a wrangler.toml", () => {
  it("are those that make requests, and others by their section", () => {
    expect(fetchersIn(TEXT)).toEqual([
      ["FRONT", "services"],
      ["ZAKO_VPC", "vpc_services"],
    ]);
    const found = bindingsIn(TEXT, undefined);
    expect(found.ok && [...found.bindings.others]).toEqual([
      ["KV", "kv_namespaces"],
      ["MONITOR", "durable_objects"],
    ]);
  });

  it("of an environment are its own: wrangler inherits none", () => {
    expect(fetchersIn(TEXT, "staging")).toEqual([
      ["ZAKO_VPC", "vpc_networks"],
      ["CERTIFICATE", "mtls_certificates"],
    ]);
    expect(bindingsIn(TEXT, "production")).toEqual({ ok: false, why: "wrangler.toml has no [env.production]" });
  });

  it("are unknown where the file is not TOML, or not there", () => {
    expect(bindingsIn('name = "zako-watch', undefined)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^wrangler\.toml:1:\d+: this is not valid TOML$/),
    });
    expect(wranglerBindings(undefined, join(folder, "none.toml"))).toMatchObject({ ok: false });
  });

  it("survive odd entries", () => {
    expect(fetchersIn('services = [1, { binding = 2 }, { binding = "A", service = "a" }]\n')).toEqual([
      ["A", "services"],
    ]);
    expect(fetchersIn("services = true\n")).toEqual([]);
  });

  it("of this project's own are read: it has no fetcher, and its Durable Objects", () => {
    const found = wranglerBindings();
    expect(found.ok && [...found.bindings.fetchers]).toEqual([]);
    expect(found.ok && found.bindings.others.has("MONITOR")).toBe(true);
  });
});

describe("a configuration file", () => {
  const load = (text: string) => {
    const file = join(folder, "watch.yaml");
    writeFileSync(file, text);
    return loadConfig(file, PROBE_KINDS, { local: false });
  };

  it("is checked against this project's wrangler.toml, wherever it stands", () => {
    const loaded = load("targets:\n  - name: a\n    cas: http://10.0.0.7:9000\n    via: ZAKO_VPC\n");
    expect(loaded).toMatchObject({
      ok: false,
      errors: [
        expect.stringMatching(/watch\.yaml:4:5: targets\[0\]\.via: "ZAKO_VPC" is not a binding in wrangler\.toml/),
      ],
    });
  });

  it("that names no binding needs none", () => {
    expect(load("targets: [{ name: a, cas: https://cas.eu.example }]\n").ok).toBe(true);
  });
});
