import { expect, it } from "vitest";
import { countHolds, endAcknowledgements } from "../../functions/alerter/apply-holds.ts";
import type { KnownAlert } from "../../functions/model/alerting/alerter-state.ts";
import type { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";

const NOW = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

/** As much of a head as alerts need. */
function headOf(alerts: Record<string, Partial<KnownAlert>>) {
  const all = new Map(Object.entries(alerts).map(([name, alert]) => [name, { ...alert, name } as never as KnownAlert]));
  let writes = 0;
  const putAlert = (alert: KnownAlert & { name?: string }): void => {
    writes++;
    all.set(alert.name ?? "", alert);
  };
  return {
    head: { alerts: { all }, putAlert } as unknown as AlerterHead,
    of: (name: string) => all.get(name),
    writes: () => writes,
  };
}

it("counts how long an alert has waited to recover, over all its waits, and writes only when one begins or ends", () => {
  const { head, of, writes } = headOf({ a: {}, b: {} });
  const waits = (names: string[], at: number): void => countHolds(head, { recovering: new Set(names) }, at);
  waits(["a"], NOW);
  expect(of("a")).toMatchObject({ waitingSince: NOW });
  waits(["a"], NOW + MINUTE);
  expect(of("a")).toMatchObject({ waitingSince: NOW });
  waits([], NOW + 2 * MINUTE);
  expect(of("a")).toMatchObject({ waitedMs: 2 * MINUTE });
  expect(of("a")).not.toHaveProperty("waitingSince");
  waits(["a", "b"], NOW + 5 * MINUTE);
  waits(["b"], NOW + 6 * MINUTE);
  expect(of("a")).toMatchObject({ waitedMs: 3 * MINUTE });
  expect(of("b")).toEqual({ name: "b", waitingSince: NOW + 5 * MINUTE });
  expect(writes()).toBe(5);
});

it("an acknowledgement that a newer alert has ended holds nobody back any more", () => {
  const deleted: string[] = [];
  const log = new Map([
    ["1", { endpointKey: "team.0", alertKey: "a", acknowledged: true }],
    ["2", { endpointKey: "team.0", alertKey: "b", acknowledged: true }],
    ["3", { endpointKey: "oncall.0", alertKey: "a", acknowledged: false }],
  ]);
  const set: unknown[] = [];
  const head = {
    acknowledgements: { delete: (key: string) => deleted.push(key) },
    notificationLog: { all: log, set: (_key: string, entry: unknown) => set.push(entry) },
  } as unknown as AlerterHead;
  endAcknowledgements(head, { unacknowledged: ["a"] });
  expect(deleted).toEqual(["a"]);
  expect(set).toEqual([{ endpointKey: "team.0", alertKey: "a", acknowledged: false }]);
});
