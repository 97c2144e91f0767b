import { nearest } from "../../config/suggest.ts";
import type { Family } from "../../model/metric.ts";
import { shardOf } from "../../model/probing/placement.ts";
import { UNEXPOSED } from "./render.ts";

/** Which part of the metrics is asked for. */
export interface Asked {
  /** Shards to ask, ascending, never empty. */
  shards: readonly number[];
  /** Whether the Alerter's own series are part of it: they go with those of shard 0. */
  alerter: boolean;
  /** Only these targets; absent: all, and the prober's own series. */
  targets?: readonly string[];
  /** Only these families, and all series of them; absent: what `metrics.detail` shows. */
  families?: readonly string[];
}

/** What there is to ask for. */
export interface Known {
  shards: number;
  families: readonly Family[];
}

export type ReadAsked = { ok: true; asked: Asked } | { ok: false; error: string };

const PARAMETERS = ["shard", "target", "family"] as const;

const refused = (error: string): ReadAsked => ({ ok: false, error });

/**
 * Reads the query of `/metrics`. Each parameter may be repeated: values of one are joined, different ones narrow each
 * other. Errors say what there is to ask for.
 */
export function readAsked(query: URLSearchParams, known: Known): ReadAsked {
  for (const name of query.keys())
    if (!(PARAMETERS as readonly string[]).includes(name))
      return refused(
        `Parameter ${quote(name)} does not exist. Choose from ${PARAMETERS.join(", ")}; each may be repeated.`,
      );
  const shards = new Set<number>();
  for (const text of query.getAll("shard")) {
    const shard = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
    if (!(shard < known.shards)) return refused(`Shard ${quote(text)} does not exist: ${existing(known.shards)}.`);
    shards.add(shard);
  }
  const targets = [...new Set(query.getAll("target"))];
  for (const target of targets) {
    const shard = shardOf(target, known.shards);
    if (shards.size > 0 && !shards.has(shard))
      return refused(
        `Target ${quote(target)} is not in that shard: it would be in shard ${shard}. Leave \`shard\` out.`,
      );
  }
  const families = readFamilies(query.getAll("family"), known.families);
  if (!families.ok) return families;
  const asked = targets.length > 0 ? new Set(targets.map((target) => shardOf(target, known.shards))) : shards;
  const all = Array.from({ length: known.shards }, (_, shard) => shard);
  return {
    ok: true,
    asked: {
      shards: asked.size === 0 ? all : all.filter((shard) => asked.has(shard)),
      alerter: targets.length === 0 && (shards.size === 0 || shards.has(0)),
      ...(targets.length === 0 ? {} : { targets }),
      ...(families.names === undefined ? {} : { families: families.names }),
    },
  };
}

type Families = { ok: true; names: readonly string[] | undefined } | { ok: false; error: string };

/** A family's name, that of one of its samples, or what names begin with, followed by `*`. */
function readFamilies(texts: readonly string[], families: readonly Family[]): Families {
  if (texts.length === 0) return { ok: true, names: undefined };
  const all = [...families.filter(({ name }) => !name.startsWith("~")), UNEXPOSED];
  const names = new Set<string>();
  for (const text of texts) {
    const found = all.filter((family) => isNamed(family, text));
    if (found.length === 0) {
      const near = nearest(text, [...all.map(({ name }) => name)]);
      const close = near === undefined ? "" : ` Did you mean ${near}?`;
      return {
        ok: false,
        error: `Family ${quote(text)} does not exist.${close} Give a whole name, or a beginning and "*", such as zako_v1_probe_*. docs/metrics.md lists all.`,
      };
    }
    for (const { name } of found) names.add(name);
  }
  return { ok: true, names: [...names].sort() };
}

function isNamed({ name, type }: Family, text: string): boolean {
  if (text.endsWith("*")) return name.startsWith(text.slice(0, -1));
  return text === name || (type === "histogram" && [`${name}_bucket`, `${name}_count`, `${name}_sum`].includes(text));
}

const existing = (shards: number): string =>
  shards === 1 ? "there is one, shard 0" : `there are ${shards}, from 0 to ${shards - 1}`;

/** The words of others, cut: they come back in the answer. */
const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
