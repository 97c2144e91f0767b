import { alertmanager } from "./stories/alertmanager.ts";
import { alerts } from "./stories/alerts.ts";
import { bothSides } from "./stories/both-sides.ts";
import { breakAndMend } from "./stories/break-and-mend.ts";
import { crowded } from "./stories/crowded.ts";
import { dashboards } from "./stories/dashboards.ts";
import { deploy } from "./stories/deploy.ts";
import { documentedCommands } from "./stories/documented-commands.ts";
import { extend } from "./stories/extend.ts";
import { firstMinutes } from "./stories/first-minutes.ts";
import { freshClone } from "./stories/fresh-clone.ts";
import { fuzz } from "./stories/fuzz.ts";
import { guide } from "./stories/guide.ts";
import { httpSd } from "./stories/http-sd.ts";
import { idle } from "./stories/idle.ts";
import { kill } from "./stories/kill.ts";
import { leaveNothing } from "./stories/leave-nothing.ts";
import { oneServer } from "./stories/one-server.ts";
import { pages } from "./stories/pages.ts";
import { prometheus } from "./stories/prometheus.ts";
import { push } from "./stories/push.ts";
import { reach } from "./stories/reach.ts";
import { reconfigure } from "./stories/reconfigure.ts";
import { restartAlerts } from "./stories/restart-alerts.ts";
import { rules } from "./stories/rules.ts";
import { simulate } from "./stories/simulate.ts";
import { slo } from "./stories/slo.ts";
import { tenFaults, tenFaultsLong } from "./stories/ten-faults.ts";
import { threeKills } from "./stories/three-kills.ts";
import { twoWorlds } from "./stories/two-worlds.ts";
import type { Story } from "./story.ts";

/** All stories, the longest first, so that they end at about the same time. */
export const stories: readonly Story[] = [
  tenFaults,
  threeKills,
  oneServer,
  crowded,
  fuzz,
  breakAndMend,
  alerts,
  extend,
  restartAlerts,
  bothSides,
  kill,
  reconfigure,
  freshClone,
  deploy,
  httpSd,
  prometheus,
  dashboards,
  slo,
  rules,
  push,
  reach,
  guide,
  alertmanager,
  leaveNothing,
  idle,
  documentedCommands,
  simulate,
  twoWorlds,
  firstMinutes,
  pages,
  tenFaultsLong,
];
