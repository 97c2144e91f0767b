import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "../../../functions/model/alerting/alert.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { anyTarget } from "../any-target.ts";
import { DEEP, inObject, MINUTE, RuleWorld, rule, type Setting } from "./rule-world.ts";

const PATIENCE = { forMs: MINUTE, keepFiringForMs: 2 * MINUTE };
const deep = (over: Partial<Rule> = {}): Rule => rule(DEEP, { ...PATIENCE, by: ["target", "kind"], ...over });
const a = anyTarget({ name: "a" });

/** Configurations that follow one another at random. */
const SETTINGS: Readonly<Record<string, Partial<Setting>>> = {
  plain: { rules: [deep()], targets: [a] },
  critical: { rules: [deep({ severity: "critical" })], targets: [a] },
  "off for one": { rules: [deep({ overrides: [{ matchers: [{ name: "kind", op: "=", value: "x" }], off: true }] })] },
  labelled: { targets: [anyTarget({ name: "a", labels: { team: "build" } })] },
  "paged by Prometheus": { rules: [deep({ pager: "prometheus" })] },
  "by the target alone": { rules: [deep({ by: ["target"] })] },
  "without rules": { rules: [] },
  "without the target": { targets: [anyTarget({ name: "b" })] },
};

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ depth: fc.constantFrom(0, 20), kind: fc.constantFrom("x", "y") }) },
    { weight: 4, arbitrary: fc.record({ pass: fc.constantFrom(1, 1, 2, 6) }) },
    { weight: 2, arbitrary: fc.record({ setting: fc.constantFrom(...Object.keys(SETTINGS)) }) },
    { weight: 1, arbitrary: fc.record({ restart: fc.constant(true) }) },
    { weight: 1, arbitrary: fc.record({ lose: fc.constant(true) }) },
  ),
  { maxLength: 40, size: "max" },
);

const refOf = ({ fingerprint: name, startsAt }: Pick<Alert, "fingerprint" | "startsAt">): string =>
  `${name} ${startsAt}`;

test("whatever happens to rules, targets and storage: every reported alert is resolved", () =>
  inObject((storage) => {
    fc.assert(
      fc.property(steps, (all) => {
        let world = new RuleWorld(storage, SETTINGS["plain"]);
        /** What the Alerter has been told and not heard the end of. */
        const notified = new Map<string, Alert>();
        let setting: Partial<Setting> = SETTINGS["plain"] ?? {};
        const tick = (): void => {
          const { firing, resolved } = world.tick();
          const firesNow = new Set(firing.map(refOf));
          for (const one of resolved) {
            // Nobody is told of an end without a beginning, nor that something goes on which has ended.
            expect(notified.has(refOf(one)), `an end of ${refOf(one)}`).toBe(true);
            expect(firesNow.has(refOf(one))).toBe(false);
            notified.delete(refOf(one));
          }
          for (const alert of firing) {
            expect(alert.fingerprint).toBe(fingerprint(alert.labels));
            expect(alert.labels["pager"]).toBe("edge");
            notified.set(refOf(alert), alert);
          }
          expect(new Set(notified.keys())).toEqual(firesNow);
        };
        for (const step of all) {
          if ("depth" in step) {
            if (world.head.table.blocks.has("a")) world.see("depth", step.depth, { kind: step.kind });
          } else if ("pass" in step) {
            tick();
            world.minute += step.pass - 1;
          } else if ("setting" in step) {
            setting = { ...setting, ...SETTINGS[step.setting] };
            // What a push has counted is committed before another configuration comes.
            world.head.commit();
            world.restart(setting);
            tick();
          } else if ("restart" in step) {
            world.head.commit();
            world.restart();
          } else {
            const { minute } = world;
            world = new RuleWorld(storage, setting);
            world.minute = minute;
            world.manager.adopt([...notified.values()]);
            tick();
          }
        }
        world.restart({ rules: [] });
        tick();
        expect([...notified.keys()]).toEqual([]);
      }),
      { numRuns: 200 },
    );
  }));
