import * as z from "zod";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { secretHeader } from "../rpc/secret-header.ts";
import { ExpositionReader } from "../scrape/exposition-reader.ts";
import { type Collected, ScrapeCollector } from "../scrape/scrape-collector.ts";
import { SCRAPE_FAMILIES as F, REPORTED_FAMILIES } from "../scrape/scrape-families.ts";
import { failed, OK, wrong } from "../step-result.ts";

const MIB = 2 ** 20;
const ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const OPEN_METRICS = "application/openmetrics-text";
/** Samples whose newest timestamp is older than this are leftovers. */
const STALE_MS = 300_000;

const Options = z.strictObject({
  url: z.string().max(2_048).optional().meta({
    description:
      "URL of the target's Prometheus endpoint, of one process: https, a public DNS name. None: `/metrics` of the CAS.",
    example: "https://cas.eu.example/metrics",
  }),
  auth: secretHeader.optional().meta({
    description: "Secret sent with a scrape. None: that of the target where the URL is of the CAS's origin, else none.",
  }),
  max_bytes: z
    .int()
    .min(1_024)
    .max(4 * MIB)
    .default(MIB)
    .meta({ description: "The largest answer that is read, in bytes, decompressed; a larger one is a failure." }),
  max_series: z.int().min(1).max(1_000).default(500).meta({
    description: "The most series that are taken over; more degrade the probe, and those above are left out.",
  }),
});
type Options = z.output<typeof Options>;

export const scrape: ProbeKind<Options> = {
  kind: "scrape",
  doc: "Reads the target's own Prometheus endpoint, and shows what it tells of the families that are known or configured.",
  tier: "outside",
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: false, intervalMs: 60_000, timeoutMs: 10_000, critical: false },
  options: Options,
  outside: ({ url, auth }, casUrl) => ({
    url: url ?? `${casUrl}/metrics`,
    ...(auth === undefined ? {} : { auth: { header: auth.header, secret: auth.secret, ...schemeOf(auth) } }),
  }),
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["get", "read", "fresh", "fits"],
  minorSteps: ["fits"],
  families: [...REPORTED_FAMILIES, ...Object.values(F)],
  initial: () => [],

  async run(run) {
    const { max_series: maxSeries } = run.options;
    const collector = new ScrapeCollector(run.imports);
    const reader = new ExpositionReader(collector);
    let contentType = "";
    const got = await run.step("get", async () => {
      const answer = await run.get({
        accept: ACCEPT,
        maxBytes: run.options.max_bytes,
        take: (piece) => reader.take(piece),
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
    if ((await run.step("read", async () => judgeText(reader, collected, isOpenMetrics))) !== "ok") return undefined;
    const stampedMs = collected.newest === undefined ? undefined : collected.newest * (isOpenMetrics ? 1000 : 1);
    if ((await run.step("fresh", async () => judgeAge(stampedMs, run.now()))) !== "ok") return undefined;
    run.tell(collected.metrics);
    await run.step("fits", async () => judgeSize(collected, maxSeries));
    return undefined;
  },
};

const schemeOf = ({ scheme }: { scheme?: string | undefined }): { scheme?: string } =>
  scheme === undefined ? {} : { scheme };

function report(run: Run<Options>, reader: ExpositionReader, { metrics, dropped }: Collected): void {
  run.observe(F.unwanted, reader.lines.unwanted);
  run.observe(F.series, metrics.length);
  for (const [reason, times] of dropped) run.observe(F.dropped, times, { reason });
}

/** A body that was cut off, or is no exposition, tells nothing: a number that lost its last digits looks like a restart. */
function judgeText(reader: ExpositionReader, { metrics }: Collected, isOpenMetrics: boolean): StepResult {
  const { unwanted, malformed, long } = reader.lines;
  if (!reader.isWhole(isOpenMetrics))
    return failed(
      failure("truncated", true, {
        message: isOpenMetrics ? "it does not end with # EOF" : "its last line has no end",
      }),
    );
  if (metrics.length > 0) return OK;
  if (unwanted === 0 && malformed + long > 0)
    return wrong(
      "protocol",
      "the answer is not in a format of Prometheus",
      "check the key `url`: a proxy or a web page may have answered",
    );
  return wrong(
    "invalid_answer",
    "it tells nothing of the families that are known or configured",
    "name those of the target under `families`, or switch this probe off",
  );
}

function judgeAge(stampedMs: number | undefined, now: number): StepResult {
  if (stampedMs === undefined || now - stampedMs <= STALE_MS) return OK;
  return wrong("stale", `the newest sample is ${Math.floor((now - stampedMs) / 1000)} s old`);
}

function judgeSize({ dropped }: Collected, maxSeries: number): StepResult {
  const left = dropped.get("series") ?? 0;
  if (left === 0) return OK;
  return wrong("oversize", `more than ${maxSeries} series: ${left} left out`, "raise `max_series`, or tell less");
}
