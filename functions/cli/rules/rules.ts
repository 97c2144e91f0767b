import { printedFor, printRules } from "../../expose/prometheus/prometheus-rules.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import type { Command } from "../command.ts";
import { readConfig } from "../config/read-config.ts";

/** Prints the alerting rules for Prometheus, as the product serves them. */
export const rules: Command = {
  name: "rules",
  usage: "[FILE] [--local]",
  summary: "Prints the alerting rules for Prometheus.",
  run(args, context) {
    const loaded = readConfig(args, context);
    if (loaded === undefined) return 1;
    const families = shownFamilies(context.kinds, loaded.config.imports);
    context.print(printRules(printedFor(loaded.config, families)).trimEnd());
    return 0;
  },
};
