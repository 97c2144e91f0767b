import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { reasons } from "../../../functions/model/probing/failure.ts";

const PAGES = readdirSync("docs")
  .filter((name) => name.endsWith(".md"))
  .map((name) => join("docs", name));
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "proto/README.md", ...PAGES];

const textOf = (file: string): string => readFileSync(file, "utf8");

const PATH = /(?<![\w./-])(?:functions|test|proto|schemas|docs|\.ci)\/[\w./*-]*[\w/]/g;

/** Of a path with a placeholder in capitals, or with a star, its folder. */
const withoutPlaceholder = (path: string): string => path.replace(/\/[\w.-]*(?:NAME|\*)[\w./*-]*$/, "/");

it.each(DOCUMENTS)("%s names paths of the repository that exist", (file) => {
  const paths = [...textOf(file).matchAll(PATH)].map(([path]) => withoutPlaceholder(path));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  expect(paths.filter((path) => path.endsWith("/") && !statSync(path).isDirectory())).toEqual([]);
});

it("the README leads to every page", () => {
  for (const page of PAGES) expect(textOf("README.md")).toContain(`(${page})`);
});

it("the troubleshooting page says what to do about every reason", () => {
  const page = textOf("docs/troubleshooting.md");
  expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});
