import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printConfigDocs } from "../../functions/config/docs.ts";
import { shownFamilies } from "../../functions/model/families/shown-families.ts";
import { formatReason, reasons } from "../../functions/model/probing/failure.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { GUIDE } from "./guide.ts";

/** The parts of the README that are printed from code, by the name of their markers. */
const PARTS: Record<string, () => string> = {
  kinds: () =>
    table(
      ["probe", "asks", "by default", "calls"],
      PROBE_KINDS.map((k) => [
        `\`${k.kind}\``,
        k.doc,
        `${k.defaults.enabled ? "" : "off; "}every ${minutes(k.defaults.intervalMs)}`,
        String(k.calls(k.options.parse({}))),
      ]),
    ),
  reasons: () =>
    table(
      ["reason", "means"],
      reasons.map((r) => [`\`${r}\``, formatReason[r]]),
    ),
  config: () => printConfigDocs(PROBE_KINDS),
  guide: () =>
    table(
      ["system", "list", "line", "metrics", "probes", "rules"],
      GUIDE.map(({ system, list, line, metrics, probes, rules }) => [
        system,
        list,
        line,
        ...[metrics, probes, rules].map((names) => names.map((name) => `\`${name}\``).join(" ")),
      ]),
    ),
  metrics: () =>
    table(
      ["family", "type", "labels", ""],
      shownFamilies(PROBE_KINDS).flatMap((f) =>
        "type" in f ? [[`\`${f.name}\``, f.type, f.labels.map((l) => `\`${l}\``).join(" "), f.help]] : [],
      ),
    ),
};

const minutes = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

/** The README with its printed parts made anew. */
export function freshReadme(readme: string): string {
  return Object.entries(PARTS).reduce((text, [name, print]) => {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md has no markers ${begin} and ${end}.`);
    return `${text.slice(0, from + begin.length)}\n\n${print().trim()}\n\n${text.slice(to)}`;
  }, readme);
}

const into = process.argv[2] ?? ".";
writeFileSync(join(into, "README.md"), freshReadme(readFileSync("README.md", "utf8")));
