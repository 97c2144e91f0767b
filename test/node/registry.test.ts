import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { RULE_KINDS } from "../../functions/evaluate/rules/kinds/registry.ts";
import { CHANNELS } from "../../functions/notify/channels/registry.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { TABLE_KINDS } from "../probe/fault-table/fault-table-entries.ts";

// The config is compiled by plain Node, which cannot import the WebAssembly that probes run with in workerd.
it("can be read by Node, with a JSON Schema of every option", () => {
  for (const { options } of PROBE_KINDS) {
    const { properties = {}, additionalProperties } = z.toJSONSchema(options, { io: "input" });
    expect(additionalProperties).toBe(false);
    for (const property of Object.values(properties)) expect(property).toHaveProperty("description");
  }
});

/** The text of every test file of a folder. */
const testsIn = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(`${folder}/${name}`, "utf8"))
    .join("\n");

// Suites that a test file calls for its own entry would otherwise be left out without anybody noticing.
describe("every entry of a registry is described by tests", () => {
  const ofKinds = testsIn("test/probe/kinds");

  it("a probe kind that speaks RPC has a column in the fault table, or describes its faults itself", () => {
    const asking = PROBE_KINDS.filter(({ tier }) => tier !== "outside").map(({ kind }) => kind);
    const missing = asking.filter(
      (kind) => !TABLE_KINDS.includes(kind) && !ofKinds.includes(`describeFaults("${kind}"`),
    );
    expect(missing).toEqual([]);
  });

  it("a rule that a probe kind brings is described beside the kind", () => {
    const rules = PROBE_KINDS.flatMap(({ rules = [] }) => rules.map(({ name }) => name));
    expect(rules.filter((name) => !ofKinds.includes(`describeRule("${name}"`))).toEqual([]);
  });

  it("a channel keeps the contract in its own test file", () => {
    const described = ({ channel }: { channel: string }): boolean => {
      const path = `test/notify/channels/${channel}.test.ts`;
      return existsSync(path) && readFileSync(path, "utf8").includes("describeChannel(");
    };
    expect(CHANNELS.filter((channel) => !described(channel)).map(({ channel }) => channel)).toEqual([]);
  });

  it("a rule kind has a test file of its name", () => {
    const missing = RULE_KINDS.filter(({ kind }) => !existsSync(`test/evaluate/rules/kinds/${kind}.test.ts`));
    expect(missing.map(({ kind }) => kind)).toEqual([]);
  });
});
