import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { compileText } from "../../../functions/cli/config/compile-text.ts";
import { readText } from "../../../functions/cli/config/config-document.ts";
import { compileConfig } from "../../../functions/config/compile.ts";
import { canonical, digest } from "../../../functions/config/hash.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { Cases } from "../cases.ts";
import { anyDamage, damage } from "../damage.ts";

const cases = new Cases();

const FOLDERS = ["../../fixtures/config/", "../../../schemas/examples/"].map((path) => new URL(path, import.meta.url));
const DOCUMENTS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(new URL(name, folder), "utf8")),
);

const SECRET = "hunter2-of-the-fuzzer";

/** One of nearly everything, and right. */
const RICH = `
installation: prod
vantages: [weur, enam]
shards: 2
defaults: { protocol: connect, interval: 2m, timeout: 8s, thresholds: { failures: 3, out_of: 5 } }
targets:
  - name: cas-eu
    cas: https://cas.eu.example
    transport: https://blobs.eu.example/zako
    auth: { header: Authorization, scheme: Bearer, secret: ZAKO_TOKEN }
    transport_auth: { header: x-token }
    address: 203.0.113.7:9000
    labels: { team: build, tier: "1" }
    probes:
      health: { interval: 90s, timeout: 5s, degraded_after: 500ms, critical: false, thresholds: { recoveries: 1 } }
      cas.details: false
      transport.upload: { size_bytes: 8192 }
  - { name: cas-us, cas: "https://cas.us.example", protocol: grpc, probes: { transport.negative: true } }
metrics: { public: true }
retention: { samples_days: 7 }
`;

const pieces = fc.constantFrom(
  ...["\n", "  ", ": ", "- ", "[", "]", "{", "}", "&x ", "*x", "!t ", "'", '"', "|\n", ">\n", "#", "? ", "---\n", "\t"],
  ...["~", "null", "true", "1e999", ".nan", "0x7f", "1_000", "2026-01-01", "<<: ", "__proto__: ", "constructor: "],
  ...["targets: ", "name: ", "probes: ", "defaults: ", "\u0000", "\ufeff", "\u202e", "\ud800", "9".repeat(400)],
  `auth: { header: x, secret: ${SECRET} }\n`,
);
const damagedText = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant(RICH) }, { weight: 2, arbitrary: fc.constantFrom(...DOCUMENTS) }),
    fc.array(anyDamage, { maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(5_000), pieces), { maxLength: 4 }),
  )
  .map(([text, damages, inserts]) => {
    let bytes = new TextEncoder().encode(text);
    for (const one of damages) bytes = damage(bytes, one);
    return inserts.reduce((whole, [at, piece]) => {
      const place = whole.length === 0 ? 0 : at % whole.length;
      return whole.slice(0, place) + piece + whole.slice(place);
    }, new TextDecoder().decode(bytes));
  });

/** The right document with one node replaced by any other value. */
const bentText = fc.tuple(fc.infiniteStream(fc.nat(9)), fc.nat(5), fc.jsonValue()).map(([turns, depth, value]) => {
  const document = parse(RICH) as Record<string, unknown>;
  let at: Record<string, unknown> = document;
  for (let level = 0; ; level++) {
    const keys = Object.keys(at);
    const key = keys[(turns.next().value ?? 0) % keys.length] as string;
    const inner = at[key];
    if (level === depth || typeof inner !== "object" || inner === null || Object.keys(inner).length === 0) {
      at[key] = value;
      return stringify(document);
    }
    at = inner as Record<string, unknown>;
  }
});

const anyText = fc.oneof(
  { weight: 5, arbitrary: damagedText },
  { weight: 3, arbitrary: bentText },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
);

it("any text compiles, or says what is wrong and where; what compiles means the same wherever it is carried", () => {
  let right = 0;
  fc.assert(
    fc.property(anyText, fc.boolean(), (text, local) => {
      cases.count("config documents");
      const loaded = compileText(text, "watch.yaml", PROBE_KINDS, { local });
      const lines = loaded.ok ? loaded.warnings : loaded.errors;
      for (const line of lines) {
        expect(line).toMatch(/^watch\.yaml(:\d+:\d+)?: \S/);
        expect(line).not.toContain("\n");
        expect(line.length).toBeLessThan(2_000);
        expect(line).not.toContain(SECRET);
      }
      expect(Reflect.get({}, "polluted")).toBeUndefined();
      const read = readText(text);
      if (!loaded.ok) {
        expect(lines.length).toBeGreaterThan(0);
        if (!read.ok) return;
        const compiled = compileConfig(read.data, PROBE_KINDS, { local });
        for (const { path, message } of compiled.ok ? [] : compiled.issues) {
          expect(message.length).toBeGreaterThan(5);
          for (const part of path) expect(["string", "number"]).toContain(typeof part);
        }
        return;
      }
      right++;
      const { hash, ...content } = loaded.config;
      expect(JSON.parse(JSON.stringify(loaded.config))).toEqual(loaded.config);
      expect(digest(canonical(content))).toBe(hash);
      const again = compileText(stringify(read.ok ? read.data : null), "watch.yaml", PROBE_KINDS, { local });
      expect(again.ok ? again.config : again.errors).toEqual(loaded.config);
    }),
    { numRuns: cases.runs(500) },
  );
  // A fuzzer that makes nothing but nonsense tests the parser alone.
  expect(right).toBeGreaterThan(0);
});

/** Texts of so many characters, each bad for something that looks at every part of it. */
const SIZE = 100_000;
const fill = (head: string, line: (nth: number) => string): string => {
  const parts = [head];
  for (let length = head.length, nth = 0; length < SIZE; nth++) {
    const part = line(nth);
    parts.push(part);
    length += part.length;
  }
  return parts.join("");
};
const TARGET = "targets:\n  - name: a\n    cas: https://a.example\n";

it.each([
  ["keys", fill("", (n) => `k${n}: 1\n`)],
  ["targets of one name", fill("targets:\n", () => "- {name: t}\n")],
  ["regions", fill("vantages:\n", () => "- weur\n")],
  ["labels", fill(`${TARGET}    labels:\n`, (n) => `      l${n}: x\n`)],
  ["kinds of probes", fill(`${TARGET}    probes:\n`, (n) => `      x${n}: 1\n`)],
  ["a long name", `targets:\n  - name: ${"a".repeat(SIZE)}\n    cas: https://a.example\n`],
  ["a long host", `targets:\n  - name: a\n    cas: https://${"a.".repeat(SIZE / 2)}example\n`],
  ["aliases of aliases", fill("a0: &a0 [x, x]\n", (n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]\n`)],
  ["brackets", "[".repeat(SIZE)],
  ["mappings", "{a: ".repeat(SIZE / 4)],
  ["dashes", "- ".repeat(SIZE / 2)],
  ["quotes", "'".repeat(SIZE)],
  ["directives", "%a\n".repeat(SIZE / 3)],
  ["a scalar of 9 MiB", `installation: ${"a".repeat(9 * 2 ** 20)}`],
])("%s without end are refused in time that grows with the text and not faster", (_, text) => {
  const loaded = compileText(text, "watch.yaml", PROBE_KINDS, { local: false });
  const lines = loaded.ok ? loaded.warnings : loaded.errors;
  for (const line of lines) expect(line.length).toBeLessThan(2_000);
});
