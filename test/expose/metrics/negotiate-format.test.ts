import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptsGzip, negotiateFormat } from "../../../functions/expose/metrics/negotiate-format.ts";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const TEXT_1 = "text/plain; version=1.0.0; escaping=underscores";
const TEXT_1_UTF8 = "text/plain; version=1.0.0; escaping=allow-utf-8";
const OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const OPEN_UTF8 = `${OPEN}; escaping=allow-utf-8`;

describe("the format for an Accept header", () => {
  it.each([
    ["nothing", undefined, TEXT],
    ["an empty one", "", TEXT],
    ["curl", "*/*", TEXT],
    ["a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", TEXT],
    [
      "Prometheus 2.42",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPEN,
    ],
    [
      "Prometheus 3",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      OPEN_UTF8,
    ],
    [
      "Prometheus 3 with native histograms",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.2",
      `${OPEN}; escaping=underscores`,
    ],
    ["text 1.0.0 alone", "text/plain;version=1.0.0", TEXT_1],
    ["text 1.0.0 with UTF-8 names", "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1", TEXT_1_UTF8],
    ["an escaping that would rewrite our names", "text/plain;version=1.0.0;escaping=dots", TEXT_1],
    ["the same for OpenMetrics", "application/openmetrics-text;escaping=values", `${OPEN}; escaping=underscores`],
    ["OpenMetrics without version", "application/openmetrics-text", OPEN],
    ["OpenMetrics 0.0.1 only", "application/openmetrics-text; version=0.0.1", TEXT],
    ["OpenMetrics 2 only", "application/openmetrics-text; version=2.0.0", TEXT],
    ["text of an unknown version", "text/plain; version=9.9.9", TEXT],
    ["upper case", "APPLICATION/OpenMetrics-Text; VERSION=1.0.0; Escaping=Allow-UTF-8", OPEN_UTF8],
    ["quoted parameters", 'application/openmetrics-text; version="1.0.0"', OPEN],
    ["a comma in quotes", 'text/html; x="a,application/openmetrics-text"', TEXT],
    ["an escaped quote in quotes", 'text/html; x="\\",application/openmetrics-text"', TEXT],
    ["blanks", "  application/openmetrics-text ;  version = 1.0.0 ; q = 0.5 , */* ; q=0.1", OPEN],
    ["a wildcard of greater weight", "application/openmetrics-text;q=0.5,*/*", TEXT],
    ["a wildcard of equal weight", "*/*,application/openmetrics-text", OPEN],
    ["equal weights", "text/plain,application/openmetrics-text", TEXT],
    ["a refusal", "application/openmetrics-text;q=0,text/plain;version=1.0.0;q=0.1", TEXT_1],
    ["OpenMetrics refused, and nothing else named", "application/openmetrics-text;q=0", TEXT],
    ["all refused", "*/*;q=0", TEXT],
    ["a weight that is no number", "application/openmetrics-text;q=high,text/plain;q=0.1", TEXT],
    ["a weight above 1", "application/openmetrics-text;q=7", TEXT],
    ["text of any kind", "text/*", TEXT],
    ["protobuf only", "application/vnd.google.protobuf", TEXT],
  ])("%s", (_, accept, contentType) => {
    const format = negotiateFormat(accept);
    expect(format).toEqual({ contentType, openMetrics: contentType.startsWith("application/") });
  });

  it("is one of the known ones for any header", () => {
    const piece = fc.constantFrom(
      "text/plain",
      "application/openmetrics-text",
      "*/*",
      ";",
      ",",
      "q=",
      '"',
      "\\",
      "=",
      " ",
    );
    const header = fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 20 }).map((p) => p.join(""));
    fc.assert(
      fc.property(header, (accept) => {
        expect(negotiateFormat(accept).contentType).toMatch(/^(text\/plain|application\/openmetrics-text); version=/);
      }),
    );
  });
});

it.each([
  [undefined, false],
  ["", false],
  ["identity", false],
  ["gzip", true],
  ["GZIP", true],
  ["gzip, deflate, br", true],
  ["deflate, br", false],
  ["gzip;q=0", false],
  ["gzip;q=0.1", true],
  ["gzip;q=0.5, identity", false],
  ["gzip, identity;q=0.5", true],
  ["gzip, identity", true],
  ["*", false],
  ["gzip;q=x", false],
  ["xgzip", false],
])("Accept-Encoding %s allows gzip: %s", (header, allowed) => {
  expect(acceptsGzip(header)).toBe(allowed);
});
