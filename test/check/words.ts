import { namesIn } from "./names.ts";
import type { Files } from "./source-files.ts";
import type { Verdict } from "./verdict.ts";
import { ODD_PHRASES, PRIVATE_WORDS, type PrivateWord } from "./word-list.ts";

interface Finding {
  path: string;
  /** What it is counted under. */
  group: string;
  /** 0 where it is the name of the file. */
  line: number;
  word: string;
  instead: string;
  /** The name or the sentence. */
  text: string;
}

const SQL = /^\s*(SELECT|INSERT|CREATE|UPDATE|DELETE|DROP|ALTER|WITH|REPLACE)\s/;
const SENTENCE_SHOWN = 70;

/** Finds private words in names (of files, types, variables, events, columns) and in what people read; not in comments. */
export function judgeWords(files: Files): Verdict {
  const found = [...files].flatMap(([path, text]) => findingsIn(path, text));
  const counts = Map.groupBy(found, ({ group }) => group);
  const sorted = [...counts].sort(([, a], [, b]) => b.length - a.length);
  return {
    faults: found.map(({ path, line, word, instead, text }) => `${path}:${line}: ${word} -> ${instead}   (${text})`),
    notes: sorted.length === 0 ? [] : [`words: ${sorted.map(([word, { length }]) => `${word} ${length}`).join(", ")}`],
  };
}

function findingsIn(path: string, text: string): Finding[] {
  const at = (line: number) => (hit: Hit) => ({ path, line, ...hit });
  const found: Finding[] = inName(path.replace(/^(functions|test|proto|schemas)\//, ""), path, true).map(at(0));
  if (/\.tsx?$/.test(path)) {
    const { declared, texts } = namesIn(path, text);
    for (const { text: name, line } of declared) found.push(...inName(name, path).map(at(line)));
    for (const { text: said, line } of texts) found.push(...inText(said, path).map(at(line)));
  } else
    linesOf(path, text).forEach((said, i) => {
      const hits = path.endsWith(".md")
        ? inSentence(said)
        : [...said.matchAll(/\b[a-z]\w*/gi)].flatMap(([name]) => inName(name, path));
      found.push(...hits.map(at(i + 1)));
    });
  const once = new Map(found.map((one) => [`${one.line} ${one.word} ${one.text}`, one]));
  return [...once.values()].sort((a, b) => a.line - b.line);
}

type Hit = Omit<Finding, "path" | "line">;

/** A string of code is a name (an event, a column), a query with names in it, or a sentence. */
function inText(text: string, path: string): Hit[] {
  if (SQL.test(text)) return [...text.matchAll(/\b[a-z][a-z_0-9]*\b/g)].flatMap(([name]) => inName(name, path));
  if (/^[\w.:/-]+$/.test(text)) return inName(text, path);
  // Titles of tests are read by those who know the code.
  return path.startsWith("functions/") ? inSentence(text) : [];
}

/** Parts of a name: `toldAt`, `told_at` and `told-at` have two. */
export function partsOf(name: string): string[] {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return spaced
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
}

function inName(name: string, path: string, isPath = false): Hit[] {
  const parts = partsOf(isPath ? name.replace(/(\.test|\.laws\.test)?\.\w+$/, "") : name);
  return PRIVATE_WORDS.flatMap((row) => {
    const word = row.words.find((one) => stands(one, parts));
    if (word === undefined || !applies(row, name, path)) return [];
    return [{ group: groupOf(row), word: word.replace("-", ""), instead: row.instead, text: name }];
  });
}

const groupOf = ({ words: [first = ""] }: PrivateWord): string => first;

function stands(word: string, parts: readonly string[]): boolean {
  // As a part by itself such a word may be anything.
  if (word.startsWith("-")) return parts.length > 1 && parts.at(-1) === word.slice(1);
  return ` ${parts.join(" ")} `.includes(` ${word} `);
}

function applies({ only = {}, except }: PrivateWord, name: string, path: string): boolean {
  const isOurs = (only.names?.test(name) ?? true) && (only.files?.test(path) ?? true);
  const isKnown = except !== undefined && (except.names?.test(name) ?? true) && (except.files?.test(path) ?? true);
  return isOurs && !isKnown;
}

function inSentence(text: string): Hit[] {
  const shown = text.trim().replaceAll(/\s+/g, " ");
  const around = (index: number): string =>
    shown.slice(Math.max(0, index - SENTENCE_SHOWN / 2)).slice(0, SENTENCE_SHOWN);
  const phrases = [
    ...PRIVATE_WORDS.filter(({ inSentences }) => inSentences).map((row) => ({
      phrase: new RegExp(`\\b(${row.words.join("|")})\\b`, "i"),
      group: groupOf(row),
      instead: row.instead,
    })),
    ...ODD_PHRASES.map((odd) => ({ ...odd, group: "turns of speech" })),
  ];
  return phrases.flatMap(({ phrase, group, instead }) => {
    const hit = phrase.exec(shown);
    return hit === null ? [] : [{ group, word: hit[0].toLowerCase(), instead, text: around(hit.index) }];
  });
}

/** Lines without comments; of Markdown without code. */
function linesOf(path: string, text: string): string[] {
  if (!path.endsWith(".md")) return text.split("\n").map((line) => line.replace(/(--|\/\/).*/, ""));
  let inCode = false;
  return text.split("\n").map((line) => {
    if (/^\s*```/.test(line)) inCode = !inCode;
    return inCode ? "" : line.replaceAll(/`[^`]*`/g, "");
  });
}
