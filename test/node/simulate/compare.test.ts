import { expect, it } from "vitest";
import { takeLedger } from "../../simulate/ledger.ts";
import { differences, TOLERANCE_MS } from "../../simulate/workerd/compare.ts";
import type { Side } from "../../simulate/workerd/side.ts";
import type { Delivered } from "../../simulate/world/receivers.ts";
import { Truth } from "../../simulate/world/truth.ts";

const MINUTE = 60_000;
const START = Date.UTC(2030, 0, 1, 1);
const END = START + 8 * MINUTE;

/** What a world may do to one outage otherwise than another. */
interface Course {
  foundMs?: number;
  overMs?: number;
  closedMs?: number;
  alertname?: string;
  /** Another warning beside the page. */
  isWarned?: boolean;
  isRecorded?: boolean;
}

/** One outage, as two receivers and the record have it. */
function side(of: Course = {}): Side {
  const {
    foundMs = 20_000,
    overMs = 35_000,
    closedMs = 5_000,
    alertname = "ZakoTargetDown",
    isWarned,
    isRecorded,
  } = of;
  const truth = new Truth();
  truth.outages.push({ target: "web", startAt: START, endAt: END, seenBy: ["cas.negotiate"], cause: "refused" });
  const inbox = ["oncall/webhook", "team/webhook"].flatMap((endpoint) => [
    message(endpoint, START + foundMs, "firing", alertname, "critical"),
    message(endpoint, END + overMs, "resolved", alertname, "critical"),
  ]);
  if (isWarned === true)
    inbox.push(
      message("team/webhook", START + MINUTE, "firing", "ZakoTargetDegraded", "warning"),
      message("team/webhook", END + overMs, "resolved", "ZakoTargetDegraded", "warning"),
    );
  inbox.sort((a, b) => a.at - b.at);
  const record = {
    id: "web",
    target: "web",
    state: "down",
    openedAt: START + foundMs,
    closedAt: END + closedMs,
  } as const;
  const incidents = isRecorded === false ? [] : [{ ...record, causes: [] }];
  const source = { truth, inbox, incidents, targets: [], endAt: END + 60 * MINUTE, lateMs: 0 };
  return { name: "a world", source, ledger: takeLedger(source) };
}

let ids = 0;
function message(
  endpoint: string,
  at: number,
  status: "firing" | "resolved",
  alertname: string,
  severity: string,
): Delivered {
  const labels = { alertname, target: "web", severity };
  const alert = { status, labels, annotations: {}, startsAt: "", endsAt: "", fingerprint: alertname };
  return { endpoint, at, id: `${++ids}`, answered: true, body: { status, groupKey: severity, alerts: [alert] } };
}

it("finds no difference where only the way of messages took another time", () => {
  expect(differences(side(), side({ foundMs: 20_000 - TOLERANCE_MS, overMs: 35_000 + TOLERANCE_MS }))).toEqual([]);
});

const later = TOLERANCE_MS + 1;
it.each<[string, Course, RegExp]>([
  ["a page that comes later", { foundMs: 20_000 + later }, /refused at .*: foundMs/],
  ["an end that comes later", { overMs: 35_000 + later }, /refused at .*: overMs/],
  ["a record that ends later", { closedMs: 5_000 + later }, /refused at .*: closedMs/],
  ["no record", { isRecorded: false }, /recorded incidents: 1 and 0/],
  ["another alert", { alertname: "ZakoProbeDown" }, /only there: .*ZakoProbeDown/],
  ["one warning more", { isWarned: true }, /messages to team\/webhook: 2 and 4/],
])("finds %s", (_, course, found) => {
  expect(differences(side(), side(course)).join("\n")).toMatch(found);
});

it("finds another script", () => {
  const other = side();
  other.source.truth.muted.push({ target: "web", startAt: START, endAt: END, maintenance: false });
  expect(differences(side(), other)).toEqual(["the scripts differ"]);
});
