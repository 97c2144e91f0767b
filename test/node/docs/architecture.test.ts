import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** One line of the way of a sample: a file, and how one comes to it from the file above. */
interface Stop {
  file: string;
  depth: number;
  /** `seam`: a call to another Durable Object. `back`: a port, which a file further up declares. */
  by: "import" | "seam" | "back";
  /** The method or port that is called, for a seam or a jump back. */
  called: string | undefined;
}

const HEADING = "## The way of a sample: from the cron to Slack";
const LINE = /^((?: {2})*)- `([^`]+)`(?:: \S| \((seam|back)\): `(\w+)`)/;

const text = readFileSync("docs/architecture.md", "utf8");
const section = text.slice(text.indexOf(`\n${HEADING}\n`)).split(/\n## /)[1] ?? "";
const lines = section.split("\n").filter((line) => /^ *- /.test(line));
const stops = lines.flatMap((line): Stop[] => {
  const [, indent = "", file = "", by = "import", called] = LINE.exec(line) ?? [];
  return file === "" ? [] : [{ file, depth: indent.length / 2, by: by as Stop["by"], called }];
});

/** The files above a stop, the nearest first. */
function above(index: number): string[] {
  const found: string[] = [];
  let depth = stops[index]?.depth ?? 0;
  for (const { file, depth: at } of stops.slice(0, index).reverse())
    if (at < depth) {
      found.push(file);
      depth = at;
    }
  return found;
}

const IMPORT = /^(?:import|export)\b[^;]*?from "(\.[^"]+)"/gm;

/** What a file imports statically, types too. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, path = ""]) => join(dirname(file), path));
}

describe("the way of a sample in docs/architecture.md", () => {
  it("can be read, line by line, from the entry to Slack", () => {
    expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
    const files = stops.map(({ file }) => file);
    expect(files[0]).toBe("functions/worker.ts");
    expect(files).toContain("functions/notify/channels/slack.ts");
    expect(stops.filter(({ depth }) => depth === 0)).toHaveLength(1);
    for (const [index, { depth }] of stops.entries())
      if (index > 0) expect(depth, files[index]).toBeLessThanOrEqual((stops[index - 1]?.depth ?? 0) + 1);
  });

  it("names files that exist, 55 at most, each once but for ports", () => {
    const files = stops.filter(({ by }) => by !== "back").map(({ file }) => file);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(55);
    expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
  });

  it("goes from file to file by imports, but for calls between Durable Objects", () => {
    const broken = stops.flatMap(({ file, by }, index) => {
      const [parent] = above(index);
      if (parent === undefined || by !== "import") return [];
      return importsOf(parent).includes(file) ? [] : [`${parent} does not import ${file}`];
    });
    expect(broken).toEqual([]);
  });

  it("calls another Durable Object by the name of its method, in the file above it", () => {
    for (const [index, { file, by, called }] of stops.entries()) {
      if (by !== "seam") continue;
      const [caller = ""] = above(index);
      expect(readFileSync(file, "utf8"), file).toContain("extends DurableObject");
      expect(readFileSync(file, "utf8"), file).toMatch(new RegExp(`^  (?:async )?${called}\\(`, "m"));
      expect(readFileSync(caller, "utf8"), caller).toContain(`.${called}(`);
    }
  });

  it("jumps back twice at most, to a file further up", () => {
    const back = stops.flatMap(({ file, by }, index) => (by === "back" ? [{ file, above: above(index) }] : []));
    expect(back.length).toBeLessThanOrEqual(2);
    for (const { file, above: files } of back) expect(files).toContain(file);
  });

  it("jumps back by a port that the file above calls and the file further up declares", () => {
    for (const [index, { file, by, called }] of stops.entries()) {
      if (by !== "back") continue;
      const [caller = ""] = above(index);
      expect(readFileSync(caller, "utf8"), caller).toContain(`orts.${called}(`);
      expect(readFileSync(file, "utf8"), file).toMatch(new RegExp(`^ +${called}:`, "m"));
    }
  });

  it("shows the registries, with one kind each", () => {
    const files = stops.map(({ file }) => file);
    for (const folder of ["functions/probe/kinds/", "functions/evaluate/rules/kinds/", "functions/notify/channels/"])
      expect(files.filter((file) => file.startsWith(folder))).toEqual([`${folder}registry.ts`, expect.any(String)]);
  });
});
