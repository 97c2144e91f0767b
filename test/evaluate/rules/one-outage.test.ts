import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Alert, Intake, IntakeAnswer, JoinAnswer } from "../../../functions/model/alerting/alert.ts";
import type { Reason } from "../../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { AlerterPort } from "../../../functions/monitor/alerts/alert-sender.ts";
import { START } from "../../monitor/world.ts";
import { type Fate, Fleet, MINUTE } from "./fleet.ts";

/** Warnings that may begin after the mend: they look back at all that was. */
const MAY_COME_LATER = /BurnSlow|Latency/;

interface Fault {
  hits: (task: ProbeTask) => boolean;
  fate: Exclude<Fate, "silent" | undefined>;
  /** Rules of which at least these fire while it lasts. */
  tells: readonly string[];
  /** Minutes until three good runs have ended its incident, where that takes longer than two hours. */
  settles?: number;
}

const of =
  (kind: string) =>
  ({ plan }: ProbeTask): boolean =>
    plan.kind === kind;
const failed = (reason: Reason, more: object = {}): Fault["fate"] => ({ outcome: "failed", reason, ...more });

const FAULTS: Readonly<Record<string, Fault>> = {
  "nothing can be reached": { hits: () => true, fate: failed("connect"), tells: ["ZakoTargetDown"] },
  "an HTTP error of the health service": { hits: of("health"), fate: failed("http_status"), tells: ["ZakoTargetDown"] },
  "corrupt downloads": {
    hits: of("transport.download"),
    fate: failed("corrupt", { broke: true }),
    tells: ["ZakoTargetDown", "ZakoTransportIntegrityFailure"],
  },
  "downloads that break off": {
    hits: of("transport.download"),
    fate: failed("truncated", { broke: true }),
    tells: ["ZakoTargetDown"],
  },
  "uploads that time out": { hits: of("transport.upload"), fate: failed("timeout"), tells: ["ZakoTargetDown"] },
  "uploads refused as already_exists": {
    hits: of("transport.upload"),
    fate: failed("rpc_already_exists", { step: "upload" }),
    tells: ["ZakoTargetDown", "ZakoTransportAlreadyExistsOnFresh"],
  },
  "stored blobs reported missing": {
    hits: of("cas.negotiate"),
    fate: failed("missing_but_present", { broke: true }),
    tells: ["ZakoTargetDown"],
  },
  "an unexpected address": { hits: of("cas.details"), fate: failed("address_drift"), tells: ["ZakoTargetDown"] },
  "a bad upload that is accepted": {
    hits: of("transport.negative"),
    fate: failed("accepted_bad_upload", { step: "wrong_content" }),
    tells: ["ZakoTransportBadRequestAccepted"],
    settles: 200,
  },
  "one vantage that cannot download": {
    hits: ({ plan, vantage }) => plan.kind === "transport.download" && vantage === "enam",
    fate: failed("timeout"),
    tells: [],
  },
};

/** An Alerter that keeps every text that it was sent. */
class Reader implements AlerterPort {
  readonly alerts = new Map<string, Alert>();
  async join(): Promise<JoinAnswer> {
    return { ok: true, generation: 1, sequence: 0, alerts: [] };
  }
  async intake({ firing, resolved }: Intake): Promise<IntakeAnswer> {
    for (const alert of firing)
      this.alerts.set(`${alert.fingerprint} ${alert.startsAt} ${alert.annotations["description"]}`, alert);
    return { ok: true, acknowledged: resolved };
  }
}

interface Outcome {
  during: string[];
  after: string[];
  alerts: Alert[];
  /** Rules that still fire three hours after the mend. */
  left: string[];
}

