import { expect, test } from "vitest";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { type DeliveryScene, playDelivery, routedTo } from "../monitor/delivery-scene.ts";
import { brokenLaws } from "./laws.ts";
import type { Mode } from "./world.ts";

type Row = [
  mode: Mode | "dies",
  nextTryS: number,
  standsIn: boolean,
  ...notificationLog: [whenOver: string, later: string],
];

const BOTH = "firing resolved";

/**
 * When the second try begins, s after the first; whether `boss` is told within two minutes; and what `team` has heard an
 * hour after the end, where that came while it still behaved so, and where it behaves again two minutes before.
 */
const CASES: Record<string, readonly Row[]> = {
  "critical, the only receiver": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, true, BOTH, BOTH],
    ["silent", 5, true, "resolved", BOTH],
    ["hangs", 15, true, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, true, BOTH, BOTH],
    ["busy", 45, true, BOTH, BOTH],
    ["rejects", 45, true, "", BOTH],
    ["refuses", 45, true, "", BOTH],
  ],
  "critical, one of two": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, true, BOTH, BOTH],
    ["silent", 5, true, "resolved", BOTH],
    ["hangs", 15, true, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, true, BOTH, BOTH],
    ["busy", 45, true, BOTH, BOTH],
    ["rejects", 45, true, "", BOTH],
    ["refuses", 45, true, "", BOTH],
  ],
  "warning, the only receiver": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, false, BOTH, BOTH],
    ["silent", 5, false, "resolved", BOTH],
    ["hangs", 15, false, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, false, BOTH, BOTH],
    ["busy", 45, false, BOTH, BOTH],
    ["rejects", 45, false, "", BOTH],
    ["refuses", 45, false, "", BOTH],
  ],
  "warning, one of two": [
    ["takes", Number.NaN, false, BOTH, BOTH],
    ["lost", 5, false, BOTH, BOTH],
    ["silent", 5, false, "resolved", BOTH],
    ["hangs", 15, false, "resolved", BOTH],
    ["dies", 0, false, BOTH, BOTH],
    ["fails", 5, false, BOTH, BOTH],
    ["busy", 3600, false, BOTH, BOTH],
    ["rejects", 900, false, "", ""],
    ["refuses", 900, false, "", ""],
  ],
};

test.each(Object.entries(CASES))("what becomes of a first try: %s", async (name, rows) => {
  const [severity = "", audience] = name.split(", ");
  const config = audience === "the only receiver" ? routedTo("team") : routedTo("team", "also");
  for (const [mode, nextTryS, standsIn, whenOver, later] of rows) {
    const begin = (scene: DeliveryScene): Alert => {
      if (mode === "dies")
        scene.world.onDeliver = async () => {
          scene.world.onDeliver = undefined;
          scene.world.dieAt = scene.world.points + 1;
        };
      else scene.world.modes.set("team.0", mode);
      return scene.begin({ severity });
    };
    const found: (string | number | boolean)[] = [mode];
    await playDelivery(config, async (scene) => {
      begin(scene);
      await scene.minutes(2);
      const boss = scene.freshVotes("boss").length > 0;
      await scene.minutes(61);
      const [first = Number.NaN, second = Number.NaN] = scene.triesOf("team");
      found.push(second - first, boss);
    });
    for (const mendsFirst of [false, true])
      await playDelivery(config, async (scene) => {
        const one = begin(scene);
        await scene.minutes(2);
        if (mendsFirst) {
          scene.world.modes.clear();
          await scene.minutes(2);
        }
        scene.end(one);
        await scene.minutes(2);
        scene.world.modes.clear();
        await scene.minutes(65);
        expect(brokenLaws(scene.world, true), mode).toEqual([]);
        const { outbox, notificationLog } = scene.world.core.head();
        expect([outbox.all.size, notificationLog.all.size], mode).toEqual([0, 0]);
        found.push(scene.freshVotes("team").join(" "));
      });
    expect(found).toEqual([mode, nextTryS, standsIn, whenOver, later]);
  }
});
