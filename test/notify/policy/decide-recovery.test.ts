import { expect, it } from "vitest";
import { MINUTE, receiver, START, severity } from "../../alerter/world.ts";
import { DecideWorld } from "./decide-world.ts";

const CRITICAL = { severity: "critical" };
const ESCALATED = "boss: escalation +a";

/** The boss is notified after 7 minutes; reminders come every 10. */
const worldOf = () => {
  const escalation = [{ afterMs: 7 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] as const }];
  const critical = severity({ escalation, repeatIntervalMs: 10 * MINUTE });
  const world = new DecideWorld({ severities: { critical, warning: severity(), info: severity() } }, [
    receiver("team"),
    receiver("boss"),
  ]);
  const a = world.begin("a", CRITICAL);
  return { world, a };
};

it("escalates when a run that began when it was due has failed", () => {
  const { world, a } = worldOf();
  world.ran(a, true);
  expect(world.until(START + 7 * MINUTE + 5_000)).toEqual(["0m team: first notification +a"]);
  expect(world.suppressedOf(a)).toEqual(["boss: its escalation waits for the next run"]);
  world.ran(a, true);
  expect(world.settle()).toEqual([`425s ${ESCALATED}`]);
});

it("escalates a recheck, a deadline and a late wake later where no run ends", () => {
  const { world, a } = worldOf();
  world.ran(a, true);
  expect(world.wait(10 * MINUTE)).toEqual([
    "0m team: first notification +a",
    `505s ${ESCALATED}`,
    "10m team: repeat interval elapsed =a",
  ]);
});

it("does not escalate while the newest run is good, and never if that goes on until the end", () => {
  const { world, a } = worldOf();
  world.until(START + 7 * MINUTE - 5_000);
  world.ran(a, false);
  expect(world.wait(15_000)).toEqual([]);
  expect(world.suppressedOf(a)).toEqual(["boss: its escalation waits for the next run"]);
  world.ran(a, false);
  expect(world.wait(15_000)).toEqual([]);
  world.ran(a, false);
  world.end(a);
  expect(world.wait(60 * MINUTE)).toEqual(["445s team: all alerts resolved -a"]);
});

it("escalates at once when a good run is followed by one that fails", () => {
  const { world, a } = worldOf();
  world.until(START + 7 * MINUTE - 5_000);
  world.ran(a, false);
  world.wait(15_000);
  world.ran(a, true);
  expect(world.settle()).toEqual([`430s ${ESCALATED}`]);
});

it("waits for no more than two rechecks and a late wake after a good run, and for recoveries + 1 rechecks in all", () => {
  const { world, a } = worldOf();
  world.ran(a, true);
  world.until(START + 7 * MINUTE);
  world.ran(a, false);
  expect(world.wait(10 * MINUTE)[0]).toBe(`510s ${ESCALATED}`);
  const always = worldOf();
  always.world.ran(always.a, true);
  always.world.until(START + 7 * MINUTE);
  const notified: string[] = [];
  for (let i = 0; i < 20; i++) {
    always.world.ran(always.a, false);
    notified.push(...always.world.wait(10_000));
  }
  // Four rechecks of 15 s, a deadline of 10 s, and the minute of a late wake.
  expect(notified[0]).toBe(`550s ${ESCALATED}`);
});

it("holds reminders in the same way, and never the first page", () => {
  const { world, a } = worldOf();
  world.ran(a, false);
  expect(world.settle()).toEqual(["0m team: first notification +a"]);
  world.acknowledge(a);
  world.settle();
  world.head.acknowledgements.delete(a);
  world.until(START + 10 * MINUTE - 5_000);
  world.ran(a, false);
  expect(world.wait(15_000)).toEqual([]);
  world.ran(a, true);
  expect(world.settle().filter((words) => words.includes("team"))).toEqual(["610s team: repeat interval elapsed =a"]);
});

it("escalates on time what no run decides", () => {
  const { world } = worldOf();
  expect(world.wait(8 * MINUTE)).toEqual(["0m team: first notification +a", `7m ${ESCALATED}`]);
});

it("ends an acknowledgement with a newer critical alert of the same target, and with no other", () => {
  const { world, a } = worldOf();
  world.settle();
  world.wait(MINUTE);
  world.acknowledge(a);
  expect(world.settle()).toEqual(["1m team: acknowledged =a"]);
  world.begin("b", CRITICAL);
  world.begin("a", { severity: "warning", alertname: "ZakoOther" });
  world.wait(MINUTE);
  expect(world.head.acknowledgements.all.size).toBe(1);
  const second = world.begin("a", { ...CRITICAL, alertname: "ZakoTargetDown" });
  expect(world.settle()).toEqual(["2m team: new alerts added +a =a"]);
  expect(world.head.acknowledgements.all.size).toBe(0);
  expect(world.wait(5 * MINUTE)).toContain(`7m ${ESCALATED}`);
  // Both can be taken on anew, and that is told.
  world.acknowledge(a);
  world.acknowledge(second);
  expect(world.settle().sort()).toEqual(["7m boss: acknowledged =a", "7m team: acknowledged =a =a"]);
});

it("leaves an acknowledgement alone where the newer alert is muted", () => {
  const { world, a } = worldOf();
  world.settle();
  world.acknowledge(a);
  world.silence("a", 60 * MINUTE);
  world.wait(MINUTE);
  world.begin("a", { ...CRITICAL, alertname: "ZakoTargetDown" });
  world.settle();
  expect(world.head.acknowledgements.all.size).toBe(1);
});

it("tells a rise at once, and one end when all of the class is over", () => {
  const { world, a } = worldOf();
  world.settle();
  const warning = world.begin("a", { alertname: "ZakoTargetRegional" });
  world.wait(MINUTE);
  const rise = world.begin("a", { ...CRITICAL, alertname: "ZakoTransportIntegrityFailure" });
  expect(world.settle()).toEqual(["1m team: new alerts added +a =a"]);
  world.end(a);
  expect(world.wait(6 * MINUTE)).toEqual([]);
  world.end(rise);
  expect(world.settle()).toEqual(["7m team: all alerts resolved -a -a"]);
  world.end(warning);
  expect(world.settle()).toEqual(["7m team: all alerts resolved -a"]);
});
