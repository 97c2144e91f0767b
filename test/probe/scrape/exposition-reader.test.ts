import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRenderer } from "../../../functions/expose/metrics/render.ts";
import type { MetricLine } from "../../../functions/lib/metric-line.ts";
import { ExpositionReader } from "../../../functions/probe/scrape/exposition-reader.ts";
import { pack, plainFleet, SHOWN } from "../../expose/metrics/arbitrary.ts";
import { parseExposition, seriesKey } from "../../expose/metrics/parse.ts";
import { wholeText } from "../../expose/metrics/whole-text.ts";

function readAll(chunks: Iterable<Uint8Array>, wants: (name: string) => boolean = () => true) {
  const samples: MetricLine[] = [];
  const reader = new ExpositionReader({ wants, sample: (line) => void samples.push(line) });
  for (const chunk of chunks) reader.take(chunk);
  return { reader, samples };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const readText = (text: string, wants?: (name: string) => boolean) => readAll([bytesOf(text)], wants);

/** Cut at places that may lie inside a character. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe("an exposition", () => {
  it.each([false, true])(
    "of our own is read back as it was rendered, however it is cut (OpenMetrics: %s)",
    (openMetrics) => {
      fc.assert(
        fc.property(plainFleet, fc.array(fc.nat(300), { minLength: 1, maxLength: 5 }), (fleet, sizes) => {
          const body = wholeText(createRenderer(SHOWN, { openMetrics, created: openMetrics }), [pack(fleet, "1")]);
          const { reader, samples } = readAll(cut(body, sizes));
          const families = parseExposition(
            new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body),
            openMetrics ? "openmetrics" : "text",
          );
          const expected = families.flatMap((family) => family.samples);
          expect(samples.map(({ name, labels, value }) => [seriesKey(name, labels), value])).toEqual(
            expected.map(({ name, labels, value }) => [seriesKey(name, labels), value]),
          );
          for (const { name, type } of families) expect(reader.types.get(name)).toBe(type);
          expect(reader.lines).toEqual({ taken: expected.length, unwanted: 0, malformed: 0, long: 0 });
          expect(reader.isWhole(openMetrics)).toBe(true);
        }),
        { numRuns: 40 },
      );
    },
  );

  it("of any bytes at all never throws, and every line is accounted for", () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom("up 1", "# TYPE up gauge", "# EOF", 'x{a="b"} 1', "", "\r", 'x{a="', "# HELP up", "#")
        .map(bytesOf),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(20), { minLength: 1 }), (lines, sizes) => {
        const body = Uint8Array.from(lines.flatMap((one) => [...one, 0x0a]));
        const { reader, samples } = readAll(cut(body, sizes), (name) => name !== "x");
        expect(samples).toHaveLength(reader.lines.taken);
        expect(Object.values(reader.lines).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(
          [...body].filter((b) => b === 0x0a).length,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("with broken lines keeps the others, and counts", () => {
    const { reader, samples } = readText(
      'a 1\nb{ 2\nc 3 x\r\nd 4\r\n\n  \n# a comment\nx{y="z"} 5\nno value\n',
      (name) => name !== "x",
    );
    expect(samples.map(({ name }) => name)).toEqual(["a", "d"]);
    expect(reader.lines).toEqual({ taken: 2, unwanted: 1, malformed: 3, long: 0 });
  });

  it("with a label value of ten megabytes, or of no UTF-8, goes on after it", () => {
    const { reader, samples } = readAll([
      bytesOf('a{x="'),
      ...Array.from({ length: 160 }, () => new Uint8Array(65_536).fill(0x78)),
      bytesOf('"} 1\nb{x="'),
      Uint8Array.of(0xff, 0xc3, 0x28),
      bytesOf('"} 2\nc 3\n'),
    ]);
    expect(samples.map(({ name }) => name)).toEqual(["c"]);
    expect(reader.lines).toEqual({ taken: 1, unwanted: 0, malformed: 1, long: 1 });
  });

  it("that was cut off is not whole", () => {
    const whole = (text: string, openMetrics: boolean): boolean => readText(text).reader.isWhole(openMetrics);
    expect([whole("a 12\n", false), whole("a 12", false), whole("", false)]).toEqual([true, false, true]);
    expect([whole("a 12\n# EOF\n", true), whole("a 12\n", true), whole("a 12\n# EOF", true)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("says what types are, whatever names they have", () => {
    const { reader } = readText("# TYPE a counter\n#  TYPE\tb  histogram\n# TYPE a gauge\n# TYPE c\n# TYPES d gauge\n");
    expect([...reader.types]).toEqual([
      ["a", "counter"],
      ["b", "histogram"],
    ]);
  });
});
