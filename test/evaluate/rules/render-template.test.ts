import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderTemplate, TEMPLATE_PIPES } from "../../../functions/evaluate/rules/render-template.ts";

const label = (value: string): string => renderTemplate("<{{ $labels.a }}>", { a: value }, 0);

describe("labels", () => {
  it.each([
    "{{ $value }}",
    "{{ $labels.b }}",
    "{{",
    "}}",
    "$&$1$`$'$$",
    "`rm`",
    "line\nline\r\n",
    "</a>&\"'\\",
    "$labels.b",
    "\u0000\u001b[31m",
    "naïve 🦊 \u202e",
  ])("are put in as they are: %j", (hostile) =>
    expect(renderTemplate("<{{ $labels.a }}|{{ $value }}>", { a: hostile, b: "SECRET" }, 7)).toBe(`<${hostile}|7>`),
  );

  it("never bring anything but themselves in, whatever they hold", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "{{ $value }}",
      "{{ $labels.b }}",
      "$",
      "`",
      "\n",
      "|",
      " ",
      "x",
      "$labels.",
      "🦊",
    );
    const hostile = fc.array(piece, { maxLength: 20 }).map((all) => all.join(""));
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        expect(renderTemplate("{{ $labels.a }}{{$labels.b}}!", { a, b }, 1)).toBe(`${a}${b}!`);
      }),
    );
  });

  it("are empty where there are none, also under names that every object has", () => {
    const text = renderTemplate("[{{ $labels.nothing }}{{ $labels.constructor }}{{ $labels.__proto__ }}]", {}, 0);
    expect(text).toBe("[]");
  });

  it("are cut between whole characters, and so is the text", () => {
    expect(label("x".repeat(10_000))).toBe(`<${"x".repeat(199)}…>`);
    expect(label("x".repeat(200))).toBe(`<${"x".repeat(200)}>`);
    for (const start of ["", "x"]) {
      const cut = label(start + "🦊".repeat(5_000));
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(202);
    }
    const long = renderTemplate("{{ $labels.a }}".repeat(50), { a: "y".repeat(100) }, 0);
    expect(long).toHaveLength(2_000);
    expect(long.endsWith("y…")).toBe(true);
  });
});

it("never throws, does not change other text, and is deterministic", () => {
  const templates = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc
      .array(fc.constantFrom("{{ ", "$value", " | ", "humanize", "$labels.", "a", " }}", "{{", "toString", "}"), {
        maxLength: 15,
      })
      .map((all) => all.join("")),
  );
  const labels = fc.dictionary(fc.string(), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(templates, labels, fc.double(), (template, all, value) => {
      const text = renderTemplate(template, all, value);
      expect(renderTemplate(template, all, value)).toBe(text);
      if (!template.includes("{{") && template.length <= 2_000) expect(text).toBe(template);
    }),
  );
});

it.each([
  "{{ $labels.a | humanize }}",
  "{{ $value | toString }}",
  "{{ $value | constructor }}",
  "{{ $labels }}",
  "{{ .Value }}",
  "{{ $labels.a-b }}",
  "{{ printf }}",
  "{ { $value } }",
])("leaves %s as it stands", (template) => expect(renderTemplate(template, { a: "x" }, 1)).toBe(template));

/** `%.4g` as Go prints it, by way of its definition in C. */
function percent4g(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, power] = value.toExponential(3).split("e") as [string, string];
  const exponent = Number(power);
  const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < 4) return trimmed(value.toFixed(3 - exponent));
  return `${trimmed(digits)}e${exponent < 0 ? "-" : "+"}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
}

/** Prometheus' template functions (template/template.go, and `HumanizeDuration` of prometheus/common), line by line. */
const GO: Readonly<Record<string, (value: number) => string>> = {
  humanizePercentage: (value) => `${percent4g(value * 100)}%`,
  humanize(value) {
    if (value === 0 || !Number.isFinite(value)) return percent4g(value);
    return Math.abs(value) >= 1 ? scaledUp(value, 1_000, "kMGTPEZY", "") : scaledDown(value);
  },
  humanize1024: (value) =>
    Math.abs(value) <= 1 || !Number.isFinite(value) ? percent4g(value) : scaledUp(value, 1_024, "kMGTPEZY", "i"),
  humanizeDuration(value) {
    if (!Number.isFinite(value)) return percent4g(value);
    if (value === 0) return `${percent4g(value)}s`;
    if (Math.abs(value) < 1) return `${scaledDown(value)}s`;
    const [sign, v] = value < 0 ? ["-", -value] : ["", value];
    const whole = Math.trunc(v);
    const parts = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24, Math.floor(whole / 60) % 60, whole % 60];
    const first = parts.findIndex((part) => part !== 0);
    if (first > 2 || first === -1) return `${sign}${percent4g(v)}s`;
    return (
      sign +
      parts
        .map((part, i) => `${part}${"dhms"[i]}`)
        .slice(first)
        .join(" ")
    );
  },
};

function scaledUp(value: number, base: number, prefixes: string, after: string): string {
  let [v, prefix] = [value, ""];
  for (const p of prefixes) {
    if (Math.abs(v) < base) break;
    [v, prefix] = [v / base, p + after];
  }
  return percent4g(v) + prefix;
}

function scaledDown(value: number): string {
  let [v, prefix] = [value, ""];
  for (const p of "munpfazy") {
    if (Math.abs(v) >= 1) break;
    [v, prefix] = [v * 1_000, p];
  }
  return percent4g(v) + prefix;
}

describe("values", () => {
  const edges = [
    0,
    1,
    -1,
    0.5,
    0.05,
    1e-4,
    1e-7,
    ...[3e-10, -4e-13, 5e-16, 6e-19, 7e-22, 8e-25, 9e-28],
    0.99996,
    59.9999,
    60,
    3_599.9,
    86_400,
    999.96,
    1_000,
    1_023.99,
    1_024,
    2 ** 40,
    ...[1e15, -1e18, 1e21, 1e24, 1e27],
  ];
  const odd = [1e30, -1e30, 12_345.678, 99_995, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const numbers = fc.oneof(
    fc.constantFrom(...edges, ...odd),
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.double({ min: 50, max: 2_000, noNaN: true }),
    fc.double({ min: 0, max: 200_000, noNaN: true }),
  );

  it.each(TEMPLATE_PIPES)("print as Prometheus' %s does", (pipe) => {
    fc.assert(
      fc.property(numbers, (value) => {
        fc.pre(!Object.is(value, -0));
        expect(renderTemplate(`{{ $value | ${pipe} }}`, {}, value)).toBe(GO[pipe]?.(value));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [0.123456, "humanizePercentage", "12.35%"],
    [0.0001, "humanizeDuration", "100us"],
    [0.25, "humanizeDuration", "250ms"],
    [93_784, "humanizeDuration", "1d 2h 3m 4s"],
    [7_500_000_000, "humanize1024", "6.985Gi"],
    [0.5, "humanize", "500m"],
    [1_234_567, "humanize", "1.235M"],
  ])("%d through %s is %s", (value, pipe, text) => expect(renderTemplate(`{{$value|${pipe}}}`, {}, value)).toBe(text));

  it.each([
    [3, "3"],
    [0.1 + 0.2, "0.30000000000000004"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ])("%d alone is %s", (value, text) => expect(renderTemplate("{{ $value }}", {}, value)).toBe(text));
});
