import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { printRules } from "../../../functions/expose/prometheus/prometheus-rules.ts";
import { RULES } from "../compared-rules.ts";
import { checkRuleAgreement } from "../rules.ts";
import { FAMILIES } from "../rules-history.ts";
import type { Story } from "../story.ts";

/** Five hours each; every third loses its storage in the middle. */
const SEEDS = Array.from({ length: 6 }, (_, i) => i + 1);
const MINUTES = 300;

/** A real Prometheus evaluates the rules that we print as our own evaluator does. */
export const rules: Story = {
  name: "rules",
  // It computes in this very process, where the others wait for their ticks.
  alone: true,
  needs: [{ command: "promtool", debianPackage: "prometheus" }],
  async run(ctx) {
    const file = join(ctx.scratch, "rules.yml");
    const families = new Map(FAMILIES.map((f) => [f.name, f]));
    writeFileSync(file, printRules({ rules: RULES, families, targets: [], externalUrl: "https://watch.example" }));
    const checked = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
    ctx.check("promtool takes what is printed", checked.status === 0, `${checked.stdout}${checked.stderr}`.trim());

    const all = SEEDS.map((seed) => checkRuleAgreement(join(ctx.scratch, `seed-${seed}`), seed, MINUTES));
    const apart = all.flatMap((one) => one.apart.map((text) => `seed ${one.seed}, ${text}`));
    const sum = (of: "compared" | "equal" | "excused"): number => all.reduce((total, one) => total + one[of], 0);
    ctx.check(
      "promtool sees each alert as we do, at most one evaluation apart",
      apart.length === 0,
      apart.length === 0
        ? `${sum("compared")} minutes of alerts compared in ${all.length} histories: ${sum("equal")} equal, ${sum("excused")} later by minutes that were missed`
        : apart.slice(0, 20).join("\n"),
    );
    const kinds = RULES.filter((rule) => !CATALOGUE.includes(rule));
    const silent = kinds.filter(({ name }) => !all.some(({ fired }) => fired.has(name)));
    ctx.check(
      "a rule of every kind has fired meanwhile",
      silent.length === 0,
      silent.map(({ name }) => name),
    );
  },
};
