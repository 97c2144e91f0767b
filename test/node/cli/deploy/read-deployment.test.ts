import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, describe, expect, it } from "vitest";
import { readDeployment } from "../../../../functions/cli/deploy/read-deployment.ts";

const TEXT = readFileSync("wrangler.toml", "utf8");

const folder = mkdtempSync(join(tmpdir(), "zako-watch-deployment-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The deployment in a wrangler.toml of this text. */
function deploymentIn(text: string, environment: string | undefined) {
  const file = join(folder, "wrangler.toml");
  writeFileSync(file, text);
  return readDeployment(environment, file);
}

const found = (text: string, environment?: string) => {
  const read = deploymentIn(text, environment);
  if (!read.ok) throw new Error(read.errors.join("\n"));
  return read.deployment;
};
const errorsOf = (text: string, environment?: string) => {
  const read = deploymentIn(text, environment);
  return read.ok ? [] : read.errors;
};

describe("this project's wrangler.toml", () => {
  it("has no ids, no limit that the free plan refuses, and no secrets that a first deployment lacks", () => {
    expect(readDeployment(undefined)).toEqual({
      ok: true,
      deployment: {
        worker: "zako-watch",
        database: "zako-watch",
        databaseId: undefined,
        namespace: "zako-watch-kv",
        namespaceId: undefined,
        crons: ["* * * * *"],
        routes: [],
        warnings: [],
      },
    });
  });

  it("has staging, with names of its own", () => {
    expect(found(TEXT, "staging")).toMatchObject({
      worker: "zako-watch-staging",
      database: "zako-watch-staging",
      namespace: "zako-watch-staging-kv",
      crons: ["* * * * *"],
    });
  });

  it("repeats in staging every binding of the top level, but for the names", () => {
    const { env, ...top } = parse(TEXT) as Record<string, unknown> & { env: { staging: Record<string, unknown> } };
    const bindings = (scope: Record<string, unknown>) =>
      JSON.parse(
        JSON.stringify({
          objects: scope["durable_objects"],
          databases: scope["d1_databases"],
          namespaces: scope["kv_namespaces"],
        }).replaceAll("zako-watch-staging", "zako-watch"),
      ) as unknown;
    expect(bindings(env.staging)).toEqual(bindings(top));
  });
});

describe("the deployment of a wrangler.toml", () => {
  it("takes ids, routes and the names that wrangler gives", () => {
    const text = TEXT.replace('database_name = "zako-watch"\n', 'database_id = "d-1"\n')
      .replace('binding = "KV"\n', 'binding = "KV"\nid = "k-1"\n')
      .replace(
        "send_metrics = false",
        'routes = [{ pattern = "watch.example.com", custom_domain = true }, "b.example.com/*"]',
      );
    expect(found(text)).toMatchObject({
      database: "zako-watch-db",
      databaseId: "d-1",
      namespaceId: "k-1",
      routes: ["watch.example.com", "b.example.com/*"],
    });
    expect(found(text, "staging").databaseId).toBeUndefined();
    // Routes are inherited.
    expect(found(text, "staging").routes).toHaveLength(2);
  });

  it("names an environment without a name as wrangler does", () => {
    expect(found(TEXT.replace('name = "zako-watch-staging"\n', ""), "staging").worker).toBe("zako-watch-staging");
  });

  it("lacks every binding that an environment does not repeat", () => {
    const text = TEXT.replace('[[env.staging.kv_namespaces]]\nbinding = "KV"', "").replace(
      'name = "ALERTER"\nclass_name = "Alerter"\n\n[[env.staging.d1',
      'name = "X"\nclass_name = "Alerter"\n\n[[env.staging.d1',
    );
    expect(errorsOf(text, "staging")).toEqual([
      expect.stringContaining(
        "lacks the binding ALERTER: an environment inherits no bindings; repeat it under [[env.staging.durable_objects.bindings]]",
      ),
      expect.stringContaining("lacks the binding KV"),
    ]);
    expect(errorsOf(text)).toEqual([]);
  });

  it.each([
    ["", undefined, "wrangler.toml lacks the binding MONITOR under [[durable_objects.bindings]]"],
    ["[", undefined, "wrangler.toml:1:2: this is not valid TOML"],
    [TEXT, "prod", "wrangler.toml has no [env.prod]; its environments: staging"],
    ['name = "a"', "prod", "wrangler.toml has no [env.prod]; it has no environments"],
  ])("%j with --env %s is an error", (text, environment, error) => {
    expect(errorsOf(text, environment)[0]).toBe(error);
  });

  it("is read from its file, or it is said why not", () => {
    expect(readDeployment(undefined, "/nowhere/wrangler.toml")).toEqual({
      ok: false,
      errors: ["/nowhere/wrangler.toml cannot be read (ENOENT)"],
    });
  });

  it("warns of what the free plan and a first deployment refuse, in an environment too", () => {
    const text = `${TEXT}\n[limits]\ncpu_ms = 100\n[secrets]\nrequired = ["ADMIN_TOKEN"]\n`;
    for (const environment of [undefined, "staging"])
      expect(found(text, environment).warnings).toEqual([
        expect.stringContaining("limits.cpu_ms, which Cloudflare refuses on the free plan (code 100328)"),
        expect.stringContaining("requires the secrets ADMIN_TOKEN, which refuses a first deployment"),
      ]);
  });
});
