import type { ProbeKind } from "../probe/kind.ts";
import { type OutlineKey, outline } from "./outline.ts";

const WIDTH = 118;
const PLAIN = /^[A-Za-z][A-Za-z0-9_./:-]*$|^[0-9]+[a-zA-Z]+$/;
const WORDS = /^(true|false|null|yes|no|on|off)$/i;

/** A scalar, or a small list or mapping, as YAML. */
const yaml = (value: unknown): string =>
  typeof value === "string" && PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);

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

function lines(key: OutlineKey, indent: number, path: string, inLive: boolean): Line[] {
  const here = `${path}${key.name}`;
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
  const first = inner.find(({ text }) => !text.startsWith("# "));
  if (key.list && first !== undefined) first.dash = true;
  return [...keyLines(indent, `${key.name}:`, live, key.description), ...inner];
}

function printed({ indent, text, live, dash }: Line): string {
  if (dash === undefined) return " ".repeat(indent) + text;
  return " ".repeat(indent - 2) + (live ? `- ${text}` : `#- ${text.slice(1)}`);
}

/**
 * A document with one target that shows every key: live with its default, or commented out with an example where there is
 * no default. It compiles to the same configuration as the target's name and URL alone.
 */
export function printExample(kinds: readonly ProbeKind[], schemaPath: string): string {
  const head = [
    `# yaml-language-server: $schema=${schemaPath}`,
    "# Every key. What is not commented out is the default: leave out what you do not change. Printed by `config example`.",
  ];
  return `${[...head, ...outline(kinds).flatMap((key) => lines(key, 0, "", true).map(printed))].join("\n")}\n`;
}
