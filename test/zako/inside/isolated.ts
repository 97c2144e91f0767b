import { type Context, createContext, Script } from "node:vm";
import type { Bent, ExceptionName, Exceptions, ThreadResults } from "./thread-orders.ts";

/** Nothing that is built in runs nearly so long. */
const RUN_LIMIT_MS = 1_000;

const now = process.hrtime.bigint;

/** A world of its own: no globals of Node, no code from text, nothing left of the one before. Only primitives go in. */
function newContext(primitives: Record<string, string | number> = {}): Context {
  const globals = Object.assign(Object.create(null) as Context, primitives);
  return createContext(globals, { codeGeneration: { strings: false, wasm: false } });
}

const runIn = (context: Context, source: string | Script): unknown =>
  (typeof source === "string" ? new Script(source) : source).runInContext(context, { timeout: RUN_LIMIT_MS });

/** Loads a module, which is a function in text, and calls it. */
export function runModule(source: string, input: number): ThreadResults["module"] {
  const startedAt = now();
  let loadedAt = startedAt;
  const exceptions = new Map<ExceptionName, number>();
  let value: unknown;
  try {
    const context = newContext({ input });
    runIn(context, `globalThis.module = (${source});`);
    loadedAt = now();
    value = runIn(context, "module(input)");
  } catch (error) {
    count(exceptions, error);
  }
  return {
    value: typeof value === "number" ? value : undefined,
    loadNanos: loadedAt - startedAt,
    executionNanos: now() - loadedAt,
    exceptions: Object.fromEntries(exceptions),
  };
}

/** Makes JSON a value of the engine, and has a module there write it as JSON again. */
export function convertContext(json: string, bent: Bent): ThreadResults["context"] {
  const exceptions = new Map<ExceptionName, number>();
  const context = newContext({ text: bent.fails === true ? json.slice(1) : json });
  const throwing = new Script("null.thrown");
  for (let thrown = 0; thrown < (bent.storm ?? 0); thrown++) attempt(context, throwing, exceptions);
  const reviver = bent.rounds === true ? ', (_, value) => typeof value === "number" ? Math.fround(value) : value' : "";
  const startedAt = now();
  attempt(context, `globalThis.executionContext = JSON.parse(text${reviver}); undefined;`, exceptions);
  const conversionNanos = now() - startedAt;
  const back = attempt(context, "JSON.stringify(globalThis.executionContext)", exceptions);
  return {
    json: typeof back === "string" ? back : undefined,
    conversionNanos,
    exceptions: Object.fromEntries(exceptions),
  };
}

function attempt(context: Context, source: string | Script, exceptions: Map<ExceptionName, number>): unknown {
  try {
    return runIn(context, source);
  } catch (error) {
    count(exceptions, error);
    return undefined;
  }
}

const NAMES: Readonly<Record<string, ExceptionName>> = {
  TypeError: "type_error",
  ReferenceError: "reference_error",
  SyntaxError: "syntax_error",
  RangeError: "range_error",
};

/** By name: an error of another world is an instance of none of our classes. */
function count(exceptions: Map<ExceptionName, number>, error: unknown): void {
  const { name, code } = (typeof error === "object" && error !== null ? error : {}) as { name?: string; code?: string };
  const kind = code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? "terminated" : (NAMES[name ?? ""] ?? "other");
  exceptions.set(kind, (exceptions.get(kind) ?? 0) + 1);
}

/** Sums up exceptions of several runs. */
export function addExceptions(one: Exceptions, other: Exceptions): Exceptions {
  const sum: Partial<Record<ExceptionName, number>> = { ...one };
  for (const [kind, count] of Object.entries(other) as [ExceptionName, number][]) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}
