import { PROBE_KINDS } from "../probe/registry.ts";
import { configCheck } from "./config-check.ts";
import { configDocs } from "./config-docs.ts";
import { configExample } from "./config-example.ts";
import { configExplain } from "./config-explain.ts";
import { configPush } from "./config-push.ts";
import { configSchema } from "./config-schema.ts";
import { dispatch } from "./dispatch.ts";
import { rules } from "./rules.ts";
import { rulesBacktest } from "./rules-backtest.ts";

const COMMANDS = [
  configCheck,
  configExplain,
  configPush,
  configSchema,
  configDocs,
  configExample,
  rulesBacktest,
  rules,
];

process.exitCode = dispatch(process.argv.slice(2), COMMANDS, {
  kinds: PROBE_KINDS,
  env: process.env,
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
});
