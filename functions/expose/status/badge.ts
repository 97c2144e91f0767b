import { cleanXml, escapeXml } from "../../lib/escape-xml.ts";
import type { Level, TargetStatus } from "./status-view.ts";
import { formatLatency, formatUptime } from "./format-status.ts";

/** What a badge can say. */
export const BADGES = ["state", "uptime", "latency"] as const;
export type BadgeKind = (typeof BADGES)[number];

/** Dark enough for white text on all of them. */
const COLOURS: Readonly<Record<Level, string>> = {
  up: "#1a7f37",
  maintenance: "#0550ae",
  unknown: "#57606a",
  degraded: "#8a5a00",
  regional: "#8a5a00",
  down: "#c1121f",
};

/** Of uptime, from the best: at least this ratio has this colour. */
const UPTIME_COLOURS: readonly (readonly [ratio: number, level: Level])[] = [
  [0.999, "up"],
  [0.99, "degraded"],
  [0, "down"],
];

/** A badge of a target as SVG. */
export function printBadge(target: TargetStatus, kind: BadgeKind): string {
  switch (kind) {
    case "state":
      return draw(target.name, target.level, COLOURS[target.level]);
    case "uptime": {
      const ratio = target.uptime?.ratio;
      const level = ratio === undefined ? "unknown" : UPTIME_COLOURS.find(([least]) => ratio >= least)?.[1];
      return draw("uptime 90 d", formatUptime(target.uptime), COLOURS[level ?? "unknown"]);
    }
    case "latency": {
      const latest = target.latencyMs.findLast((mean) => mean !== undefined);
      const text = latest === undefined ? "no data" : formatLatency(latest);
      return draw("response time", text, COLOURS[latest === undefined ? "unknown" : "maintenance"]);
    }
  }
}

const HEIGHT = 20;
/** Mean width of a character of the font, and what is left and right of the text. */
const CHARACTER = 6.6;
const PADDING = 6;
const LONGEST = 40;

/** Two fields: what, and how it is. `textLength` makes the text fit in whatever font there is. */
function draw(label: string, value: string, colour: string): string {
  const fields = [label, value].map((words) => {
    const clean = [...cleanXml(words)];
    const shown = clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1).join("")}…` : clean.join("");
    const length = Math.max(1, Math.round([...shown].length * CHARACTER));
    return { text: escapeXml(shown), length, width: length + 2 * PADDING };
  });
  const [left, right] = fields as [(typeof fields)[0], (typeof fields)[0]];
  const width = left.width + right.width;
  const name = `${left.text}: ${right.text}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${name}">` +
    `<title>${name}</title><clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>` +
    `<g clip-path="url(#r)"><rect width="${left.width}" height="${HEIGHT}" fill="#3d444d"/>` +
    `<rect x="${left.width}" width="${right.width}" height="${HEIGHT}" fill="${colour}"/></g>` +
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">` +
    `<text x="${PADDING}" y="14" textLength="${left.length}" lengthAdjust="spacingAndGlyphs">${left.text}</text>` +
    `<text x="${left.width + PADDING}" y="14" textLength="${right.length}" lengthAdjust="spacingAndGlyphs">${right.text}</text></g></svg>\n`
  );
}
