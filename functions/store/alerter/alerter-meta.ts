import type { MetaForm } from "../meta-form.ts";
import { count, list, maybe, object, oneOf, type Shape, text } from "../shape.ts";

/** A configuration that is or was in force. */
export interface Generation {
  number: number;
  /** Hash of the configuration. */
  config: string;
  shards: number;
  /** A Monitor announced it while the Alerter ran with another one: no alert has been assigned to its shards yet. */
  unassigned?: true;
}

/** What the Alerter stores beside its numbers and tables: all of it. */
export interface AlerterMeta {
  /** The configuration in force; absent before the first. */
  generation?: Generation;
  /** Hashes of configurations that were in force before, newest first. */
  superseded?: readonly string[];
}

/** A generation is numbered from 1, and has a shard at least: with none, every report would be of an unknown shard. */
const positive: Shape<number> = (value): value is number => count(value) && value > 0;

const generation: Shape<Generation> = object({
  number: positive,
  config: text,
  shards: positive,
  unassigned: maybe(oneOf(true)),
});

const FIELDS = { generation: maybe(generation), superseded: maybe(list(text)) };

/** How the Alerter's meta is stored. */
export const ALERTER_META: MetaForm<AlerterMeta> = { empty: {}, fields: FIELDS, isWhole: object(FIELDS) };
