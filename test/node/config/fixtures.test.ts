import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compileText } from "../../../functions/cli/config/compile-text.ts";
import { RULE_KINDS } from "../../../functions/evaluate/rules/kinds/registry.ts";
import { CHANNELS } from "../../../functions/notify/channels/registry.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/config/", import.meta.url).href);
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => name.slice(0, -".yaml".length));

const readFixture = (name: string): string => readFileSync(`${FOLDER}${name}`, "utf8");

const ruleKinds = (type: string | undefined): string =>
  RULE_KINDS.filter(({ selects }) => type === undefined || Object.values<string>(selects).includes(type))
    .map(({ kind }) => kind)
    .join(", ");

/** The text beside a document; channels and kinds of rules come from their registries. */
const expectedOf = (name: string): string =>
  readFixture(`${name}.txt`)
    .replaceAll("{channels}", CHANNELS.map(({ channel }) => channel).join(", "))
    .replaceAll(/\{kinds of rules(?: for a (\w+))?\}/g, (_, type: string | undefined) => ruleKinds(type));

/**
 * All that a person would read, line by line. A fixture that starts with `# local` is compiled for a local run, and one
 * that is about a real kind of probe, by its name, with the real ones.
 */
function said(name: string): { ok: boolean; text: string } {
  const text = readFixture(`${name}.yaml`);
  const kinds = /^(right-|warning-)?(scrape|push)-/.test(name) ? PROBE_KINDS : SAMPLE_KINDS;
  const loaded = compileText(text, `${name}.yaml`, kinds, { local: text.startsWith("# local\n") });
  const lines = loaded.ok ? loaded.warnings.map((line) => `warning: ${line}`) : loaded.errors;
  return { ok: loaded.ok, text: lines.map((line) => `${line}\n`).join("") };
}

describe("each way to be wrong says exactly what is wrong", () => {
  it("has a text beside every document, and no other", () => {
    const texts = readdirSync(FOLDER).filter((name) => !name.endsWith(".yaml"));
    expect(texts.sort()).toEqual(names.map((name) => `${name}.txt`).sort());
    expect(names.length).toBeGreaterThan(100);
  });

  it.each(names)("%s", (name) => {
    const { ok, text } = said(name);
    expect(text).toBe(expectedOf(name));
    expect(ok).toBe(/^(warning|right)-/.test(name));
  });

  it("never shows what may be a secret", () => {
    for (const name of names) expect(said(name).text).not.toMatch(/hunter2|sk-live|AKIA|1234567890/);
  });
});
