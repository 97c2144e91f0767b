import { ADDITIONS } from "./additions.ts";

type Command = readonly [command: string, ...args: string[]];

/** Suites that run over every entry of a registry, and those of the configuration. */
const CONTRACTS = [
  "test/probe/kinds/contract.test.ts",
  "test/monitor/outage-ends.test.ts",
  "test/evaluate/rules/kinds",
  "test/expose/app.test.ts",
  "test/node/registry.test.ts",
  "test/node/config/fixtures.test.ts",
  "test/node/config/printed.test.ts",
  "test/node/config/registry.test.ts",
  "test/node/config/rules.test.ts",
  "test/node/cli/commands.test.ts",
  "test/node/cli/grafana",
];

/** What must pass in a copy that has been extended. */
export const GATES: Readonly<Record<"whole" | "small", readonly Command[]>> = {
  whole: [
    ["npm", "run", "-s", "gen"],
    ["npm", "run", "-s", "check"],
    ["npm", "test"],
  ],
  small: [
    ["npm", "run", "-s", "gen"],
    ["npm", "run", "-s", "compile"],
    ["npx", "tsc", "-p", "tsconfig.json"],
    ["npx", "tsc", "-p", "test/tsconfig.json"],
    ["npx", "vitest", "run", "--config", "test/vitest.config.ts", ...ADDITIONS.map(({ test }) => test), ...CONTRACTS],
  ],
};
