import * as fc from "fast-check";
import { expect, it } from "vitest";
import { cleanLine, cleanLines } from "../../functions/lib/clean-text.ts";
import { shorten } from "../../functions/lib/shorten.ts";

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (c: string): string => ESCAPES[c] ?? c;
const anyText = fc.string({ unit: fc.constantFrom("a", "&", "<", "😀", "é", "…"), maxLength: 40 });

it("keeps a text that fits, and else cuts between code points and escapes, as late as possible", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 80 }), (text, limit) => {
      const points = [...text].map(escaped);
      const short = shorten(text, limit, escaped);
      expect(short.length).toBeLessThanOrEqual(limit);
      let best = points.join("");
      if (best.length > limit) {
        best = "";
        for (const point of points) {
          if (best.length + point.length + 1 > limit) break;
          best += point;
        }
        best += limit === 0 ? "" : "…";
      }
      expect(short).toBe(best);
    }),
  );
});

it("makes one printable line of anything", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = cleanLine(text);
      expect(line).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}|\s\s|^\s|\s$/u);
      expect(line.isWellFormed()).toBe(true);
      expect(cleanLine(line)).toBe(line);
    }),
  );
  expect(cleanLine("a\r\nBcc: b\u202e c\ud800\ufeff")).toBe("a Bcc: b c\ufffd");
  expect(cleanLine("👩‍👩‍👧")).toBe("👩‍👩‍👧");
  expect(cleanLines(" a\r\n\r\n\n\n b\u0000\tc ")).toBe("a\n\nb c");
});
