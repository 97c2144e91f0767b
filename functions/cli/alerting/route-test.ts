import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Silence as SilenceMessage } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { OWN_ALERTS } from "../../config/notify/possible-alerts.ts";
import { rulesOf } from "../../config/rules/catalogue.ts";
import { suggestion } from "../../config/suggest.ts";
import { alertLabels, variantIndex, variantsOf } from "../../evaluate/rules/make-alert.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import type { Config } from "../../model/config.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import { routeTest } from "../../notify/policy/route-test.ts";
import { type Command, UsageError } from "../command.ts";
import { loadOrComplain } from "../config/read-config.ts";
import { readOptions } from "../read-options.ts";
import { allPages } from "./all-pages.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatRouteTest } from "./format-route-test.ts";
import { readMoment } from "./moment.ts";
import { readLabelsOption } from "./read-labels.ts";

const OPTIONS = {
  ...URL_OPTION,
  at: { type: "string" },
  labels: { type: "string" },
  firing: { type: "string", multiple: true },
  config: { type: "string" },
  local: { type: "boolean" },
  silences: { type: "boolean" },
} as const;

/** Shows which receivers an alert would notify. */
export const routeTestCommand: Command = {
  name: "route test",
  usage:
    "--labels alertname=NAME,target=NAME [--at TIME|+2h] [--firing LABELS]... [--config FILE] [--local] [--silences [--url URL]]",
  summary:
    "Shows which receivers an alert would notify, and why not the others, from the file alone; --silences adds the silences of the installation.",
  run(args, context) {
    const { values, positionals } = readOptions(args, OPTIONS);
    if (positionals.length > 0)
      throw new UsageError(`${JSON.stringify(positionals[0])} is not expected here; give labels with --labels`);
    if (values.labels === undefined)
      throw new UsageError("--labels is missing, such as alertname=ZakoTargetDown,target=cas-eu");
    if (values.url !== undefined && values.silences !== true) throw new UsageError("--url needs --silences");
    const now = Date.now();
    const at = values.at === undefined ? now : readMoment("--at", values.at, now);
    const asked = readLabelsOption("--labels", values.labels);
    const others = (values.firing ?? []).map((text) => readLabelsOption("--firing", text));
    const { env, complain, print } = context;
    const file = values.config ?? (env["WATCH_CONFIG"] || "watch.yaml");
    const loaded = loadOrComplain(file, values.local ?? env["WATCH_LOCAL"] === "1", context);
    if (loaded === undefined) return 1;
    const { config } = loaded;
    for (const line of doubts(asked, config, file)) complain(`warning: ${line}`);
    const { policy, receivers } = config.notify ?? DEFAULT_NOTIFY;
    const labels = asLabelled(asked, config);
    const firing = others.map((one) => asLabelled(one, config));
    const answer = (silences: readonly Silence[]): number => {
      print(
        formatRouteTest(
          labels,
          at,
          routeTest({ policy, receivers, maintenance: config.maintenance ?? [] }, silences, labels, at, firing),
          receivers,
        ),
      );
      return 0;
    };
    if (values.silences !== true) return answer([]);
    return callApi(values.url, context, async ({ silences }) =>
      answer(
        await allPages(
          (page) => silences.listSilences(page),
          (listed) => listed.silences.map(silenceOf),
        ),
      ),
    );
  },
};

/** The labels that an alert of its rule has: the target's own and the rule's severity too. What was said goes before. */
function asLabelled(labels: AlertLabels, config: Config): AlertLabels {
  const ofTarget = config.targets.find(({ name }) => name === labels["target"])?.labels ?? {};
  const rule = rulesOf(config).find(({ name }) => name === labels["alertname"]);
  if (rule === undefined) return { ...ofTarget, ...OWN_ALERTS[labels["alertname"] ?? ""], ...labels };
  const variant = variantsOf(rule)[variantIndex(rule, labels, ofTarget)];
  return { ...alertLabels(rule, variant?.severity ?? rule.severity, labels, ofTarget), ...labels };
}

function doubts(labels: AlertLabels, config: Config, file: string): string[] {
  const unknown = (label: string, known: readonly string[], what: string): string[] => {
    const value = labels[label];
    if (value === undefined || known.includes(value)) return [];
    return [`${file} has no ${what} ${JSON.stringify(value)}${suggestion(value, known.slice(0, 20))}`];
  };
  return [
    ...unknown("alertname", [...rulesOf(config).map(({ name }) => name), ...Object.keys(OWN_ALERTS)], "rule"),
    ...unknown(
      "target",
      config.targets.map(({ name }) => name),
      "target",
    ),
  ];
}

function silenceOf({ matchers, startsAt, endsAt, ...silence }: SilenceMessage): Silence {
  const parsed = parseMatchers(matchers.join(","));
  if (!parsed.ok || startsAt === undefined || endsAt === undefined)
    throw new Error(`Cannot read silence ${silence.id} of the installation.`);
  const { id, author, reason, maintenance } = silence;
  const times = { startsAt: timestampMs(startsAt), endsAt: timestampMs(endsAt) };
  return { id, matchers: parsed.matchers, ...times, author, reason, maintenance };
}
