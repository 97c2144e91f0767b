import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileText } from "../metrics/arbitrary.ts";
import { BEARER, MINUTE, NOW, page, snapshot, TYPED, world } from "./pages-world.ts";

describe("nothing that others have said becomes markup", () => {
  /** A text with no meaning in HTML, in place of a hostile one. */
  const tame = "x";
  const anyText = fc.oneof(
    hostileText,
    fc.constantFrom(
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "</textarea><b>",
      "'\" onfocus=x ",
      "&lt;",
    ),
  );

  it("on /alerts and /targets", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 14, maxLength: 14 }), async (texts) => {
        const show = async (of: (text: string) => string): Promise<string[][]> => {
          const [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = texts.map(of) as [string, ...string[]];
          const { alerting, ask } = world({
            ofTarget: async () => snapshot("cas-eu", "down", m, n),
          });
          alerting.fire(
            { alertname: `A${a}`, severity: `S${b}`, target: "cas-eu", probe: `p${c}` },
            {
              annotations: { summary: `s${d}`, description: `d${e}` },
              notified: [`t${f}`],
              suppressed: [{ receiver: `r${g}`, why: `w${h}` }],
              acknowledgement: { by: `b${i}`, at: NOW, comment: `c${j}` },
            },
          );
          const silence = { id: `i${k}`, author: `a${l}`, reason: `r${m}`, maintenance: false };
          alerting.stored.set("one", {
            ...silence,
            matchers: [{ name: "target", op: "=", value: `v${n}` }],
            startsAt: NOW - 1,
            endsAt: NOW + MINUTE,
          });
          alerting.opened.push({
            id: "1",
            target: "cas-eu",
            state: "down" as const,
            openedAt: NOW,
            causes: [],
            acknowledgedBy: `x${a}`,
          });
          const pages = [await ask("/alerts", { headers: BEARER }), await ask("/targets/cas-eu", { headers: BEARER })];
          return Promise.all(pages.map(async (one) => [...(await page(one)).tags].filter((tag) => tag !== "br")));
        };
        const longest = texts.some((text) => text.length > 1_000);
        const hostile = await show((text) => text);
        // A label that is too long for a link has none.
        if (!longest) expect(hostile).toEqual(await show(() => tame));
      }),
      { numRuns: 150 },
    );
  });

  it("on the form, which gives back what was typed", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, anyText, async (matchers, duration, author, reason) => {
        const { post, ask } = world();
        const typed = { matchers, duration: `${duration}x`, author, reason };
        const { areas, values, tags } = await page(await post("/silences/new", { ...typed, token: "nope" }));
        const wellFormed = (text: string): string => text.toWellFormed();
        expect(areas).toEqual([matchers, reason].map(wellFormed));
        const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
        expect(kept).toEqual(expect.arrayContaining([author, typed.duration].map(wellFormed)));
        expect(tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
        const query = new URLSearchParams(typed);
        const linked = await page(await ask(`/silences/new?${query}`));
        expect(linked.tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
        const other = { fingerprint: matchers, author, comment: reason };
        const taken = await page(await post("/alerts/acknowledge", { ...other, token: "nope" }));
        expect(taken.areas).toEqual([wellFormed(reason)]);
        expect(taken.values).toEqual(expect.arrayContaining([["value", wellFormed(matchers)]]));
        expect(taken.tags.filter((tag) => tag.startsWith("input"))).toHaveLength(3);
      }),
      { numRuns: 150 },
    );
  });

  it("on the page of a silence that was made", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (value, author, reason) => {
        const { post, alerting } = world();
        const matchers = `target="${value
          .toWellFormed()
          .replace(/[\\"]/g, "\\$&")
          .replace(/[\r\n]/g, " ")}y"`;
        const response = await post("/silences/new", {
          ...TYPED,
          matchers,
          author: `a${author}`.slice(0, 90),
          reason: `r${reason}`.slice(0, 900),
        });
        const { tags } = await page(response);
        expect([response.status, alerting.stored.size]).toEqual([200, 1]);
        expect(tags.filter((tag) => tag === "tr")).toHaveLength(6);
      }),
      { numRuns: 150 },
    );
  });
});
