import { posix } from "node:path";
import { partsOfDocument } from "./documents.ts";
import type { Files } from "./source-files.ts";
import type { Verdict } from "./verdict.ts";

/** What a reader takes in at one sitting. */
const MOST_README_WORDS = 1_500;

/** Finds relative links of documents that lead to no file or folder, and anchors that no heading has. */
export function judgeLinks(documents: Files, exists: (path: string) => boolean): Verdict {
  const faults: string[] = [];
  let count = 0;
  for (const [path, text] of documents)
    for (const { target, line } of linksIn(text)) {
      if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
      count++;
      const [file = "", anchor] = target.split("#", 2);
      const to = file === "" ? path : resolveLink(path, decodeURIComponent(file));
      const place = `${path}:${line}: ${target}`;
      if (to.startsWith("..")) faults.push(`${place} leads out of the repository`);
      else if (!documents.has(to) && !exists(to)) faults.push(`${place}: there is no ${to}`);
      else if (anchor !== undefined && to.endsWith(".md") && !hasAnchor(documents, to, anchor))
        faults.push(`${place}: no heading of ${to} has the anchor #${anchor}`);
    }
  return { faults, notes: [`links: ${count} relative ones in ${documents.size} documents`] };
}

/** Counts the words of the README, those of its code among them, as `wc -w` does. */
export function judgeReadmeLength(text: string): Verdict {
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  const faults = words > MOST_README_WORDS ? [`README.md has ${words} words, more than ${MOST_README_WORDS}`] : [];
  return { faults, notes: [`README.md: ${words} words`] };
}

function resolveLink(from: string, target: string): string {
  const path = target.startsWith("/") ? target.slice(1) : posix.join(posix.dirname(from), target);
  return posix.normalize(path).replace(/\/$/, "") || ".";
}

function hasAnchor(documents: Files, path: string, anchor: string): boolean {
  const text = documents.get(path);
  // A document that is not ours to read: only its being there is known.
  return text === undefined || anchorsIn(text).has(decodeURIComponent(anchor).toLowerCase());
}

function linksIn(text: string): { target: string; line: number }[] {
  return partsOfDocument(text).prose.flatMap((line, i) => {
    const plain = line.replaceAll(/(`+)(?:(?!\1).)+\1/g, "");
    const inline = [...plain.matchAll(/\]\(\s*<?([^\s)<>]+)>?(?:\s+["'(][^)]*)?\)/g)];
    const defined = [...plain.matchAll(/^ {0,3}\[[^\]^]+\]:\s*<?([^\s>]+)>?/g)];
    const html = [...plain.matchAll(/<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g)];
    return [...inline, ...defined, ...html].map(([, target = ""]) => ({ target, line: i + 1 }));
  });
}

/** The anchors of a document by GitHub's rule; a heading that comes again gets a number. */
export function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  const { prose } = partsOfDocument(text);
  prose.forEach((line, i) => {
    for (const [, name = ""] of line.matchAll(/<a\b[^>]*?\b(?:id|name)="([^"]+)"/g)) anchors.add(name.toLowerCase());
    const underlined = /^(=+|-+)\s*$/.test(prose[i + 1] ?? "") && /\S/.test(line) && !/^\s*[|<#>-]/.test(line);
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1] ?? (underlined ? line.trim() : undefined);
    if (heading === undefined) return;
    const slug = slugOf(heading);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  });
  return anchors;
}

function slugOf(heading: string): string {
  const shown = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/<[^>]+>/g, "");
  return shown
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}
