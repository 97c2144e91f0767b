import { PROBE_KINDS } from "../probe/kinds/registry.ts";
import { ack } from "./alerting/ack.ts";
import { alertsDrill } from "./alerting/alerts-drill.ts";
import { alertsExport } from "./alerting/alerts-export.ts";
import { alertsImport } from "./alerting/alerts-import.ts";
import { alertsList } from "./alerting/alerts-list.ts";
import { deadLetters } from "./alerting/dead-letters.ts";
import { incidents } from "./alerting/incidents.ts";
import { routeTestCommand } from "./alerting/route-test.ts";
import { silenceAdd } from "./alerting/silence-add.ts";
import { silenceExpire } from "./alerting/silence-expire.ts";
import { silenceList } from "./alerting/silence-list.ts";
import { uptime } from "./alerting/uptime.ts";
import { configCheck } from "./config/config-check.ts";
import { configCost } from "./config/config-cost.ts";
import { configDocs } from "./config/config-docs.ts";
import { configExample } from "./config/config-example.ts";
import { configExplain } from "./config/config-explain.ts";
import { configPush } from "./config/config-push.ts";
import { configSchema } from "./config/config-schema.ts";
import { deploy } from "./deploy/deploy.ts";
import { dispatch } from "./dispatch.ts";
import { grafana } from "./grafana/grafana.ts";
import { prometheusConfig } from "./prometheus/prometheus-config.ts";
import { rules } from "./rules/rules.ts";
import { rulesBacktest } from "./rules/rules-backtest.ts";

const COMMANDS = [
  configCheck,
  configCost,
  configExplain,
  configPush,
  configSchema,
  configDocs,
  configExample,
  deploy,
  rulesBacktest,
  rules,
  grafana,
  prometheusConfig,
  alertsList,
  alertsDrill,
  alertsExport,
  alertsImport,
  ack,
  silenceAdd,
  silenceList,
  silenceExpire,
  incidents,
  uptime,
  deadLetters,
  routeTestCommand,
];

process.exitCode = await dispatch(process.argv.slice(2), COMMANDS, {
  kinds: PROBE_KINDS,
  env: process.env,
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
});
