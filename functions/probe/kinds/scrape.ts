import * as z from "zod";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { credentialKeys, fetcherName, secretHeadersOf } from "../rpc/secret-header.ts";
import { ExpositionReader } from "../scrape/exposition-reader.ts";
import { oddAnswer, START_BYTES } from "../scrape/odd-answer.ts";
import { type Collected, ScrapeCollector } from "../scrape/scrape-collector.ts";
import { SCRAPE_FAMILIES as F, REPORTED_FAMILIES } from "../scrape/scrape-families.ts";
import type { DropReason } from "../scrape/scrape-series.ts";
import { failed, OK, wrong } from "../step-result.ts";

const MIB = 2 ** 20;
const ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const OPEN_METRICS = "application/openmetrics-text";
/** Samples whose newest timestamp is older than this are stale. */
const STALE_MS = 300_000;

const Options = z.strictObject({
  url: z.string().max(2_048).optional().meta({
    description:
      "URL of the target's Prometheus endpoint, served by one process: https, a public DNS name. Default: `/metrics` of the CAS.",
    example: "https://cas.eu.example/metrics",
  }),
  via: fetcherName.optional().meta({
    description:
      "Name of the binding in wrangler.toml that leads to this endpoint. Default: the target's own if the URL is on the CAS's origin, otherwise none.",
    example: "ZAKO_VPC",
  }),
  ...credentialKeys(
    "with a scrape. Without `auth`, `headers` and `basic_auth` it sends the target's own if the URL is on the CAS's origin",
  ),
  max_bytes: z
    .int()
    .min(1_024)
    .max(4 * MIB)
    .default(MIB)
    .meta({ description: "Largest answer that is read, in decompressed bytes; a larger one is a failure." }),
  max_series: z.int().min(1).max(1_000).default(500).meta({
    description: "Largest number of series that are collected; further ones are dropped, and the probe is degraded.",
  }),
});
type Options = z.output<typeof Options>;

export const scrape: ProbeKind<Options> = {
  kind: "scrape",
  doc: "Scrapes the target's own Prometheus endpoint, and exposes its known and configured families.",
  tier: "outside",
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: false, intervalMs: MINUTE_MS, timeoutMs: 10_000, critical: false },
  options: Options,
  outside({ url, via, ...credentials }, casUrl) {
    const headers = secretHeadersOf(credentials);
    return {
      url: url ?? `${casUrl}/metrics`,
      ...(via === undefined ? {} : { via }),
      ...(headers === undefined ? {} : { headers }),
    };
  },
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["get", "read", "fresh", "fits"],
  minorSteps: ["fits"],
  families: [...REPORTED_FAMILIES, ...Object.values(F)],
  initial: () => [],

  async run(run) {
    const { max_series: maxSeries } = run.options;
    const collector = new ScrapeCollector(run.imports, (value) => run.cleanLabel(value));
    const reader = new ExpositionReader(collector);
    let contentType = "";
    let start = new Uint8Array();
    const got = await run.step("get", async () => {
      const answer = await run.get({
        accept: ACCEPT,
        maxBytes: run.options.max_bytes,
        take: (piece) => {
          if (start.length < START_BYTES) start = new Uint8Array([...start, ...piece.subarray(0, START_BYTES)]);
          reader.take(piece);
        },
      });
      if (!answer.ok) return failed(answer.failure);
      contentType = answer.contentType;
      run.observe(F.bytes, answer.bytes);
      return OK;
    });
    if (got !== "ok") return undefined;
    const collected = collector.finish(reader.types, maxSeries);
    collector.drop("malformed", reader.lines.malformed);
    collector.drop("long_line", reader.lines.long);
    report(run, reader, collected);
    const isOpenMetrics = contentType === OPEN_METRICS;
    const odd = oddAnswer(start, contentType);
    const judge = async (): Promise<StepResult> =>
      odd === undefined ? judgeText(reader, collected, isOpenMetrics) : wrong("protocol", odd.message, odd.hint);
    if ((await run.step("read", judge)) !== "ok") return undefined;
    const stampedMs = collected.newest === undefined ? undefined : collected.newest * (isOpenMetrics ? 1000 : 1);
    if ((await run.step("fresh", async () => judgeAge(stampedMs, run.now()))) !== "ok") return undefined;
    run.tell(collected.metrics);
    await run.step("fits", async () => judgeSize(collected, maxSeries));
    return undefined;
  },
};

function report(run: Run<Options>, reader: ExpositionReader, { metrics, dropped }: Collected): void {
  run.observe(F.unwanted, reader.lines.unwanted);
  run.observe(F.series, metrics.length);
  for (const [reason, times] of dropped) run.observe(F.dropped, times, { reason });
}

/** An incomplete body is rejected as a whole: a number that lost its last digits would look like a restart. */
function judgeText(reader: ExpositionReader, { metrics, dropped }: Collected, isOpenMetrics: boolean): StepResult {
  const { taken, unwanted, malformed, long } = reader.lines;
  if (!reader.isWhole(isOpenMetrics))
    return failed(
      failure("truncated", true, {
        message: isOpenMetrics
          ? "the answer does not end with # EOF"
          : "the last line of the answer has no line end, so it may be incomplete",
        hint: isOpenMetrics
          ? "the server, or a proxy before it, cut the answer short"
          : "end the last line with a line feed, unless the answer was cut short",
      }),
    );
  if (metrics.length > 0) return OK;
  if (taken > 0) return judgeUnusable(dropped);
  if (unwanted === 0 && malformed + long > 0)
    return wrong(
      "protocol",
      "the answer is not in a Prometheus format",
      "check the key `url`: a proxy or a web page may have answered",
    );
  return wrong(
    "invalid_answer",
    "the answer contains none of the known or configured families",
    "name the target's families under `families`, or disable this probe",
  );
}

/** Known families are there, and none of them can be used. */
function judgeUnusable(dropped: Collected["dropped"]): StepResult {
  const counts = [...dropped].filter(([reason]) => UNUSABLE[reason] !== undefined);
  const why = counts.map(([reason, times]) => `${times} ${UNUSABLE[reason]}`).join(", ");
  const hint = counts.some(([reason]) => reason === "value")
    ? "the target may not have measured anything yet: NaN says so"
    : "compare the target's types and labels with the families in metrics.md";
  const message = "the answer contains known families, but none of their series can be used";
  return wrong("invalid_answer", why === "" ? message : `${message}: ${why}`, hint);
}

const UNUSABLE: Readonly<Partial<Record<DropReason, string>>> = {
  type: "of another type",
  labels: "that only labels which are not kept tell apart",
  label_value: "with a label value that is too long",
  value: "without a usable value (NaN, infinite or negative)",
  buckets: "with buckets that do not rise or have no +Inf",
  duplicate: "that are there twice",
};

function judgeAge(stampedMs: number | undefined, now: number): StepResult {
  if (stampedMs === undefined || now - stampedMs <= STALE_MS) return OK;
  return wrong("stale", `the newest sample is ${Math.floor((now - stampedMs) / 1000)} s old`);
}

function judgeSize({ dropped }: Collected, maxSeries: number): StepResult {
  const left = dropped.get("series") ?? 0;
  if (left === 0) return OK;
  return wrong(
    "oversize",
    `more than ${maxSeries} series: ${left} dropped`,
    "raise `max_series`, or expose fewer series",
  );
}
