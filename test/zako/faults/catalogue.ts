import { methodNames, shapes } from "../call.ts";
import type { Param } from "./fault.ts";
import { faults } from "./registry.ts";

/** A fault as `GET /faults` and `npm run zako -- fault --list` show it. */
export interface FaultEntry {
  readonly name: string;
  readonly doc: string;
  readonly methods: readonly string[];
  /** Shapes of answer it acts on: `connect` is unary Connect, `connect-stream` the framed kind. */
  readonly protocols: readonly string[];
  readonly http: readonly string[];
  readonly params: Readonly<Record<string, Param>>;
}

/** Every fault there is. */
export function catalogue(): FaultEntry[] {
  return [...faults.values()].map(({ name, doc, methods, shapes: only, http, params }) => ({
    name,
    doc,
    methods: methods ?? methodNames,
    protocols: only ?? shapes,
    http: http === undefined ? ["1.1", "2"] : [http === 1 ? "1.1" : "2"],
    params: params ?? {},
  }));
}
