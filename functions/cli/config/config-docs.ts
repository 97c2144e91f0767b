import { printConfigDocs } from "../../config/docs.ts";
import type { Command } from "../command.ts";
import { noArguments } from "./config-arguments.ts";

/** Prints a Markdown table of every key of watch.yaml. */
export const configDocs: Command = {
  name: "config docs",
  usage: "",
  summary: "Prints a Markdown table of every key of watch.yaml.",
  run(args, { kinds, print }) {
    noArguments(args);
    print(printConfigDocs(kinds).trimEnd());
    return 0;
  },
};
