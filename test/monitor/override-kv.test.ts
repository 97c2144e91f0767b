import {
  abortAllDurableObjects,
  createExecutionContext,
  createScheduledController,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compileConfig } from "../../functions/config/compile.ts";
import { COMPILED_CONFIG } from "../../functions/config/compiled.ts";
import { printOverride } from "../../functions/config/override.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { OVERRIDE_KEY } from "../../functions/store/override-kv.ts";
import worker from "../../functions/worker.ts";

const MINUTE = 60_000;
/** Far in the future, so that no alarm fires by itself. */
const START = Date.UTC(2031, 0, 1);

/** Nothing is asked of anybody: this is about what is in force. */
const silent = Object.fromEntries(PROBE_KINDS.map(({ kind }) => [kind, false]));
const documentOf = (...names: string[]) => ({
  installation: COMPILED_CONFIG.installation,
  targets: names.map((name) => ({ name, cas: `https://${name}.example`, probes: silent })),
});

function hashOf(document: unknown): string {
  const result = compileConfig(document, PROBE_KINDS, { local: COMPILED_CONFIG.local });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config.hash;
}

const push = (at: number, document: unknown, base = COMPILED_CONFIG.hash): Promise<void> =>
  env.KV.put(
    OVERRIDE_KEY,
    printOverride({ version: 1, base, at, document, ...(document === null ? {} : { hash: hashOf(document) }) }),
  );

let now = START;
beforeEach(() => {
  now = START;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  // The deployed configuration asks a placeholder, whose answer is of no interest here.
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.reject(new Error("Network connection lost.")));
});
afterEach(() => vi.restoreAllMocks());

const monitor = () => env.MONITOR.getByName("monitor:0");

async function cron(ahead = MINUTE): Promise<void> {
  now += ahead;
  await worker.scheduled(createScheduledController({ scheduledTime: new Date(now) }), env);
}

/** What a scrape shows: the configuration, refusals that are not 0, and the targets. */
async function shown(): Promise<{ source: string; hash: string; refusals: string[]; targets: string[] }> {
  const request = new Request("https://watch.example/metrics", {
    headers: { authorization: "Bearer metrics-0123456789", accept: "text/plain" },
  });
  const response = await worker.fetch(
    request as Parameters<typeof worker.fetch>[0],
    Object.assign(Object.create(env), { METRICS_TOKEN: "metrics-0123456789" }),
    createExecutionContext(),
  );
  const text = await response.text();
  const infos = [...text.matchAll(/^zako_watch_config_info\{hash="(\w+)",source="(\w+)",base="(\w+)"\} 1$/gm)];
  expect(infos).toHaveLength(1);
  expect(infos[0]?.[3]).toBe(COMPILED_CONFIG.hash);
  const refusals = [...text.matchAll(/^zako_watch_config_override_refusals_total\{reason="(\w+)"\} ([1-9]\d*)$/gm)];
  const targets = [...text.matchAll(/^zako_v1_target_incident_open\{target="([\w-]+)"\}/gm)];
  return {
    hash: infos[0]?.[1] ?? "",
    source: infos[0]?.[2] ?? "",
    refusals: refusals.map(([, reason, count]) => `${reason} ${count}`).sort(),
    targets: targets.map(([, name]) => name ?? ""),
  };
}

const deployedTargets = COMPILED_CONFIG.targets.map(({ name }) => name);

describe("an override in KV", () => {
  it("is taken over at the next cron, outlives the object and bad news, and is taken back", async () => {
    await cron();
    expect(await shown()).toEqual({
      source: "deployed",
      hash: COMPILED_CONFIG.hash,
      refusals: [],
      targets: deployedTargets,
    });

    const first = documentOf("one", "two");
    await push(1, first);
    await cron();
    expect(await shown()).toEqual({ source: "override", hash: hashOf(first), refusals: [], targets: ["one", "two"] });

    await env.KV.put(OVERRIDE_KEY, "{ garbage");
    await cron();
    await abortAllDurableObjects();
    await cron();
    const suppressed = { source: "override", hash: hashOf(first), targets: ["one", "two"] };
    expect(await shown()).toEqual({ ...suppressed, refusals: ["garbage 2"] });

    await push(9, documentOf("three"), "0123456789abcdef");
    await cron();
    vi.spyOn(env.KV, "get").mockRejectedValueOnce(new Error("KV GET failed: 503 Service Unavailable"));
    await cron();
    expect(await shown()).toEqual({ ...suppressed, refusals: ["base 1", "garbage 2", "unreachable 1"] });

    await push(2, documentOf("three"));
    await cron();
    expect((await shown()).targets).toEqual(["three"]);

    await push(3, null);
    await cron();
    expect(await shown()).toMatchObject({ source: "deployed", hash: COMPILED_CONFIG.hash, targets: deployedTargets });
  });

  it("keeps /healthz in step with the grid in force", async () => {
    const fine = documentOf("one");
    const [target] = fine.targets;
    const probes = { ...silent, health: { interval: "10s", timeout: "1s" } };
    await push(1, { ...fine, targets: [{ ...target, probes }] });
    await cron();
    const health = async (): Promise<number> => {
      const request = new Request("https://watch.example/healthz") as Parameters<typeof worker.fetch>[0];
      return (await worker.fetch(request, env, createExecutionContext())).status;
    };
    expect(await health()).toBe(200);
    now += 30_000;
    expect(await health()).toBe(503);
  });

  it("is what the rules for Prometheus are printed from, and the runbooks beside them", async () => {
    const text = async (path: string): Promise<string> => {
      const headers = { authorization: "Bearer metrics-0123456789" };
      const request = new Request(`https://watch.example${path}`, { headers }) as Parameters<typeof worker.fetch>[0];
      const secrets = Object.assign(Object.create(env), { METRICS_TOKEN: "metrics-0123456789" });
      return (await worker.fetch(request, secrets, createExecutionContext())).text();
    };
    await cron();
    expect(await text("/prometheus/rules.yml")).not.toContain("alert: Overridden");
    const rule = { kind: "verdict", of: "target", state: "down", severity: "info", summary: "It is down." };
    await push(1, { ...documentOf("one"), rules: { Overridden: rule } });
    await cron();
    expect(await text("/prometheus/rules.yml")).toContain("alert: Overridden");
    await push(2, null);
    await cron();
    expect(await text("/prometheus/rules.yml")).not.toContain("alert: Overridden");
  });

  it("costs one read of KV per cron", async () => {
    const get = vi.spyOn(env.KV, "get");
    await cron();
    await cron();
    await shown();
    await runInDurableObject(monitor(), (instance) => instance.alarm());
    expect(get).toHaveBeenCalledTimes(2);
  });

  it("that is wrong in any way never keeps a slot from being run", async () => {
    await cron();
    for (const text of [
      "",
      "null",
      "[]",
      `{"version":1,"base":"${COMPILED_CONFIG.hash}"}`,
      "\u0000",
      "x".repeat(5_000_000),
    ]) {
      await env.KV.put(OVERRIDE_KEY, text);
      await cron();
      expect((await monitor().report()).lastSlot).toBe(now);
    }
    expect(await shown()).toMatchObject({ source: "deployed", refusals: ["garbage 5", "oversize 1"] });
  });
});
