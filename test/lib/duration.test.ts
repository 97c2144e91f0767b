import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../functions/lib/duration.ts";
import { formatSize, parseSize } from "../../functions/lib/size.ts";

describe("durations", () => {
  it.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["500ms", 500],
    ["1h30m", 5_400_000],
    ["1d2h3m4s5ms", 93_784_005],
    ["0s", 0],
  ])("%s is %i ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "5", "m", "5 m", "5min", "-5m", "1.5h", "30m1h", "5M", "1e3s", "5m ", "٥m", "1m1m"])(
    "%j is none",
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it("reads what it writes", () => {
    fc.assert(fc.property(fc.nat(1e12), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});

describe("sizes", () => {
  it.each([
    ["4KiB", 4_096],
    ["1MiB", 1_048_576],
    ["2GiB", 2_147_483_648],
    ["17B", 17],
    ["4096", 4_096],
    [4_096, 4_096],
    [0, 0],
  ])("%j is %i bytes", (written, sizeBytes) => expect(parseSize(written)).toBe(sizeBytes));

  it.each([
    "",
    "KiB",
    "4KB",
    "4kib",
    "4 KiB",
    "-4KiB",
    "4.5KiB",
    "1e3",
    "99999999999999GiB",
    1.5,
    -1,
    Number.NaN,
    Infinity,
    1e21,
  ])("%j is none", (written) => expect(parseSize(written)).toBeUndefined());

  it("reads what it writes", () => {
    fc.assert(fc.property(fc.nat(2 ** 40), (sizeBytes) => parseSize(formatSize(sizeBytes)) === sizeBytes));
    fc.assert(
      fc.property(
        fc.nat(1_023),
        fc.constantFrom(10, 20, 30),
        (n, power) => parseSize(formatSize(n * 2 ** power)) === n * 2 ** power,
      ),
    );
  });
});
