import { describe, expect, it } from "vitest";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import { push, pushTargets } from "../../../functions/probe/kinds/push.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { pushPlan } from "../../expose/push/push-world.ts";
import { target } from "../../monitor/world.ts";

const NOW = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;
const ask = (pushedAt: number | undefined, options: Record<string, unknown> = {}) => {
  const plan = pushPlan("EU", options);
  const memory = pushedAt === undefined ? EMPTY_MEMORY : { ...EMPTY_MEMORY, pushedAt };
  const task = { target: target("cas-eu", [plan]), plan, vantage: "local", slot: NOW, attempt: 0, memory } as const;
  return runTask(
    { ...task, role: "sole" },
    {
      installation: "test",
      secret: () => undefined,
      fetcher: () => undefined,
      newHash: () => {
        throw new Error("Nothing is hashed.");
      },
      onBug: (_place, error) => {
        throw error;
      },
      now: () => NOW,
      fetch: () => Promise.reject(new Error("Nothing is asked.")),
    },
  );
};

describe("what is pushed is", () => {
  it.each([
    ["fresh when it has just come", NOW, {}, "ok", undefined],
    ["fresh after 15 minutes", NOW - 15 * MINUTE, {}, "ok", undefined],
    ["stale after 16", NOW - 16 * MINUTE, {}, "failed", "stale"],
    ["fresh for as long as is said", NOW - 47 * 60 * MINUTE, { stale_after: "2d" }, "ok", undefined],
    ["stale after that", NOW - 49 * 60 * MINUTE, { stale_after: "2d" }, "failed", "stale"],
    ["not judged before anything has come", undefined, {}, "skipped", "stale"],
  ] as const)("%s", async (_what, pushedAt, options, outcome, reason) => {
    const sample = await ask(pushedAt, options);
    expect([sample.outcome, sample.failure?.reason]).toEqual([outcome, reason]);
  });
});

describe("options", () => {
  it.each([
    ["stale_after", { stale_after: "15" }],
    ["stale_after", { stale_after: "0m" }],
    ["stale_after", { stale_after: "31d" }],
    ["secret", { secret: "a literal" }],
    ["secret", { secret: "METRICS_TOKEN" }],
    ["spans", { spans: [{ name: "x", family: "zako_v1_worker_queue_length" }] }],
    ["spans", { spans: [{ name: "x", family: "zako_v1_worker_task_duration_seconds" }] }],
    ["spans", { spans: [{ name: "x", family: "zako_v1_build_duration_seconds", labels: { pool: "v8" } }] }],
  ])("are refused for %s: %j", (key, options) => {
    const parsed = push.options.safeParse(options);
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([key]);
  });

  it("say who may push for what, and which spans are measured", () => {
    const own = [{ name: "v8 run", family: "zako_v1_worker_task_duration_seconds", labels: { pool: "v8" } }];
    const targets = [target("a", [pushPlan("A", { spans: own })]), target("b"), target("c", [pushPlan("C")])];
    const found = pushTargets(targets);
    expect(found.map(({ name, secret }) => [name, secret])).toEqual([
      ["a", "A"],
      ["c", "C"],
    ]);
    expect(found[0]?.spans).toEqual(own);
    expect(found[1]?.spans.length).toBeGreaterThan(8);
  });

  it("show the histograms of spans from the first scrape on", () => {
    const options = push.options.parse({});
    const shown = push.initial(options).map(({ family, labels }) => `${family} ${JSON.stringify(labels)}`);
    expect(shown).toContain('zako_v1_build_duration_seconds {"source":"push"}');
    expect(shown).toContain('zako_v1_worker_task_duration_seconds {"source":"push","pool":"v8"}');
  });
});
