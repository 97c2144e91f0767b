import fc from "fast-check";
import { expect, it } from "vitest";
import { ladder, RUNGS } from "../../functions/model/ladder.ts";
import { EMPTY_MEMORY } from "../../functions/model/memory.ts";
import type { Order } from "../../functions/model/order.ts";
import type { Target } from "../../functions/model/target.ts";
import { anyPlan, anyTarget } from "../watch/any-target.ts";

const placeOf = (kind: string): { rung: (typeof RUNGS)[number] } => {
  const rung = RUNGS.find((name) => kind.startsWith(name));
  if (rung === undefined) throw new Error(`no rung for ${kind}`);
  return { rung };
};

/** Kinds such as `cas.negotiate`, with `?` for one that is not critical and `/5` for every five minutes. */
function ordersOf(words: string, of: Partial<Target> = {}, vantages = ["local"]): Order[] {
  const probes = words.split(" ").map((word) => {
    const [kind = "", minutes = "1"] = word.replace("?", "").split("/");
    return anyPlan({ kind, critical: !word.includes("?"), intervalMs: 60_000 * Number(minutes) });
  });
  const target = anyTarget({ ...of, probes });
  return probes.flatMap((plan) =>
    vantages.map(
      (vantage): Order => ({
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

const shown = (orders: readonly Order[]): string =>
  ladder(orders, placeOf)
    .map(({ origin, root, rest }) => `${origin}: ${[root, ...rest].map((order) => order.plan.kind).join(" ")}`)
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
  const byOrigin = shown(ordersOf(words)).split("; ").sort().join("; ");
  expect(byOrigin).toBe(expected);
});

it("makes one ladder of one origin, whatever the paths", () => {
  const of = { casUrl: "https://zako.example.com/cas", transportUrl: "https://zako.example.com" };
  expect(shown(ordersOf("transport.download cas.negotiate", of))).toBe(
    "https://zako.example.com: cas.negotiate transport.download",
  );
});

it("puts every order into one ladder of its target, origin and vantage", () => {
  const words = fc.uniqueArray(fc.constantFrom("health", "cas.a", "cas.b/5", "transport.a?", "transport.b/10"), {
    minLength: 1,
  });
  const target = fc.record({ name: fc.constantFrom("x", "y"), transportUrl: fc.constantFrom(CAS, TRANSPORT) });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(target, words), { selector: ([{ name }]) => name }), (targets) => {
      const orders = targets.flatMap(([of, kinds]) => ordersOf(kinds.join(" "), of, ["weur", "apac"]));
      const ladders = ladder(orders, placeOf);
      expect(new Set(ladders.flatMap(({ root, rest }) => [root, ...rest]))).toEqual(new Set(orders));
      expect(ladders.reduce((sum, { rest }) => sum + 1 + rest.length, 0)).toBe(orders.length);
      const names = ladders.map(({ target, origin, vantage }) => `${target} ${origin} ${vantage}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { target, vantage, root, rest } of ladders) {
        for (const order of [root, ...rest]) expect([order.target.name, order.vantage]).toEqual([target, vantage]);
        if (!root.plan.critical) expect(rest.some(({ plan }) => plan.critical)).toBe(false);
      }
    }),
  );
});
