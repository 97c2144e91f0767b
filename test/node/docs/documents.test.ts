import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "proto/README.md",
  ...readdirSync("docs").map((name) => join("docs", name)),
];

const textOf = (file: string): string => readFileSync(file, "utf8");

/** The document without its blocks of code, where nothing is a link. */
const proseOf = (file: string): string => textOf(file).replace(/^ *```.*?^ *```$/gms, "");

/** GitHub's name of a heading, for links. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (file: string): string[] =>
  [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

describe.each(DOCUMENTS)("%s", (file) => {
  it("links to files and headings that exist", () => {
    const links = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("names paths of the repository that exist", () => {
    const named = [...textOf(file).matchAll(/(?<![\w./-])(?:functions|test|proto|schemas|docs|\.ci)\/[\w./*-]*[\w/]/g)];
    // Of a path with a placeholder in capitals the folder must exist.
    const paths = named.map(([path]) => path.replace(/\/[\w.-]*(NAME|\*)[\w./*-]*$/, "/"));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith("/") && !statSync(path).isDirectory())).toEqual([]);
  });

  it("has one title, and no heading twice", () => {
    expect(proseOf(file).match(/^# /gm)).toHaveLength(1);
    const anchors = anchorsOf(file);
    expect(anchors.filter((anchor, index) => anchors.indexOf(anchor) !== index)).toEqual([]);
  });
});

it("the README has 1,500 words at most, and leads to every page of docs/", () => {
  expect(textOf("README.md").split(/\s+/).length).toBeLessThanOrEqual(1_500);
  for (const name of readdirSync("docs")) expect(textOf("README.md")).toContain(`(docs/${name})`);
});
