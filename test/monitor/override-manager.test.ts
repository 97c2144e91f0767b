import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileConfig } from "../../functions/config/compile.ts";
import { judgeOverride, type Override, printOverride } from "../../functions/config/override.ts";
import type { Config } from "../../functions/model/config.ts";
import type { WatchEvent } from "../../functions/model/watch-event.ts";
import { OverrideManager } from "../../functions/monitor/override-manager.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import type { OfferedOverride } from "../../functions/store/override-kv.ts";

const documentOf = (...names: string[]) => ({
  targets: names.map((name) => ({ name, cas: `https://${name}.example` })),
});
const compiled = (document: unknown): Config => {
  const result = compileConfig(document, PROBE_KINDS, { local: false });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config;
};
const DEPLOYED = compiled(documentOf("a"));
const NEXT = compiled(documentOf("a", "z"));

/** An override as it is pushed at a time; without names one that takes the last back. */
function pushed(at: number, names: readonly string[] | null, base = DEPLOYED.hash): string {
  const document = names === null ? null : documentOf(...names);
  return printOverride({
    version: 1,
    base,
    at,
    document,
    ...(document && { hash: compiled(document).hash }),
  } as Override);
}

/** A keeper with its shelf, across lives and deployments. */
class Life {
  text: string | undefined;
  now = 1_000_000;
  events: WatchEvent[] = [];
  manager = this.start();

  start(deployed = DEPLOYED): OverrideManager {
    const table = {
      read: () => this.text,
      write: (text: string | undefined) => {
        this.text = text;
      },
    };
    this.manager = new OverrideManager({
      table,
      deployed,
      kinds: PROBE_KINDS,
      isBound: () => false,
      now: () => this.now,
      log: (event) => void this.events.push(event),
    });
    return this.manager;
  }

  offer(text: string | null): void {
    this.manager.offer({ read: true, text });
  }

  get names(): string[] {
    return this.manager.config.targets.map(({ name }) => name);
  }

  refusals(): string[] {
    return this.manager
      .takeFacts()
      .flatMap(({ labels, value }) => new Array<string>(value).fill(labels["reason"] ?? ""));
  }
}

describe("the last success override", () => {
  it("stays in force whatever KV says later", () => {
    const life = new Life();
    life.offer(pushed(1, ["b"]));
    expect(life.names).toEqual(["b"]);
    life.manager.offer({ read: false });
    life.offer("garbage");
    life.offer("");
    life.offer(pushed(9, ["c"], "0123456789abcdef"));
    life.offer(pushed(9, ["c"]).replace("c.example", "10.0.0.1"));
    expect(life.names).toEqual(["b"]);
    expect(life.refusals()).toEqual(["unreachable", "garbage", "garbage", "base", "invalid"]);
    life.start();
    expect(life.names).toEqual(["b"]);
  });

  it("gives way to a newer one only, in whatever order they are read", () => {
    const life = new Life();
    for (const at of [2, 1, 3, 2, 3, 1]) life.offer(pushed(at, [`t${at}`]));
    expect(life.names).toEqual(["t3"]);
    expect(life.refusals()).toEqual([]);
    expect(life.events.filter(({ event }) => event === "override")).toHaveLength(2);
  });

  it("is taken back by a newer push, and no stale read brings it again", () => {
    const life = new Life();
    life.offer(pushed(1, ["b"]));
    life.offer(pushed(2, null));
    expect(life.names).toEqual(["a"]);
    life.offer(pushed(1, ["b"]));
    life.start();
    life.offer(pushed(1, ["b"]));
    expect(life.names).toEqual(["a"]);
    life.offer(pushed(3, ["c"]));
    expect(life.names).toEqual(["c"]);
  });

  it("survives a key that is missing for a moment, but not one that stays gone", () => {
    const life = new Life();
    life.offer(pushed(1, ["b"]));
    life.offer(null);
    life.now += 599_000;
    life.offer(null);
    expect(life.names).toEqual(["b"]);
    life.offer(pushed(1, ["b"]));
    life.now += 1_000;
    life.offer(null);
    expect(life.names).toEqual(["b"]);
    life.now += 600_000;
    life.manager.offer({ read: false });
    expect(life.names).toEqual(["b"]);
    life.offer(null);
    expect(life.names).toEqual(["a"]);
    expect(life.start().config).toEqual(DEPLOYED);
  });

  it("is dropped by a new deployment, and the deployment after it starts from what KV says then", () => {
    const life = new Life();
    life.offer(pushed(1, ["b"]));
    life.start(NEXT);
    expect(life.names).toEqual(["a", "z"]);
    life.offer(pushed(1, ["b"]));
    expect([life.names, life.refusals()]).toEqual([["a", "z"], ["base"]]);
    life.start();
    expect(life.names).toEqual(["a"]);
  });

  it("that a new version no longer understands is dropped, and probing continues", () => {
    const life = new Life();
    life.text = "garbage from an older version";
    expect(life.start().config).toEqual(DEPLOYED);
    expect(life.text).toBeUndefined();
    expect(life.events).toContainEqual({ event: "override", taken: false, why: expect.any(String) });
  });

  it("is logged once, and counted at every wake", () => {
    const life = new Life();
    for (let i = 0; i < 3; i++) life.offer("garbage");
    life.manager.offer({ read: false });
    expect(life.events).toHaveLength(2);
    expect(life.refusals()).toEqual(["garbage", "garbage", "garbage", "unreachable"]);
  });
});

