import { afterEach, beforeEach, vi } from "vitest";
import { ack } from "../../../functions/cli/alerting/ack.ts";
import { alertsDrill } from "../../../functions/cli/alerting/alerts-drill.ts";
import { alertsExport } from "../../../functions/cli/alerting/alerts-export.ts";
import { alertsImport } from "../../../functions/cli/alerting/alerts-import.ts";
import { alertsList } from "../../../functions/cli/alerting/alerts-list.ts";
import { deadLetters } from "../../../functions/cli/alerting/dead-letters.ts";
import { incidents } from "../../../functions/cli/alerting/incidents.ts";
import { routeTestCommand } from "../../../functions/cli/alerting/route-test.ts";
import { silenceAdd } from "../../../functions/cli/alerting/silence-add.ts";
import { silenceExpire } from "../../../functions/cli/alerting/silence-expire.ts";
import { silenceList } from "../../../functions/cli/alerting/silence-list.ts";
import { uptime } from "../../../functions/cli/alerting/uptime.ts";
import { dispatch } from "../../../functions/cli/dispatch.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { type ApiServer, startApi } from "./api-server.ts";

export const COMMANDS = [
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
export const TOKEN = "token-of-the-cli-tests";
export const NOW = Date.UTC(2026, 10, 22, 3);
export const MINUTE = 60_000;
export const endpoint = { channel: "slack", options: {}, sendResolved: true };
export const notified = {
  ...DEFAULT_NOTIFY,
  receivers: [{ name: "default", endpoints: [endpoint] }],
  planned: { windows: [], targets: [] },
};

export let api: ApiServer;

/** Runs the API of a MemoryAlerting around each test of a file. */
export function useApi(): void {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    api = await startApi(TOKEN, notified);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await api.close();
  });
}

/** Runs a command line, its words as they stand. Answers with all that a person would see. */
export async function run(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(words, COMMANDS, {
    kinds: PROBE_KINDS,
    env: { ADMIN_TOKEN: TOKEN, ZAKO_WATCH_URL: api.url, USER: "ada", ...env },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  const plain = (lines: string[]): string => lines.join("\n").replaceAll(api.url, "URL");
  return { code, out: plain(out), err: plain(err) };
}

export const DOWN = { alertname: "ZakoTargetDown", severity: "critical", target: "cas-eu", pager: "edge" };

export const goDown = () =>
  api.alerting.fire(DOWN, {
    startsAt: NOW - 5 * MINUTE,
    annotations: {
      summary: "A Zako target is down.",
      description: "A probe\u001b[31m fails.",
      vantages: "weur (1 of 2)",
    },
    notified: ["team"],
    suppressed: [{ receiver: "boss", why: "escalates if still firing", until: NOW + 10 * MINUTE }],
  });
