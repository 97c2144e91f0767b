import { printSchema } from "../../config/schema.ts";
import type { Command } from "../command.ts";
import { noArguments } from "./config-arguments.ts";

/** Prints the JSON Schema of watch.yaml. */
export const configSchema: Command = {
  name: "config schema",
  usage: "",
  summary: "Prints the JSON Schema of watch.yaml.",
  run(args, { kinds, print }) {
    noArguments(args);
    print(printSchema(kinds).trimEnd());
    return 0;
  },
};
