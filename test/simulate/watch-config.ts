import { compileConfig } from "../../functions/config/compile.ts";
import { formatPath } from "../../functions/config/issue.ts";
import { printOverride } from "../../functions/config/override.ts";
import type { Config } from "../../functions/model/config.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";

/** Who is told in every scenario: `team` of everything, `oncall` of criticals by two channels, `manager` after a while. */
export const NOTIFY = {
  receivers: {
    team: [{ webhook: { url: "https://webhook.team.example/" } }],
    oncall: [
      { webhook: { url: "https://webhook.oncall.example/" } },
      { pagerduty: { routing_key: "KEY", events_url: "https://pagerduty.oncall.example/" } },
    ],
    manager: [{ webhook: { url: "https://webhook.manager.example/" } }],
  },
  route: {
    receiver: "team",
    routes: [
      { match: 'severity="critical"', receiver: "oncall", continue: true },
      { match: 'severity=~"critical|warning|info"', receiver: "team" },
    ],
  },
  severities: { critical: { repeat_interval: "4h", escalation: [{ after: "15m", receiver: "manager" }] } },
} as const;

/** The six kinds that a Zako of today answers, but for health. */
export const SIX = [
  "health",
  "cas.details",
  "cas.negotiate",
  "transport.download",
  "transport.upload",
  "transport.journey",
] as const;

/** Parts of `watch.yaml` that a scenario writes itself. */
export interface Written {
  /** Names, or how many. */
  targets: number | readonly string[];
  /** Only these kinds, each with the keys that are given; left out: as shipped. */
  probes?: readonly string[];
  keys?: Readonly<Record<string, object>>;
  vantages?: readonly string[];
  lanes?: number;
  shards?: number;
  defaults?: object;
  /** Whether all targets are at one front, or each at its own. */
  front?: "own" | "shared";
  targetKeys?: object;
}

/** The document that `watch.yaml` would hold. */
export function documentOf({
  targets,
  probes,
  keys = {},
  vantages,
  lanes,
  shards,
  defaults,
  front,
  targetKeys,
}: Written) {
  const names = typeof targets === "number" ? Array.from({ length: targets }, (_, i) => `zako-${i}`) : targets;
  const sections = Object.fromEntries(
    PROBE_KINDS.flatMap(({ kind }) => {
      if (probes !== undefined && !probes.includes(kind)) return [[kind, false]];
      const own = keys[kind];
      return own === undefined && probes === undefined ? [] : [[kind, own ?? true]];
    }),
  );
  return {
    installation: "simulated",
    external_url: "https://watch.example",
    ...(vantages === undefined ? {} : { vantages }),
    ...(lanes === undefined ? {} : { lanes }),
    ...(shards === undefined ? {} : { shards }),
    defaults: { ...defaults, probes: sections },
    targets: names.map((name) => ({
      name,
      cas: front === "shared" ? `https://front.example/${name}` : `https://${name}.example`,
      ...targetKeys,
    })),
    notify: NOTIFY,
  };
}

/** Compiles as the build does. */
export function compiled(document: unknown): Config {
  const result = compileConfig(document, PROBE_KINDS, { local: false });
  if (result.ok) return result.config;
  throw new Error(result.issues.map(({ path, message }) => `${formatPath(path)}: ${message}`).join("\n"));
}

export const configOf = (written: Written): Config => compiled(documentOf(written));

/** An override as `config push` writes it; null takes it back. */
export function overrideOf(deployed: Config, document: unknown, at: number): string {
  const base = { version: 1, base: deployed.hash, at } as const;
  if (document === null) return printOverride({ ...base, document });
  return printOverride({ ...base, document, hash: compiled(document).hash });
}