/** Lives one fault that lasts so long from the first slot that it hits. */
async function live(fault: Fault, durationMs: number, vantages: readonly string[]): Promise<Outcome> {
  return runInDurableObject(env.MONITOR.getByName("one-outage"), async (_instance, { storage }) => {
    const reader = new Reader();
    const sources = { diagnostics: false, scrape: false };
    const fleet = new Fleet(storage, sources, { vantages, more: ["transport.negative"] }, reader);
    await fleet.ticks(75);
    let begunAt: number | undefined;
    fleet.fate = (task) => {
      if (!fault.hits(task)) return undefined;
      begunAt ??= task.slot;
      return task.slot - begunAt < durationMs ? fault.fate : undefined;
    };
    await fleet.ticks(75 + Math.ceil(durationMs / MINUTE));
    await fleet.ticks(fault.settles ?? 120);
    const mended = ((begunAt ?? 0) + durationMs - START) / MINUTE;
    const notified = fleet.changes.filter(({ change }) => change === "firing");
    const open = new Map<string, number>();
    for (const { alert, change } of fleet.changes) {
      if (change === "firing") open.set(alert, (open.get(alert) ?? 0) + 1);
      if (change === "resolved") open.set(alert, (open.get(alert) ?? 0) - 1);
    }
    return {
      during: notified.filter(({ minute }) => minute < mended).map(({ alert }) => alert),
      after: notified.filter(({ minute }) => minute >= mended).map(({ alert }) => alert),
      alerts: [...reader.alerts.values()],
      left: [...open].filter(([, count]) => count > 0).map(([alert]) => alert),
    };
  });
}

const shares = ({ annotations }: Alert): number[] =>
  [...(annotations["description"] ?? "").matchAll(/([0-9.]+)%/g)].map(([, share]) => Number(share));

describe.each([
  ["of 27 s", 27_000],
  ["of 5 min", 5 * MINUTE],
])("an outage %s", (_name, durationMs) => {
  test.each(
    Object.keys(FAULTS).flatMap((name) => [[name, ["local"]] as const, [name, ["weur", "enam", "apac"]] as const]),
  )("is notified while it lasts, and no more is notified after it: %s, from %j", async (name, vantages) => {
    const fault = FAULTS[name] as Fault;
    const { during, after, alerts, left } = await live(fault, durationMs, vantages);
    for (const rule of fault.tells) expect(during, "while it lasts").toContain(rule);
    expect(
      after.filter((rule) => !MAY_COME_LATER.test(rule)),
      "after it",
    ).toEqual([]);
    expect(
      left.filter((rule) => !MAY_COME_LATER.test(rule)),
      "hours after it",
    ).toEqual([]);
    expect(Math.max(0, ...alerts.flatMap(shares)), "a share").toBeLessThanOrEqual(100);
  });
});

test("an address that drifts is notified as that, not as calls that fail", async () => {
  const { during } = await live(FAULTS["an unexpected address"] as Fault, 30 * MINUTE, ["local"]);
  expect(during).not.toContain("ZakoCasTransportDetailsErrors");
});

test("wrong bytes are not notified as downloads that break off", async () => {
  const { during } = await live(FAULTS["corrupt downloads"] as Fault, 30 * MINUTE, ["local"]);
  expect(during).not.toContain("ZakoTransportChunkErrors");
});

test("what a probe that is not critical finds burns no budget, and is critical nowhere", async () => {
  const { during, alerts } = await live(FAULTS["a bad upload that is accepted"] as Fault, 12 * 60 * MINUTE, ["local"]);
  expect(during).not.toContain("ZakoErrorBudgetBurnFast");
  expect(alerts.filter(({ labels }) => labels["severity"] === "critical")).toEqual([]);
});

test.each([["local"], ["weur,enam,apac"]])(
  "a probe that fails one run in four is notified, from %s",
  async (vantages) => {
    const random = {
      hits: ({ plan, slot, attempt }: ProbeTask) =>
        attempt === 0 && plan.kind === "transport.download" && (slot / MINUTE) % 4 === 0,
      fate: failed("timeout"),
      tells: [],
    };
    const { during } = await live(random, 60 * MINUTE, vantages.split(","));
    expect(during).toContain("ZakoTransportDownloadFailures");
  },
);
