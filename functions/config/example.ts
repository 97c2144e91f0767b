import type { ProbeKind } from "../probe/kind.ts";
import { type OutlineKey, outline } from "./outline.ts";

const WIDTH = 118;
const PLAIN = /^[A-Za-z][A-Za-z0-9_./:-]*$|^[0-9]+[a-zA-Z]+$/;
const WORDS = /^(true|false|null|yes|no|on|off)$/i;

/** A scalar, or a small list or mapping, as YAML. */
const yaml = (value: unknown): string =>
  typeof value === "string" && PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);

/** A value as YAML on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return yaml(value);
  return `{ ${Object.entries(value)
    .map(([name, inner]) => `${name}: ${flow(inner)}`)
    .join(", ")} }`;
}

/** A line of the example; `live` where it is no comment. */
interface Line {
  indent: number;
  text: string;
  live: boolean;
  /** The first key of a list's entry. */
  dash?: true;
}

/** A key with what it is for: beside it, or above where both do not fit. A key that is not live starts with `#`. */
function keyLines(indent: number, text: string, live: boolean, description: string): Line[] {
  const key = live ? text : `#${text}`;
  if (indent + key.length + description.length + 4 <= WIDTH)
    return [{ indent, text: `${key}  # ${description}`, live }];
  return [
    { indent, text: `# ${description}`, live: false },
    { indent, text: key, live },
  ];
}

/** A mapping by names that users choose, with an entry on each line of its own. */
const entryLines = (key: OutlineKey, indent: number): Line[] => [
  ...keyLines(indent, `${key.name}:`, false, key.description),
  ...Object.entries(key.example as Readonly<Record<string, unknown>>).map(([name, entry]) => ({
    indent: indent + 2,
    text: `#${name}: ${flow(entry)}`,
    live: false,
  })),
];

function lines(key: OutlineKey, indent: number, path: string, inLive: boolean): Line[] {
  const here = `${path}${key.name}`;
  if (here === "rules") return entryLines(key, indent);
  if (here === "defaults.probes") return keyLines(indent, `${key.name}: {}`, false, key.description);
  if (key.keys === undefined) {
    // A section is on unless it says otherwise, so what is off by default must say so.
    const live = inLive && (key.required || key.default !== undefined || key.name === "enabled");
    const value = key.required ? key.example : (key.default ?? key.example);
    return keyLines(
      indent,
      value === undefined ? `${key.name}:` : `${key.name}: ${yaml(value)}`,
      live,
      key.description,
    );
  }
  const live = inLive && (key.required || key.default !== undefined);
  const inner = key.keys.flatMap((child) => lines(child, indent + (key.list ? 4 : 2), `${here}.`, live));
  return [...keyLines(indent, `${key.name}:`, live, key.description), ...(key.list ? dashed(inner) : inner)];
}

/** Puts the dash of a list's only entry before its first key. */
function dashed(all: readonly Line[]): Line[] {
  const first = all.findIndex(({ text }) => !text.startsWith("# "));
  return all.map((line, i) =>
    i === first ? { ...line, indent: line.indent - 2, text: line.text.replace(/^#?/, "$&- ") } : line,
  );
}

/**
 * A document with one target that shows every key: live with its default, or commented out with an example where there is
 * no default. It compiles to the same configuration as the target's name and URL alone.
 */
export function printExample(kinds: readonly ProbeKind[], schemaPath: string): string {
  const head = [
    `# yaml-language-server: $schema=${schemaPath}`,
    "# Every key. Keys that are not commented out have their default value; leave them out if you do not change them. Printed by `config example`.",
  ];
  const all = outline(kinds).flatMap((key) => lines(key, 0, "", true));
  return `${[...head, ...all.map(({ indent, text }) => " ".repeat(indent) + text)].join("\n")}\n`;
}
