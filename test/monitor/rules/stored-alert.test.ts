import { expect, it } from "vitest";
import { alertKeyOf, isValidAlert } from "../../../functions/monitor/rules/stored-alert.ts";

const START = Date.UTC(2030, 0, 1);
const PENDING = {
  rule: "Own",
  target: "zako",
  group: { pool: "build" },
  severity: "warning",
  value: 2,
  activeSince: START,
};
const FIRING = { ...PENDING, firingSince: START + 1, fingerprint: "f" };
const KEY = alertKeyOf("Own", "zako", "build");

it.each<[valid: boolean, what: string, value: unknown, key?: string]>([
  [true, "one that is pending", PENDING],
  [true, "one that fires", FIRING],
  [true, "one without a number", { ...PENDING, value: null }],
  [true, "one that is false for a while", { ...FIRING, falseSince: START + 2 }],
  [false, "one that fires and has no name", { ...FIRING, fingerprint: undefined }],
  [false, "one that was sent and does not fire", { ...PENDING, fingerprint: "f" }],
  [false, "one under the name of another rule", { ...FIRING, rule: "Other" }],
  [false, "one under the name of another target", { ...FIRING, target: "zako-2" }],
  [false, "one whose rule only begins so", FIRING, alertKeyOf("Own2", "zako", "build")],
  [false, "one of no severity that is known", { ...FIRING, severity: "bad" }],
  [false, "one that began when no clock can show", { ...FIRING, activeSince: -1 }],
  [false, "none at all", null],
])("%s: %s", (valid, _, value, key = KEY) => expect(isValidAlert(key, value)).toBe(valid));
