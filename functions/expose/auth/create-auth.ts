import { type OwnToken, tokenProblems } from "../../config/token-problems.ts";
import type { RefusedTokens } from "../../model/refused-tokens.ts";
import type { PushTarget } from "../../probe/kinds/push.ts";
import type { Guard } from "./bearer.ts";
import { TokenGate } from "./token-gate.ts";

/** What deciding who may come in needs. */
export interface AuthPorts {
  /** The secrets `METRICS_TOKEN`, `PROBE_TOKEN` and `ADMIN_TOKEN`; undefined where they are not set. */
  metricsToken(): string | undefined;
  probeToken(): string | undefined;
  adminToken(): string | undefined;
  push: { targets: readonly PushTarget[]; secret(binding: string): string | undefined };
  /** Takes the tokens that were refused; called at most every 10 s, may reject. */
  refusedTokens(refused: readonly RefusedTokens[]): Promise<void>;
  /** Epoch ms. */
  now(): number;
  report(error: unknown): void;
}

/** Who may come in. */
export interface Auth {
  gate: TokenGate;
  admin(): Guard;
  metrics(): Guard;
  probe(): Guard;
  /** Why a token must not be used, as the end of a sentence. */
  problemOf(binding: string): string | undefined;
}

/** Make it once per isolate. Secrets are looked at when the first of them is needed; they do not change after that. */
export function createAuth(ports: AuthPorts): Auth {
  let problems: ReadonlyMap<string, string> | undefined;
  const problemOf = (binding: string): string | undefined => {
    problems ??= tokenProblems(ownTokens(ports));
    return problems.get(binding);
  };
  const guard = (binding: string, secret: string | undefined): Guard => ({
    binding,
    secret,
    problem: problemOf(binding),
  });
  const report = (refused: readonly RefusedTokens[]): Promise<void> =>
    ports.refusedTokens(refused).catch((error: unknown) => ports.report(error));
  return {
    gate: new TokenGate({ now: () => ports.now(), report }),
    admin: () => guard("ADMIN_TOKEN", ports.adminToken()),
    metrics: () => guard("METRICS_TOKEN", ports.metricsToken()),
    probe: () => guard("PROBE_TOKEN", ports.probeToken()),
    problemOf,
  };
}

function ownTokens({ metricsToken, probeToken, adminToken, push }: AuthPorts): OwnToken[] {
  const bindings = new Set(push.targets.map(({ secret }) => secret));
  return [
    { binding: "METRICS_TOKEN", value: metricsToken() ?? "", opens: "metrics" },
    { binding: "PROBE_TOKEN", value: probeToken() ?? "", opens: "probe" },
    { binding: "ADMIN_TOKEN", value: adminToken() ?? "", opens: "admin" },
    ...[...bindings].map((binding): OwnToken => ({ binding, value: push.secret(binding) ?? "", opens: "push" })),
  ];
}