describe("laws of the manager", () => {
  type Step = { kv: OfferedOverride } | { restart: true } | { wait: number };
  const text = fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(["b"], ["c", "d"], ["a"], null))
      .map(([at, names]) => pushed(at, names)),
    fc.constant(pushed(7, ["b"], NEXT.hash)),
    fc.string(),
    fc.json(),
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: text.map((value): Step => ({ kv: { read: true, text: value } })) },
    { weight: 2, arbitrary: fc.constant<Step>({ kv: { read: true, text: null } }) },
    { weight: 2, arbitrary: fc.constant<Step>({ kv: { read: false } }) },
    { weight: 1, arbitrary: fc.constant<Step>({ restart: true }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 120_000 }).map((wait): Step => ({ wait })) },
  );

  it("what is in force is the newest good override ever read, and a restart changes nothing", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const life = new Life();
        let newest: { at: number; text: string; hash: string } | undefined;
        for (const one of steps) {
          // Never long enough without the key for it to count as gone.
          if ("wait" in one) life.now += one.wait / 1_000;
          else if ("restart" in one) {
            const before = life.manager.config.hash;
            life.start();
            expect(life.manager.config.hash).toBe(before);
          } else {
            life.manager.offer(one.kv);
            const judged =
              one.kv.read && one.kv.text !== null
                ? judgeOverride(one.kv.text, DEPLOYED, PROBE_KINDS, () => false)
                : undefined;
            if (!judged?.ok) continue;
            const text = (one.kv.read && one.kv.text) || "";
            const isNewer = judged.at === newest?.at ? text > newest.text : judged.at > (newest?.at ?? 0);
            if (isNewer) newest = { at: judged.at, text, hash: judged.config?.hash ?? DEPLOYED.hash };
          }
          expect(life.manager.config.hash).toBe(newest?.hash ?? DEPLOYED.hash);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("two managers that read the same texts in any order agree, even on pushes of the same time", () => {
    const push = fc.record({ at: fc.integer({ min: 1, max: 4 }), name: fc.constantFrom("b", "c", "d", null) });
    fc.assert(
      fc.property(fc.array(push, { minLength: 1, maxLength: 8 }), fc.nat(), (pushes, turn) => {
        const texts = pushes.map(({ at, name }) => pushed(at, name === null ? null : [name]));
        const [first, second] = [new Life(), new Life()];
        for (const one of texts) first.offer(one);
        for (const i of texts.keys()) second.offer(texts[(texts.length - 1 - i + turn) % texts.length] ?? null);
        expect(second.manager.config.hash).toBe(first.manager.config.hash);
      }),
      { numRuns: 100 },
    );
  });

  it("depth does not crash it here either", () => {
    const life = new Life();
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    for (const document of [
      deep,
      "[".repeat(200_000),
      `{"targets":${deep}}`,
      `{"targets":[{"name":"a","labels":${deep}}]}`,
    ])
      life.offer(`{"version":1,"base":"${DEPLOYED.hash}","at":1,"hash":"x","document":${document}}`);
    expect([life.names, life.refusals().length]).toEqual([["a"], 4]);
  });
});
