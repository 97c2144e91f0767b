import type { AlertLabels } from "../../model/alerting/alert.ts";

/** Maximum characters of a rendered text. Channels have lower limits of their own. */
const MAX_TEXT = 2_000;
/** Maximum characters of a label value in a text. */
const MAX_LABEL = 200;

/** One expression of a template: the label's name, or `$value` with the name of its pipe. */
export const TEMPLATE_EXPRESSION = /\{\{\s*\$(?:labels\.([A-Za-z_][A-Za-z0-9_]*)|value(?:\s*\|\s*(\w+))?)\s*\}\}/g;

/**
 * Renders a rule's template: `{{ $labels.NAME }}` and `{{ $value }}`, the latter also with one of the pipes
 * `humanizePercentage`, `humanizeDuration`, `humanize1024` and `humanize`, which format like Prometheus'. An unknown label
 * is empty, and other text stays unchanged. The caller must escape the result.
 */
export function renderTemplate(template: string, labels: AlertLabels, value: number): string {
  const text = template.replace(
    TEMPLATE_EXPRESSION,
    (expression: string, label: string | undefined, pipe: string | undefined) => {
      if (label !== undefined) return Object.hasOwn(labels, label) ? clip(labels[label] as string, MAX_LABEL) : "";
      if (pipe === undefined) return Number.isFinite(value) ? `${value}` : general(value);
      return Object.hasOwn(PIPES, pipe) ? (PIPES[pipe] as (value: number) => string)(value) : expression;
    },
  );
  return clip(text, MAX_TEXT);
}

const PIPES: Readonly<Record<string, (value: number) => string>> = {
  humanizePercentage: (value) => `${general(value * 100)}%`,
  humanizeDuration,
  humanize1024: (value) => scaled(value, 1024, ["", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]),
  humanize: (value) =>
    Math.abs(value) < 1 ? small(value) : scaled(value, 1000, ["", "k", "M", "G", "T", "P", "E", "Z", "Y"]),
};

/** Four significant digits without trailing zeros, as `%.4g` prints. */
function general(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(4)))));
  if (exponent >= -4 && exponent < 4) return `${Number(value.toPrecision(4))}`;
  const [digits, power] = value.toExponential(3).split("e") as [string, string];
  const sign = power.startsWith("-") ? "-" : "+";
  return `${Number(digits)}e${sign}${power.replace(/^[+-]/, "").padStart(2, "0")}`;
}

function scaled(value: number, base: number, prefixes: readonly string[]): string {
  if (!Number.isFinite(value)) return general(value);
  let left = value;
  let i = 0;
  while (Math.abs(left) >= base && i < prefixes.length - 1) {
    left /= base;
    i++;
  }
  return `${general(left)}${prefixes[i]}`;
}

/** Formats a magnitude below 1 with SI prefixes (m, u, ...). */
function small(value: number): string {
  if (value === 0) return "0";
  const prefixes = ["", "m", "u", "n", "p", "f", "a", "z", "y"];
  let left = value;
  let i = 0;
  while (Math.abs(left) < 1 && i < prefixes.length - 1) {
    left *= 1000;
    i++;
  }
  return `${general(left)}${prefixes[i]}`;
}

/** Pipes for `$value`. */
export const TEMPLATE_PIPES: readonly string[] = Object.keys(PIPES);

function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return general(seconds);
  if (Math.abs(seconds) < 1) return `${small(seconds)}s`;
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const [days, hours, minutes] = [Math.floor(size / 86_400), Math.floor(size / 3_600) % 24, Math.floor(size / 60) % 60];
  const rest = Math.floor(size) % 60;
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${rest}s`;
  if (minutes !== 0) return `${sign}${minutes}m ${rest}s`;
  return `${sign}${general(size)}s`;
}

/** Cuts between characters. */
function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const half = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end - 1 : end;
  return `${text.slice(0, half)}…`;
}
