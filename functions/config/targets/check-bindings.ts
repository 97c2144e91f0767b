import { ownValue } from "../../lib/own-value.ts";
import type { Config } from "../../model/config.ts";
import { accessesOf, bindingsOf } from "../../model/origin-access.ts";
import { isDue } from "../../model/probing/period.ts";
import { laneOf, shardOf } from "../../model/probing/placement.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { Issue, Path } from "../issue.ts";
import { suggestion } from "../suggest.ts";

/** Sections of wrangler.toml whose bindings make requests, with the lines that add one. */
export const FETCHER_SECTIONS = {
  vpc_services: ['service_id = "..."   # npx wrangler vpc service list', "one host and port of a private network"],
  vpc_networks: ['tunnel_id = "..."    # npx wrangler tunnel list', "everything behind a tunnel"],
  mtls_certificates: [
    'certificate_id = "..."   # npx wrangler mtls-certificate list',
    "a public server that wants a client certificate",
  ],
  services: ['service = "..."   # the name of the other Worker', "another Worker, which passes calls on"],
} as const;

export type FetcherSection = keyof typeof FETCHER_SECTIONS;

/** The bindings that a deployment has, as wrangler.toml names them. */
export interface Bindings {
  /** By name. */
  fetchers: ReadonlyMap<string, FetcherSection>;
  /** Bindings that make no requests: their section by name. */
  others: ReadonlyMap<string, string>;
  /** The named environment; undefined: the top level. */
  environment: string | undefined;
}

const isAt = (document: unknown, path: Path): boolean => path.reduce<unknown>(ownValue, document) !== undefined;

/** What is wrong where targets name bindings that there are not. `document` says where they are named. */
export function checkBindings(targets: readonly Target[], document: unknown, bindings: Bindings): Issue[] {
  return targets.flatMap((target, index) =>
    bindingsOf(target).flatMap((name) => {
      if (bindings.fetchers.has(name)) return [];
      return [{ path: placeOf(target, index, name, document), message: missing(name, bindings) }];
    }),
  );
}

/** The key that names a binding. */
function placeOf(target: Target, index: number, name: string, document: unknown): Path {
  const own: Path = ["targets", index];
  if (target.via === name) return [...own, "via"];
  if (target.transportVia === name) return [...own, "transport_via"];
  const kind = target.probes.find(({ outside }) => outside?.via === name)?.kind ?? "";
  const here: Path = [...own, "probes", kind, "via"];
  return isAt(document, here) ? here : ["defaults", "probes", kind, "via"];
}

function missing(name: string, { fetchers, others, environment }: Bindings): string {
  const where = environment === undefined ? "wrangler.toml" : `[env.${environment}] of wrangler.toml`;
  const prefix = environment === undefined ? "" : `env.${environment}.`;
  const other = others.get(name);
  if (other !== undefined)
    return `${JSON.stringify(name)} is a binding of ${other} in ${where}, which makes no requests; give it another name`;
  const typo = fetchers.size === 0 ? "" : suggestion(name, [...fetchers.keys()]);
  const end = /[?.]$/.test(typo) ? typo : `${typo}.`;
  const choices = Object.entries(FETCHER_SECTIONS).map(
    ([section, [line, what]]) =>
      `\n\n  # ${what}\n  [[${prefix}${section}]]\n  binding = ${JSON.stringify(name)}\n  ${line}`,
  );
  return `${JSON.stringify(name)} is not a binding in ${where}${end} Add one of these there (docs/reaching.md says which):${choices.join("")}\n`;
}

/** Other Workers that one invocation may call (Cloudflare's page on service bindings), less the one that it is. */
const MOST_SERVICE_CALLS = 31;
/** Slots that are looked at. */
const MOST_SLOTS = 60;

/** What works in a way that its owner may not expect. */
export function bindingWarnings(config: Config, kinds: readonly ProbeKind[], bindings: Bindings): Issue[] {
  const sectionOf = (name: string | undefined) => (name === undefined ? undefined : bindings.fetchers.get(name));
  const ofTargets = config.targets.flatMap((target, index) => targetWarnings(target, index, sectionOf));
  const most = mostServiceCalls(config, kinds, (name) => sectionOf(name) === "services");
  if (most <= MOST_SERVICE_CALLS) return ofTargets;
  const message = `one invocation makes up to ${most} calls through service bindings, and the platform allows ${MOST_SERVICE_CALLS}: use \`vpc_networks\` or \`vpc_services\`, or more \`shards\``;
  return [...ofTargets, { path: ["targets"], message }];
}

function targetWarnings(
  target: Target,
  index: number,
  sectionOf: (name: string | undefined) => FetcherSection | undefined,
): Issue[] {
  const path: Path = ["targets", index];
  const warnings: Issue[] = [];
  const accesses = accessesOf(target);
  for (const name of bindingsOf(target)) {
    const urls = accesses.filter(({ via }) => via === name).map(({ url }) => new URL(url));
    const hosts = [...new Set(urls.map(({ host }) => host))];
    if (sectionOf(name) === "vpc_services" && hosts.length > 1)
      warnings.push({
        path,
        message: `${name} is a VPC service, which leads to one host and port whatever the URL says, and ${hosts.join(" and ")} go through it; use a service for each (\`transport_via\`, \`probes.scrape.via\`), or \`vpc_networks\``,
      });
    if (sectionOf(name) === "mtls_certificates" && urls.some(({ protocol }) => protocol === "http:"))
      warnings.push({ path, message: `${name} is a client certificate, which is only shown over https; use https` });
  }
  if (target.protocol === "grpc" && target.via !== undefined)
    warnings.push({
      path,
      message: `Cloudflare does not document that gRPC-Web becomes native gRPC on its way through a binding such as ${target.via}; a front that speaks gRPC-Web (\`protocol: grpc-web\`) is sure to work`,
    });
  return warnings;
}

/** Most calls through certain bindings that one invocation makes in a slot. */
function mostServiceCalls(config: Config, kinds: readonly ProbeKind[], counts: (name: string) => boolean): number {
  const targets = config.targets.filter((target) => bindingsOf(target).some(counts));
  const lanes = config.vantages[0] === LOCAL_VANTAGE ? 1 : config.lanes;
  const lanesOf = ({ name }: Target) => shardOf(name, config.shards) * lanes + laneOf(name, lanes);
  const calls = ({ kind, options }: ProbePlan): number =>
    kinds.find((known) => known.kind === kind)?.calls(options) ?? 0;
  let most = 0;
  for (const group of Map.groupBy(targets, lanesOf).values())
    for (let slot = 0; slot < MOST_SLOTS; slot++) {
      const due = group.flatMap((target) =>
        target.probes.filter((plan) =>
          isDue({ target: target.name, plan, gridMs: config.gridMs }, slot * config.gridMs),
        ),
      );
      most = Math.max(
        most,
        due.map(calls).reduce((a, b) => a + b, 0),
      );
    }
  return most;
}
