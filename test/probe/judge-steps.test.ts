import fc from "fast-check";
import { expect, it } from "vitest";
import { failure, type Reason } from "../../functions/model/probing/failure.ts";
import type { Step } from "../../functions/model/probing/sample.ts";
import { judge } from "../../functions/probe/judge-steps.ts";

const step = (name: string, outcome: Step["outcome"], reason: Reason = "stale"): Step =>
  outcome === "ok"
    ? { name, outcome, durationMs: 1 }
    : { name, outcome, durationMs: 1, failure: failure(reason, true) };
const doubt = failure("rpc_already_exists", true);
const wordOf = (steps: readonly Step[], unproven = false) => {
  const judgement = judge(steps, ["minor"], unproven ? doubt : undefined);
  return judgement.outcome === "ok" ? "ok" : `${judgement.outcome} ${judgement.failure.reason}`;
};

it("is as bad as the worst step, for the first such reason", () => {
  expect(wordOf([step("a", "ok")])).toBe("ok");
  expect(wordOf([step("a", "ok"), step("b", "skipped")])).toBe("ok");
  expect(wordOf([step("minor", "failed", "slow"), step("a", "failed", "corrupt"), step("b", "failed", "dns")])).toBe(
    "failed corrupt",
  );
  expect(wordOf([step("a", "ok"), step("minor", "failed", "slow")])).toBe("degraded slow");
});

it("is skipped where nothing could be judged, or what went well proves nothing", () => {
  expect(wordOf([step("a", "skipped", "no_blob"), step("b", "skipped", "dns")])).toBe("skipped no_blob");
  expect(wordOf([step("a", "ok")], true)).toBe("skipped rpc_already_exists");
  expect(wordOf([], true)).toBe("skipped rpc_already_exists");
});

it("blames no target for what broke through the prober's own fault", () => {
  for (const own of ["internal", "platform_limit", "over_budget", "binding_missing"] as const) {
    expect(wordOf([step("a", "ok"), step("b", "failed", own)])).toBe(`skipped ${own}`);
    expect(wordOf([step("a", "failed", own), step("b", "failed", "corrupt")])).toBe("failed corrupt");
    expect(wordOf([step("a", "ok"), step("minor", "failed", own)])).toBe("ok");
    expect(wordOf([step("minor", "failed", own), step("minor", "failed", "slow")])).toBe("degraded slow");
  }
});

it("never lets a broken step pass, nor a run that asked nothing", () => {
  // The prober's own fault, and so a gap.
  expect(wordOf([])).toBe("skipped internal");
  const steps = fc.array(fc.tuple(fc.constantFrom("a", "minor"), fc.constantFrom("ok", "failed", "skipped")), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(steps, fc.boolean(), (drawn, unproven) => {
      const word = wordOf(
        drawn.map(([name, outcome]) => step(name, outcome)),
        unproven,
      );
      if (drawn.some(([name, outcome]) => outcome === "failed" && name === "a")) expect(word).toMatch(/^failed/);
      else if (drawn.some(([, outcome]) => outcome === "failed")) expect(word).toMatch(/^degraded/);
      if (word === "ok") expect(drawn.some(([, outcome]) => outcome === "ok")).toBe(true);
    }),
  );
});
