import type { Config } from "../../model/config.ts";
import type { ReplayedAlert } from "./alert-log.ts";
import { notifiedOf } from "./alerts-fired.ts";
import type { Backtest } from "./backtest.ts";
import { differenceOf } from "./difference.ts";
import type { ReportOf } from "./report.ts";

/** A backtest as one JSON text. Times are epoch ms; an alert that is still firing has no `resolvedAt`. */
export function reportJson(of: ReportOf, done: Backtest): string {
  const { file, against, from, to } = of;
  const { firstAt, lastAt, samples, gaps } = done.replayed;
  const shown = (alert: ReplayedAlert, config: Config) => ({ ...alert, notified: notifiedOf(alert, config) });
  return JSON.stringify(
    {
      file,
      against,
      from,
      to,
      replayed: { targets: done.targets, samples, firstAt, lastAt, gaps },
      alerts: done.next.map((one) => ({
        ...shown(one.alert, of.next),
        isNew: one.counterparts.length === 0,
        difference: differenceOf(one),
      })),
      presentAlerts: done.present.map((alert) => shown(alert, of.present)),
      missed: done.missed.map((alert) => shown(alert, of.present)),
      incidents: done.incidents.map(({ incident, cover, by }) => ({
        ...incident,
        cover,
        ...(by === undefined ? {} : { by: { alertname: by.labels["alertname"], firedAt: by.firedAt } }),
      })),
      judged: done.judged.map(({ name }) => name),
      notJudged: done.notJudged,
      changedNotJudged: done.changedNotJudged,
      limits: done.limits,
    },
    null,
    2,
  );
}
