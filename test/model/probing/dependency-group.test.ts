import fc from "fast-check";
import { expect, it } from "vitest";
import { dependencyGroups } from "../../../functions/model/probing/dependency-group.ts";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Target } from "../../../functions/model/probing/target.ts";
import { anyPlan, anyTarget } from "../../monitor/any-target.ts";

const TIERS = ["health", "cas", "transport", "inside", "outside"] as const;

const placeOf = (kind: string): { tier: (typeof TIERS)[number] } => {
  const tier = TIERS.find((name) => kind.startsWith(name));
  if (tier === undefined) throw new Error(`no tier for ${kind}`);
  return { tier };
};

/** Kinds such as `cas.negotiate`, with `?` for one that is not critical and `/5` for every five minutes. */
function tasksOf(words: string, of: Partial<Target> = {}, vantages = ["local"]): ProbeTask[] {
  const probes = words.split(" ").map((word) => {
    const [kind = "", minutes = "1"] = word.replace("?", "").split("/");
    return anyPlan({ kind, critical: !word.includes("?"), intervalMs: 60_000 * Number(minutes) });
  });
  const target = anyTarget({ ...of, probes });
  return probes.flatMap((plan) =>
    vantages.map(
      (vantage): ProbeTask => ({
        target,
        plan,
        vantage,
        slot: 60_000,
        attempt: 0,
        role: "sole",
        memory: EMPTY_MEMORY,
      }),
    ),
  );
}

const shown = (tasks: readonly ProbeTask[]): string =>
  dependencyGroups(tasks, placeOf)
    .map(({ origin, root, rest }) => `${origin}: ${[root, ...rest].map((task) => task.plan.kind).join(" ")}`)
    .join("; ");

const CAS = "https://cas.example.com";
const TRANSPORT = "https://transport.example.com";

it.each([
  ["cas.negotiate health cas.details", `${CAS}: health cas.negotiate cas.details`],
  ["transport.upload health transport.download", `${CAS}: health; ${TRANSPORT}: transport.upload transport.download`],
  ["cas.details/5 cas.negotiate/1", `${CAS}: cas.negotiate cas.details`],
  ["inside.worker? cas.negotiate health", `${CAS}: health cas.negotiate inside.worker`],
  ["inside.worker? transport.upload", `${CAS}: inside.worker; ${TRANSPORT}: transport.upload`],
  ["health? cas.negotiate", `${CAS}: cas.negotiate health`],
  ["health? cas.negotiate?", `${CAS}: health cas.negotiate`],
])("the ladders of %s are %s", (words, expected) => {
  const byOrigin = shown(tasksOf(words)).split("; ").sort().join("; ");
  expect(byOrigin).toBe(expected);
});

it("makes one dependency group per origin, whatever the paths", () => {
  const of = { casUrl: "https://zako.example.com/cas", transportUrl: "https://zako.example.com" };
  expect(shown(tasksOf("transport.download cas.negotiate", of))).toBe(
    "https://zako.example.com: cas.negotiate transport.download",
  );
});

it("puts every task into one group of its target, origin and vantage", () => {
  const words = fc.uniqueArray(fc.constantFrom("health", "cas.a", "cas.b/5", "transport.a?", "transport.b/10"), {
    minLength: 1,
  });
  const target = fc.record({ name: fc.constantFrom("x", "y"), transportUrl: fc.constantFrom(CAS, TRANSPORT) });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(target, words), { selector: ([{ name }]) => name }), (targets) => {
      const tasks = targets.flatMap(([of, kinds]) => tasksOf(kinds.join(" "), of, ["weur", "apac"]));
      const ladders = dependencyGroups(tasks, placeOf);
      expect(new Set(ladders.flatMap(({ root, rest }) => [root, ...rest]))).toEqual(new Set(tasks));
      expect(ladders.reduce((sum, { rest }) => sum + 1 + rest.length, 0)).toBe(tasks.length);
      const names = ladders.map(({ target, origin, vantage }) => `${target} ${origin} ${vantage}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { target, vantage, root, rest } of ladders) {
        for (const task of [root, ...rest]) expect([task.target.name, task.vantage]).toEqual([target, vantage]);
        if (!root.plan.critical) expect(rest.some(({ plan }) => plan.critical)).toBe(false);
      }
    }),
  );
});
