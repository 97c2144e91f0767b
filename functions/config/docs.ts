import { numberText } from "../evaluate/rules/condition.ts";
import { formatDuration } from "../lib/duration.ts";
import { CHANNELS } from "../notify/channels/registry.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { toJsonSchema } from "./json-schema.ts";
import { type OutlineKey, outline, outlineOf, ruleOutline } from "./outline.ts";
import { CATALOGUE } from "./rules/catalogue.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** Longer ones stand in the example file. */
const LONGEST_EXAMPLE = 100;

const code = (value: unknown): string =>
  `\`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;

function defaultCell(key: OutlineKey): string {
  if (key.required) return "required";
  if (key.default === "of the kind") return key.default;
  return key.default === undefined || key.keys !== undefined ? "" : code(key.default);
}

/** Rows of a key and of all inside it, but for the sections that have a table of their own. */
function rows(key: OutlineKey, prefix: string, apart: readonly string[]): string[] {
  const path = `${prefix}${key.name}${key.list ? "[]" : ""}`;
  const inner = apart.includes(path) ? [] : (key.keys ?? []);
  const isShown = key.example !== undefined && key.default === undefined && code(key.example).length <= LONGEST_EXAMPLE;
  const example = isShown ? ` Such as ${code(key.example)}.` : "";
  return [
    `| \`${path}\` | ${cell(defaultCell(key))} | ${cell(key.description + example)} |`,
    ...inner.flatMap((child) => rows(child, `${path}.`, apart)),
  ];
}

const table = (lines: readonly string[]): string => ["| key | default | |", "|---|---|---|", ...lines].join("\n");

const find = (keys: readonly OutlineKey[] | undefined, name: string): OutlineKey | undefined =>
  keys?.find((key) => key.name === name);

/** What every kind has, but with defaults of its own. */
const OF_KIND = ["interval", "timeout", "critical"];

function kindRow({ name, default: on, description, keys }: OutlineKey): string {
  const defaults = OF_KIND.map((key) => code(find(keys, key)?.default));
  return `| \`${name}\` | ${[on === true ? "on" : "off", ...defaults].join(" | ")} | ${cell(description)} |`;
}

function shippedTable(): string {
  const lines = CATALOGUE.map(({ name, severity, condition, forMs, by }) => {
    const window = condition.windowMs === undefined ? "" : formatDuration(condition.windowMs);
    const cells = [severity, condition.kind, numberText(condition), window, formatDuration(forMs), by.join(", ")];
    return `| \`${name}\` | ${cells.map(cell).join(" | ")} |`;
  });
  return [
    "| shipped rule | severity | kind | value | window | for | by |",
    "|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/** Markdown of every shipped rule, and of what an entry of `rules` may hold. */
export function printRuleDocs(): string {
  const { change, own, kinds } = ruleOutline();
  const cells = kinds.map(
    ({ kind, doc, keys }) =>
      `| \`${kind}\` | ${cell(doc)} | ${keys.map(({ name, required }) => `\`${name}\`${required ? "" : "?"}`).join(" ")} |`,
  );
  // Several kinds have a key of the same name that means the same.
  const known = new Map(kinds.flatMap(({ keys }) => keys.map((key) => [key.name, rows(key, "", [])])));
  return [
    shippedTable(),
    "## Changing a shipped rule",
    "Under `rules`, set a shipped rule to `false` (off), to `true`, or to the keys that change:",
    table(change.flatMap((key) => rows(key, "", []))),
    "## Rules of your own",
    'Any other name defines a rule of your own, of one of these kinds. Select series as in Prometheus: by metric name, or with labels, `metric{label="value"}`. Keys with a `?` are optional.',
    ["| kind | holds when | keys |", "|---|---|---|", ...cells].join("\n"),
    table([...known.values()].flat()),
    "Keys of every rule of your own:",
    table(own.flatMap((key) => rows(key, "", []))),
  ].join("\n\n");
}

/** Markdown of the options of every notification channel. */
export function printChannelDocs(): string {
  return CHANNELS.flatMap(({ channel, doc, options }) => [
    `### ${channel}`,
    doc,
    table(outlineOf(toJsonSchema(options)).flatMap((key) => rows(key, "", []))),
  ]).join("\n\n");
}

/** Markdown of every key of `watch.yaml`: what the document has, then what the probes have. */
export function printConfigDocs(kinds: readonly ProbeKind[]): string {
  const keys = outline(kinds);
  const top = table(keys.flatMap((key) => rows(key, "", ["targets[].probes", "defaults.probes"])));
  const sections = find(find(keys, "targets")?.keys, "probes")?.keys ?? [];
  const inAll = (name: string): boolean => sections.every((section) => find(section.keys, name) !== undefined);
  const common = (sections[0]?.keys ?? [])
    .filter(({ name }) => inAll(name))
    .map((key) => (OF_KIND.includes(key.name) ? { ...key, default: "of the kind" } : key));
  const own = sections.flatMap((section) =>
    (section.keys ?? []).filter(({ name }) => !inAll(name)).flatMap((key) => rows(key, `${section.name}.`, [])),
  );
  const kindTable = [
    "| kind | default | interval | timeout | critical | |",
    "|---|---|---|---|---|---|",
    ...sections.map(kindRow),
  ];
  return `${[
    "Write durations as `90s`, `5m`, `1h30m` or `500ms`, and sizes as bytes, `4KiB` or `16MiB`. An unknown key is an error.",
    top,
    "Under `probes`, each kind is `true`, `false` or a section of keys. A target's section is merged into that of `defaults`, key by key.",
    kindTable.join("\n"),
    "Keys of every section:",
    table(common.flatMap((key) => rows(key, "", []))),
    ...(own.length === 0 ? [] : ["Keys of single kinds:", table(own)]),
  ].join("\n\n")}\n`;
}
