import { ownValue } from "../../lib/own-value.ts";
import { formatSize } from "../../lib/size.ts";
import type { ProbePlan, Target, TokenHeader } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { DEFAULTS, type ReadDefaults, type ReadTarget } from "../document.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { parseAddress } from "../urls/url-policy.ts";
import { type Cost, costOf, totalCost } from "./budget.ts";
import { planProbe } from "./plan-probe.ts";
import { compileAccess, withOutside } from "./target-access.ts";

/** What a target is compiled with. */
export interface TargetContext {
  kinds: readonly ProbeKind[];
  defaults: ReadDefaults;
  /** `defaults.probes` and `targets[i]` as they were written. */
  rawDefaultProbes: unknown;
  rawTarget: unknown;
  vantages: number;
  gridMs: number;
  local: boolean;
}

function checkedAddress(text: string | undefined, path: Path, issues: Issue[]): string | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined)
    issues.push({
      path,
      message: `${show(text, path)} is not an IP:port; give one such as 10.0.0.1:9000 or [2001:db8::1]:9000`,
    });
  return address;
}

const counted = (amount: number): string => amount.toLocaleString("en-US");

/** Refuses what would add more to the target's store, or make it issue more tokens, than a day's budget allows. */
function checkBudgets(
  read: ReadTarget,
  path: Path,
  { defaults, rawTarget, ...context }: TargetContext,
  plans: readonly ProbePlan[],
  issues: Issue[],
) {
  const costs = plans.map((plan) => costOf(plan, kindOf(plan, context.kinds), context.vantages));
  const total = totalCost(costs);
  const blame = (key: string): Path => {
    if (ownValue(rawTarget, key) !== undefined) return [...path, key];
    return ownValue(rawTarget, "probes") === undefined ? path : [...path, "probes"];
  };
  const parts = (of: (cost: Cost) => number): string =>
    costs
      .filter((cost) => of(cost) > 0)
      .map((cost) => `${cost.kind} ${counted(of(cost))}`)
      .join(", ");
  const writeBudget = read.write_budget_per_day ?? defaults.write_budget_per_day ?? DEFAULTS.writeBudgetBytes;
  if (total.writtenBytesPerDay > writeBudget)
    issues.push({
      path: blame("write_budget_per_day"),
      message: `the probes would write ${counted(total.writtenBytesPerDay)} bytes a day (${parts((cost) => cost.writtenBytesPerDay)}), more than \`write_budget_per_day\`, ${formatSize(writeBudget)}; give them longer intervals or less to write, or raise the budget`,
    });
  const tokenBudget = read.token_budget_per_day ?? defaults.token_budget_per_day ?? DEFAULTS.tokenBudget;
  if (total.tokensPerDay > tokenBudget)
    issues.push({
      path: blame("token_budget_per_day"),
      message: `the target would have to issue ${counted(total.tokensPerDay)} tokens a day for the probes (${parts((cost) => cost.tokensPerDay)}), more than \`token_budget_per_day\`, ${counted(tokenBudget)}; give them longer intervals, or raise the budget`,
    });
}

function kindOf(plan: ProbePlan, kinds: readonly ProbeKind[]): ProbeKind {
  const kind = kinds.find((known) => known.kind === plan.kind);
  if (kind === undefined) throw new TypeError(`a plan of an unknown kind of probe: ${plan.kind}`);
  return kind;
}

/** Compiles one target as far as it could be read; undefined where something of it is wrong, and `issues` says what. */
export function compileTarget(
  read: ReadTarget,
  path: Path,
  context: TargetContext,
  issues: Issue[],
): Target | undefined {
  const { kinds, defaults, rawDefaultProbes, rawTarget, local } = context;
  const access = compileAccess(read, rawTarget, path, local, issues);
  const address = checkedAddress(read.address, [...path, "address"], issues);
  const plans = kinds.flatMap((kind) => {
    const layers = [
      {
        path: ["defaults", "probes", kind.kind],
        section: defaults.probes?.[kind.kind],
        raw: ownValue(rawDefaultProbes, kind.kind),
      },
      {
        path: [...path, "probes", kind.kind],
        section: read.probes?.[kind.kind],
        raw: ownValue(ownValue(rawTarget, "probes"), kind.kind),
      },
    ];
    const plan = planProbe(
      kind,
      defaults,
      layers,
      { ...context, ofTarget: { path, section: { recheck: read.recheck } } },
      issues,
    );
    return plan === undefined ? [] : withOutside(plan, kind, layers, access, local, issues);
  });
  checkBudgets(read, path, context, plans, issues);

  const { name, transport_auth: transportAuth } = read;
  if (name === undefined || access === undefined) return undefined;
  return {
    name,
    ...access,
    protocol: read.protocol ?? defaults.protocol ?? DEFAULTS.protocol,
    ...(transportAuth?.header === undefined
      ? {}
      : { transportAuth: tokenHeader(transportAuth.header, transportAuth.scheme) }),
    ...(address === undefined ? {} : { address }),
    ...(read.public === true ? { public: true as const } : {}),
    budgets: {
      writeBytesPerDay: read.write_budget_per_day ?? defaults.write_budget_per_day ?? DEFAULTS.writeBudgetBytes,
      tokensPerDay: read.token_budget_per_day ?? defaults.token_budget_per_day ?? DEFAULTS.tokenBudget,
    },
    labels: Object.fromEntries(
      Object.entries(read.labels ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    probes: plans,
  };
}

/** Header names are compared without case, so they are kept in lower case. */
const tokenHeader = (header: string, scheme: string | undefined): TokenHeader => ({
  header: header.toLowerCase(),
  ...(scheme === undefined ? {} : { scheme }),
});
