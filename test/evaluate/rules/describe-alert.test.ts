import { expect, test } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { describeAlert, evidenceAnnotations } from "../../../functions/evaluate/rules/describe-alert.ts";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";

const EVIDENCE: Evidence = {
  cause: "transport.download",
  runs: { failed: 2, outOf: 3, confirmed: true },
  steps: [{ probe: "transport.download", step: "download", reason: "corrupt" }],
  vantages: ["local"],
  outOf: 1,
};
const THREE: Evidence = { ...EVIDENCE, vantages: ["weur", "enam", "apac"], outOf: 3 };
const LABELS = { target: "zako-web" };

const describe = (name: string, evidence: Evidence | undefined) =>
  describeAlert(
    CATALOGUE.find((rule) => rule.name === name) as Rule,
    name === "ZakoProbeDown" ? { ...LABELS, probe: "transport.download" } : LABELS,
    1,
    evidence,
  );

test.each<[string, Evidence | undefined, string, string]>([
  [
    "ZakoTargetDown",
    EVIDENCE,
    "Target is down",
    "zako-web is down: transport.download fails with corrupt data (2 of 3 runs, confirmed).",
  ],
  [
    "ZakoTargetDown",
    THREE,
    "Target is down",
    "zako-web is down: transport.download fails with corrupt data from 3 of 3 vantages (weur, enam, apac).",
  ],
  ["ZakoTargetDown", undefined, "Target is down", "zako-web is down."],
  [
    "ZakoProbeDown",
    EVIDENCE,
    "transport.download is down",
    "transport.download of zako-web is down: it fails with corrupt data (2 of 3 runs, confirmed).",
  ],
  [
    "ZakoTargetRegional",
    { ...THREE, vantages: ["weur"] },
    "Target fails from some regions (weur)",
    "zako-web fails from some regions and works from the others: transport.download fails with corrupt data from 1 of 3 vantages (weur).",
  ],
])("%s with %j reads as it should", (name, evidence, summary, description) => {
  expect(describe(name, evidence)).toEqual({ summary, description });
});

test.each([
  ["http_status", 500, "HTTP 500"],
  ["edge", 521, "an error of the network edge (HTTP 521)"],
  ["timeout", 504, "a timeout (HTTP 504)"],
] as const)("%s with an HTTP status is told with it", (reason, httpStatus, phrase) => {
  const steps = [{ probe: "health", reason, httpStatus }];
  const { description } = describe("ZakoTargetDown", { ...EVIDENCE, cause: "health", steps });
  expect(description).toBe(`zako-web is down: health fails with ${phrase} (2 of 3 runs, confirmed).`);
});

test("annotations name one reason, or all steps where they differ, and never the server's own words", () => {
  expect(evidenceAnnotations({ ...THREE, lastSuccessAt: 0 })).toEqual({
    reason: "corrupt",
    vantages: "weur, enam, apac (3 of 3)",
    last_success: "1970-01-01T00:00:00.000Z",
  });
  const steps = [
    { probe: "transport.negative", step: "wrong_content", reason: "accepted_bad_upload" as const, said: "secret" },
    { probe: "transport.negative", step: "bad_token", reason: "accepted_bad_token" as const },
  ];
  const { reason } = evidenceAnnotations({ ...EVIDENCE, steps });
  expect(reason).toMatch(/^transport.negative wrong_content: .*accepted_bad_upload.*bad_token: .*accepted_bad_token/);
  expect(JSON.stringify(evidenceAnnotations({ ...EVIDENCE, steps }))).not.toContain("secret");
});
