import { printExample } from "../../config/example.ts";
import type { Command } from "../command.ts";
import { noArguments } from "./config-arguments.ts";

/** Where the schema is, seen from the folder of the examples. */
const SCHEMA_FROM_EXAMPLES = "../config.schema.json";

/** Prints a configuration that shows every key. */
export const configExample: Command = {
  name: "config example",
  usage: "",
  summary: "Prints a configuration that shows every key with its default.",
  run(args, { kinds, print }) {
    noArguments(args);
    print(printExample(kinds, SCHEMA_FROM_EXAMPLES).trimEnd());
    return 0;
  },
};
