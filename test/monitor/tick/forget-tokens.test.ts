import { expect, it } from "vitest";
import { EMPTY_MEMORY, type TargetMemory } from "../../../functions/model/probing/memory.ts";
import type { Target } from "../../../functions/model/probing/target.ts";
import { forgetMovedTokens } from "../../../functions/monitor/tick/forget-tokens.ts";
import { target } from "../world.ts";

const HERE = { ...target("one"), casUrl: "https://a.test", transportUrl: "https://b.test" };

/** Memories after a configuration with this target, each as the one before left it. */
function remembered(...configs: Target[]): { memory: TargetMemory; writes: number } {
  const [first = HERE, ...later] = configs;
  let memory: TargetMemory = EMPTY_MEMORY;
  let writes = 0;
  const store = {
    get: () => memory,
    set: (_name: string, next: TargetMemory) => {
      memory = next;
      writes++;
    },
  };
  forgetMovedTokens(store, [first]);
  memory = {
    ...memory,
    token: "a token",
    offers: "its probes",
    spent: { day: 1, writtenBytes: 2, tokens: 3 },
  } as never;
  writes = 0;
  for (const next of later) forgetMovedTokens(store, [next]);
  return { memory, writes };
}

it("a target that stays keeps its token and what it offers, and nothing is written", () => {
  const { memory, writes } = remembered(HERE, HERE, {
    ...HERE,
    casUrl: "https://a.test/other/path",
    labels: { a: "b" },
  });
  expect(memory).toMatchObject({ token: "a token", offers: "its probes" });
  expect(writes).toBe(0);
});

it.each<[string, Partial<Target>]>([
  ["its CAS", { casUrl: "https://c.test" }],
  ["its Transport", { transportUrl: "https://c.test" }],
  ["its port", { transportUrl: "https://b.test:8443" }],
  ["the binding to its CAS", { via: "VPC" }],
  ["the binding to its Transport", { transportVia: "VPC" }],
])("a token never follows a target to another place: %s moves", (_, over) => {
  const { memory, writes } = remembered(HERE, { ...HERE, ...over });
  expect(memory).not.toHaveProperty("token");
  expect(memory).not.toHaveProperty("offers");
  expect(memory.spent).toEqual({ day: 1, writtenBytes: 2, tokens: 3 });
  expect(writes).toBe(1);
});

it("nor back", () => {
  expect(remembered(HERE, { ...HERE, casUrl: "https://c.test" }, HERE).memory).not.toHaveProperty("token");
});
