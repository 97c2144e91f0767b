import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printChannelDocs, printConfigDocs, printRuleDocs } from "../../functions/config/docs.ts";
import { shownFamilies } from "../../functions/model/families/shown-families.ts";
import type { Family } from "../../functions/model/metric.ts";
import { EDGE_REASONS, formatReason, type Reason, reasons } from "../../functions/model/probing/failure.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { NEGATIVE_CASES } from "../../functions/probe/zako/negative-cases.ts";
import { fleetTable, freePlanTable, type Table } from "./cost-docs.ts";
import { countedTable } from "./counted-docs.ts";
import { GUIDE } from "./guide.ts";
import { printPasted } from "./pasted.ts";

/** The parts of the documents that are printed from code, by the name of their markers. */
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
  negative: () =>
    table(
      ["case", "tries", "must be refused with", "if it is accepted, the server keeps"],
      Object.entries(NEGATIVE_CASES).map(([name, { doc, refusedWith, leaves }]) => [
        `\`${name}\``,
        doc,
        refusedWith.map((reason) => `\`${reason.slice("rpc_".length)}\``).join(", "),
        leaves,
      ]),
    ),
  reasons: () =>
    table(
      ["reason", "means", "found out by"],
      reasons.map((r) => [`\`${r}\``, formatReason[r], foundOutBy(r)]),
    ),
  config: () => printConfigDocs(PROBE_KINDS),
  rules: printRuleDocs,
  channels: printChannelDocs,
  pasted: printPasted,
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
  free_plan: () => printTable(freePlanTable()),
  fleets: () => printTable(fleetTable()),
  counted: () => printTable(countedTable()),
  metrics: () =>
    table(
      ["family", "type", "labels", "standard", ""],
      shownFamilies(PROBE_KINDS).flatMap((f) =>
        "type" in f
          ? [[`\`${f.name}\``, f.type, f.labels.map((l) => `\`${l}\``).join(" "), shownAtStandard(f), f.help]]
          : [],
      ),
    ),
};

/** What a local run finds out without the platform's edge. */
const LOCAL: ReadonlySet<Reason> = new Set(["dns", "tls"]);

const foundOutBy = (reason: Reason): string =>
  !EDGE_REASONS.has(reason) ? "the probe" : LOCAL.has(reason) ? "Cloudflare's edge; `npm start`" : "Cloudflare's edge";

const printTable = ({ head, rows }: Table): string => table(head, rows);

/** What `metrics.detail: standard` shows of a family, whatever rules read. */
function shownAtStandard({ standard }: Family): string {
  if (standard === undefined) return "all";
  if (standard === "hidden") return "";
  return `+Inf, sum, count${standard.length === 0 ? "" : `, ${standard.join(", ")}`}`;
}

const minutes = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((c) => c.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

const MARKER = /<!-- (\w+):begin -->/g;

/** A document with its printed parts made anew. */
export function freshDocument(file: string, text: string): string {
  return [...text.matchAll(MARKER)].reduce((fresh, [begin, name = ""]) => {
    const print = PARTS[name];
    const end = `<!-- ${name}:end -->`;
    const from = fresh.indexOf(begin);
    const to = fresh.indexOf(end);
    if (print === undefined) throw new Error(`${file}: nothing prints the part ${begin}.`);
    if (to < from) throw new Error(`${file} has no marker ${end} after ${begin}.`);
    return `${fresh.slice(0, from + begin.length)}\n\n${print().trim()}\n\n${fresh.slice(to)}`;
  }, text);
}

/** Documents that people read, printed parts or not. */
export const documents = (): string[] => ["README.md", ...readdirSync("docs").map((name) => join("docs", name))];

if (import.meta.main) {
  const into = process.argv[2] ?? ".";
  mkdirSync(join(into, "docs"), { recursive: true });
  const printed = new Set<string>();
  for (const file of documents()) {
    const text = readFileSync(file, "utf8");
    for (const [, name = ""] of text.matchAll(MARKER)) printed.add(name);
    writeFileSync(join(into, file), freshDocument(file, text));
  }
  const missing = Object.keys(PARTS).filter((name) => !printed.has(name));
  if (missing.length > 0) throw new Error(`No document has the printed part ${missing.join(", ")}.`);
}
