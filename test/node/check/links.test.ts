import { expect, it } from "vitest";
import { anchorsIn, judgeLinks, judgeReadmeLength } from "../../check/links.ts";

const FILES = new Set(["LICENSE", "functions", "functions/worker.ts", "docs/picture.svg"]);

const faultsOf = (text: string, path = "docs/page.md"): readonly string[] =>
  judgeLinks(
    new Map([
      ["README.md", "# Top\n## A `heading`: it's here!\n"],
      [path, text],
    ]),
    (p) => FILES.has(p),
  ).faults;

it.each([
  "[x](../README.md)",
  "[x](../README.md#a-heading-its-here)",
  "[x](../README.md#top 'a title')",
  "[x](/LICENSE)",
  "[x](../functions/)",
  "![x](picture.svg)",
  '<img src="picture.svg">',
  "[x]: ../functions/worker.ts",
  "# Own part\n[x](#own-part)",
  "[x](https://example.com/nowhere#at-all) and [y](mailto:a@b.example)",
  "`[x](nowhere.md)`\n```md\n[x](nowhere.md)\n```",
])("lets %j pass", (text) => expect(faultsOf(text)).toEqual([]));

it.each([
  ["[x](nowhere.md)", "docs/page.md:1: nowhere.md: there is no docs/nowhere.md"],
  ["\n[x](../functions/none.ts)", "docs/page.md:2: ../functions/none.ts: there is no functions/none.ts"],
  [
    "[x](../README.md#a-heading)",
    "docs/page.md:1: ../README.md#a-heading: no heading of README.md has the anchor #a-heading",
  ],
  ["[x](#none)", "docs/page.md:1: #none: no heading of docs/page.md has the anchor #none"],
  ["[x](../../other)", "docs/page.md:1: ../../other leads out of the repository"],
  ["[x]: none.md", "docs/page.md:1: none.md: there is no docs/none.md"],
  ['<a href="none.md">x</a>', "docs/page.md:1: none.md: there is no docs/none.md"],
  [
    "```sh\n# Not a heading\n```\n[x](#not-a-heading)",
    "docs/page.md:4: #not-a-heading: no heading of docs/page.md has the anchor #not-a-heading",
  ],
])("finds that %j leads nowhere", (text, fault) => expect(faultsOf(text)).toEqual([fault]));

it("makes anchors as GitHub does", () => {
  const text =
    "# A\n## `config.check` & [more](x.md)\n## A\n### Größe_2 – Ω\nUnder\n-----\n<a id='x'></a><a id=\"own\"></a>\n";
  expect([...anchorsIn(text)]).toEqual(["a", "configcheck--more", "a-1", "größe_2--ω", "under", "own"]);
});

it("counts the README's words", () => {
  expect(judgeReadmeLength("word ".repeat(1_500)).faults).toEqual([]);
  expect(judgeReadmeLength("word\n".repeat(1_501)).faults).toEqual(["README.md has 1501 words, more than 1500"]);
});
