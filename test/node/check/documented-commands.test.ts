import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandBlocks, judgeCommands } from "../../check/documented-commands.ts";
import { readDocuments } from "../../check/documents.ts";
import { runCommands } from "../../check/run-commands.ts";
import { copyProject } from "../../e2e/project-copy.ts";

const of = (text: string) => new Map([["docs/x.md", text]]);
const faultsOf = (text: string): readonly string[] => judgeCommands(of(text), ["cli", "zako", "deploy"]).faults;
const block = (...commands: string[]) => ({ place: "x:1", needs: "nothing" as const, commands });

describe("what is found", () => {
  it("takes commands without comments, and what goes over several lines as one", () => {
    const text =
      "```sh\n# first\nnpm run cli -- a   # this\n\ncurl \\\n  x\ncat <<'EOF' >a\n# text\nEOF\nls\n```\n```yaml\na: b\n```\n";
    expect(commandBlocks(of(text))).toEqual([
      {
        place: "docs/x.md:2",
        needs: "nothing",
        commands: ["npm run cli -- a   # this", "curl \\\n  x", "cat <<'EOF' >a\n# text\nEOF", "ls"],
      },
    ]);
  });

  it("takes of a console what follows the prompt", () => {
    const text = "```console\n$ ls\na  b\n$ cat \\\n> a\ntext\n```\n";
    expect(commandBlocks(of(text)).map(({ commands }) => commands)).toEqual([["ls", "cat \\\na"]]);
  });

  it.each([
    ["<!-- needs: account -->\n```sh\nls\n```", "account"],
    ["<!-- needs: product -->\n\n```sh\nls\n```", "product"],
    ["```sh needs=gate\nls\n```", "gate"],
    ["<!-- needs: account -->\ntext between\n```sh\nls\n```", "nothing"],
    ["<!-- needs: account -->\n```yaml\na: b\n```\n```sh\nls\n```", "nothing"],
  ])("reads the mark of %j", (text, needs) => expect(commandBlocks(of(text)).map((one) => one.needs)).toEqual([needs]));
});

describe("what is wrong", () => {
  it.each([
    ["```sh\nnpm run none -- x\n```", "docs/x.md:2: there is no script none: npm run none -- x"],
    ["```sh\nnpx wrangler deploy\n```", "docs/x.md:2: needs an account, and is not marked: npx wrangler deploy"],
    ["```sh\nnpm run deploy\n```", "docs/x.md:2: needs an account, and is not marked: npm run deploy"],
    [
      "```sh needs=product\ncurl https://a.example\n```",
      "docs/x.md:2: needs an account, and is not marked: curl https://a.example",
    ],
    ["```sh\ncurl localhost:8787/x\n```", "docs/x.md:2: needs the product, and is not marked: curl localhost:8787/x"],
    ["```sh needs=luck\nls\n```", "docs/x.md:2: needs: luck is none of nothing, product, account, gate"],
    ["```sh\n# only words\n```", "docs/x.md:2: has no command"],
  ])("%j", (text, fault) => expect(faultsOf(text)).toEqual([fault]));

  it("is nothing where all is marked", () => {
    const text = "```sh needs=account\nnpx wrangler deploy\n```\n```sh needs=product\nnpm run zako -- clear\n```\n";
    expect(judgeCommands(of(text), ["zako"])).toEqual({
      faults: [],
      notes: [
        "commands: 0 run by themselves, 1 run while npm start does, 1 need an account, or an installation of one's own, 0 are what the gate runs, or take as long",
      ],
    });
  });
});

describe("a block that is run", () => {
  const options = { folder: tmpdir(), timeoutMs: 30_000 };

  it("keeps what was exported and the folder that was changed to", async () => {
    expect(await runCommands(block("export A=1", "cd /", 'echo "$A $PWD"'), options)).toEqual({
      ok: true,
      output: "1 /",
    });
  });

  it("ends with the first command that fails, and says which", async () => {
    expect(await runCommands(block("echo a", "false | cat", "echo b"), options)).toEqual({
      ok: false,
      output: expect.stringMatching(/^a\nfailed: /),
    });
  });

  it("is ended where it takes too long", async () => {
    const { ok, output } = await runCommands(block("sleep 600"), { ...options, timeoutMs: 50 });
    expect([ok, output]).toEqual([false, "failed: not ended after 0.05 s"]);
  });

  it("can be adapted", async () => {
    const adapt = (command: string): string => command.replace("8787", "9000");
    expect(await runCommands(block("echo 8787"), { ...options, adapt })).toEqual({ ok: true, output: "9000" });
  });
});

describe("the commands of the documents", () => {
  const blocks = commandBlocks(readDocuments()).filter(({ needs }) => needs === "nothing");
  const scratch = mkdtempSync(join(tmpdir(), "zako-watch-commands-"));
  let folder = "";
  beforeAll(() => {
    folder = copyProject(scratch);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each(blocks)("$place", async (one) => {
    const { ok, output } = await runCommands(one, { folder, timeoutMs: 100_000 });
    expect(ok, output).toBe(true);
  });
});
