import { printedFor, printRules } from "../../expose/prometheus/prometheus-rules.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import type { Command } from "../command.ts";
import { configArguments } from "../config/config-arguments.ts";
import { loadConfig } from "../config/load-config.ts";

/** Prints the alerting rules for Prometheus, as the product serves them. */
export const rules: Command = {
  name: "rules",
  usage: "[FILE] [--local]",
  summary: "Prints the alerting rules for Prometheus.",
  run(args, context) {
    const { file, local } = configArguments(args, context);
    const loaded = loadConfig(file, context.kinds, { local });
    if (!loaded.ok) {
      for (const line of loaded.errors) context.complain(line);
      return 1;
    }
    const families = shownFamilies(context.kinds, loaded.config.imports);
    context.print(printRules(printedFor(loaded.config, families)).trimEnd());
    return 0;
  },
};
