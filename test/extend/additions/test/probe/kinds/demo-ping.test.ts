import { expect, it } from "vitest";
import { describeRule } from "../../evaluate/rules/describe-rule.ts";
import { describeFaults } from "../fault-table/describe-faults.ts";
import { planOf } from "../tasks.ts";

const NOT_SERVING = [
  "health-not-serving",
  "health-not-serving status=SERVICE_UNKNOWN",
  "health-not-serving status=UNKNOWN",
];

describeFaults("demo.ping", {
  like: "health",
  except: Object.fromEntries(NOT_SERVING.map((fault) => [fault, "ok +"])),
});

/** What a run observes whose slowest ping took so long. */
const slowest = (seconds: number) => () => [
  { family: "zako_v1_demo_ping_seconds", labels: { source: "probe" }, value: seconds },
];

describeRule("ZakoDemoPingSlow", {
  observes: { "demo.ping": slowest(0.1) },
  breaks: (fleet) => {
    fleet.observes["demo.ping"] = slowest(3);
  },
});

it("pings twice unless it is told otherwise", () => {
  expect(planOf("demo.ping").options).toEqual({ pings: 2 });
  expect(() => planOf("demo.ping", { pings: 6 })).toThrow();
});
