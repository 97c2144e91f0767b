import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Where the platform hands over its bindings: the Worker and its Durable Objects. */
const ENTRIES = [
  "functions/alerter/alerter.ts",
  "functions/monitor/monitor.ts",
  "functions/probe/region.ts",
  "functions/worker.ts",
];

const BINDING = /\bEnv\b|\benv\.[A-Z]|"cloudflare:workers"/;

it("bindings are read in the entries only", () => {
  const files = globSync("functions/**/*.ts").filter((file) => !file.endsWith(".d.ts") && !file.includes("/cli/"));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => BINDING.test(readFileSync(file, "utf8"))).sort()).toEqual(ENTRIES);
});
