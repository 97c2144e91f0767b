import { describe, expect, it } from "vitest";
import type { ListedSilence } from "../../../functions/expose/api/alerting-port.ts";
import { targetUptime } from "../../../functions/expose/api/target-uptime.ts";
import type { Incident } from "../../../functions/model/alerting/incident.ts";
import type { Maintenance } from "../../../functions/model/alerting/maintenance.ts";
import type { Matcher } from "../../../functions/model/alerting/matcher.ts";

const UPTIME_MS = 30 * 86_400_000;

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22);
const DAY_AGO = NOW - 24 * HOUR;

const incident = (state: Incident["state"], target: string, fromHour: number, hours?: number): Incident => ({
  id: `${target}${state}${fromHour}`,
  target,
  state,
  openedAt: DAY_AGO + fromHour * HOUR,
  ...(hours === undefined ? {} : { closedAt: DAY_AGO + (fromHour + hours) * HOUR }),
  causes: [],
});

const planned = (matchers: readonly Matcher[], fromHour: number, hours: number, maintenance = true): ListedSilence => ({
  id: "s",
  matchers,
  startsAt: DAY_AGO + fromHour * HOUR,
  endsAt: DAY_AGO + (fromHour + hours) * HOUR,
  author: "ada",
  reason: "disks",
  maintenance,
  state: "expired",
});

const eu: Matcher = { name: "target", op: "=", value: "cas-eu" };
const uptime = (incidents: Incident[], silences: ListedSilence[], since = DAY_AGO, windows: Maintenance[] = []) => {
  const planned = { windows, targets: [{ name: "cas-eu", labels: { team: "build" } }] };
  return targetUptime("cas-eu", since, { incidents, silences, planned, now: NOW });
};

describe("the uptime of a target", () => {
  it("counts its own incidents, those that go on as well", () => {
    const all = [incident("down", "cas-eu", 0, 1), incident("down", "cas-us", 2, 10), incident("down", "cas-eu", 23)];
    expect(uptime(all, [])).toEqual({ ratio: 1 - 2 / 24, downMs: 2 * HOUR, countedMs: 24 * HOUR });
  });

  it("leaves out planned work that names it, and no other silence", () => {
    const down = [incident("down", "cas-eu", 4, 4)];
    expect(uptime(down, [planned([eu], 4, 4)])).toMatchObject({ ratio: 1, countedMs: 20 * HOUR });
    expect(uptime(down, [planned([eu], 4, 4, false)])).toMatchObject({ downMs: 4 * HOUR });
    const us: Matcher = { name: "target", op: "=", value: "cas-us" };
    const any: Matcher = { name: "severity", op: "=", value: "critical" };
    expect(uptime(down, [planned([us], 4, 4), planned([any], 4, 4)])).toMatchObject({ downMs: 4 * HOUR });
  });

  it("leaves out recurring maintenance of it, by its name or own labels", () => {
    const down = [incident("down", "cas-eu", 4, 4)];
    const window = (matcher: Matcher): Maintenance => ({
      name: "disks",
      matchers: [matcher],
      interval: { name: "disks", spans: [{ times: [{ from: 5 * 60, to: 9 * 60 }], location: "UTC" }] },
    });
    const build: Matcher = { name: "team", op: "=", value: "build" };
    for (const matcher of [eu, build])
      expect(uptime(down, [], DAY_AGO, [window(matcher)])).toEqual({
        ratio: 1 - 1 / 20,
        downMs: HOUR,
        countedMs: 20 * HOUR,
      });
    const us: Matcher = { name: "target", op: "=", value: "cas-us" };
    expect(uptime(down, [], DAY_AGO, [window(us)])).toMatchObject({ downMs: 4 * HOUR });
  });

  it("does not use matchers that the Alerter could not use", () => {
    const broken: Matcher = { name: "target", op: "=~", value: "(" };
    const ended = { ...planned([broken], 4, 4), expiredReason: "Cannot use it." };
    expect(uptime([incident("down", "cas-eu", 4, 4)], [ended])).toMatchObject({ downMs: 4 * HOUR });
  });

  it("leaves out times in which nothing was known, but for those in which it was down", () => {
    const all = [incident("unknown", "cas-eu", 0, 4), incident("down", "cas-eu", 2, 4)];
    expect(uptime(all, [])).toEqual({ ratio: 1 - 4 / 22, downMs: 4 * HOUR, countedMs: 22 * HOUR });
  });

  it("looks back 30 days at most, and no further than it is watched", () => {
    expect(uptime([], [], 0)).toEqual({ ratio: 1, downMs: 0, countedMs: UPTIME_MS });
    expect(uptime([], [], NOW)).toEqual({ ratio: undefined, downMs: 0, countedMs: 0 });
  });
});
