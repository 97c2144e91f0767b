import { describe, expect, it } from "vitest";
import { canaryOf } from "../../../functions/model/probing/canary.ts";
import { EMPTY_MEMORY, type TargetMemory } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import { remember } from "../../../functions/model/probing/remember.ts";
import { canaryContent } from "../../../functions/probe/zako/canary-content.ts";
import { attemptOf, knownCanary, periodOf } from "../../../functions/probe/zako/canary-write.ts";
import { planOf, targetOf } from "../tasks.ts";

const SIZE = 4_096;
const SLOT = Date.UTC(2030, 0, 1);
const KIND = "transport.upload";

function task(attempt: number, memory: TargetMemory): ProbeTask {
  const plan = planOf(KIND);
  return {
    target: targetOf({ name: "a", probes: [plan] }),
    plan,
    vantage: "local",
    slot: SLOT,
    attempt,
    role: "sole",
    memory,
  };
}

const written = (attempt: number, memory: TargetMemory): TargetMemory =>
  remember(memory, attemptOf(task(attempt, memory), SIZE, SLOT), SLOT);

describe("a canary that a recheck writes", () => {
  it("is another blob than the period's own and than those of other rechecks, and is charged once", () => {
    let memory = written(1, written(0, EMPTY_MEMORY));
    expect(memory.spent.writtenBytes).toBe(SIZE);
    memory = written(3, written(2, memory));
    expect(memory.spent.writtenBytes).toBe(3 * SIZE);
    // A recheck that died is run again: the same blob.
    memory = written(3, memory);
    expect(memory.spent.writtenBytes).toBe(3 * SIZE);
    expect(knownCanary(task(3, memory), SIZE)?.attempts).toBe(2);
    const contents = [undefined, SLOT + 2, SLOT + 3].map((recheck) =>
      canaryContent("test", "a", KIND, 7, 64, recheck).join(),
    );
    expect(new Set(contents).size).toBe(3);
  });

  it("does not take the place of the period's own, however many there are", () => {
    let memory = written(0, EMPTY_MEMORY);
    for (let attempt = 2; attempt < 40; attempt++) memory = written(attempt, memory);
    const own = canaryOf(memory.canaries, KIND, periodOf(task(0, memory)));
    expect(own).toMatchObject({ attempts: 1, sizeBytes: SIZE });
    expect(memory.canaries.length).toBeLessThanOrEqual(3);
  });
});

it("takes back what was not sent, with its bytes", () => {
  const before = written(0, EMPTY_MEMORY);
  const patch = attemptOf(task(2, before), SIZE, SLOT);
  const [name] = patch.canaries ?? [];
  if (name === undefined) throw new Error("nothing was noted");
  const after = remember(remember(before, patch, SLOT), { unsent: [name] }, SLOT);
  expect(after).toEqual(before);
  // An earlier attempt may have arrived, so the blob stays.
  const twice = written(2, written(2, before));
  expect(remember(twice, { unsent: [name] }, SLOT)).toEqual(written(2, before));
});
