import { anything, record, type Shape } from "./shape.ts";

/** All there is to know of the small values that a head stores beside the numbers. */
export interface MetaForm<Meta> {
  /** What stands for them before the first commit, and where they cannot be read. */
  empty: Meta;
  /** The shape of each. */
  fields: Readonly<Record<string, (value: unknown) => boolean>>;
  /** Made of `fields`. */
  isWhole: Shape<Meta>;
}

const isRecord = record(anything);

/**
 * Reads stored values. One that is optional and has another form begins anew by itself; without one that is not, none
 * of them can be relied on. Names that the form does not know are left out. `damaged` says what begins anew.
 */
export function readMeta<Meta>(form: MetaForm<Meta>, stored: unknown): { meta: Meta; damaged: string[] } {
  if (!isRecord(stored)) return { meta: form.empty, damaged: ["meta: damaged"] };
  const known: Record<string, unknown> = {};
  const damaged: string[] = [];
  for (const [name, hasShape] of Object.entries(form.fields)) {
    const value = stored[name];
    if (value === undefined) continue;
    if (hasShape(value)) known[name] = value;
    else damaged.push(`meta ${name}: damaged`);
  }
  return form.isWhole(known) ? { meta: known, damaged } : { meta: form.empty, damaged: ["meta: damaged"] };
}
