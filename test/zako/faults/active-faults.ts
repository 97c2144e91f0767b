import type { ActiveFault, FaultParams, FaultScope } from "../../zako-control.ts";
import { type MethodName, methodNames, type Shape } from "../call.ts";
import { nearest } from "../nearest.ts";
import type { Applied, Fault } from "./fault.ts";
import { faults } from "./registry.ts";

/** A request for a fault that cannot be met; the message says what is wrong and what exists. */
export class FaultError extends Error {}

interface Switched {
  readonly fault: Fault;
  readonly params: FaultParams;
  readonly scope: { method?: string; probability?: number };
  timesLeft: number;
}

interface Known {
  readonly default: string | number;
  readonly oneOf?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

const scopeKeys = ["method", "times", "probability"];

/** The faults that are switched on. */
export class ActiveFaults {
  #on: Switched[] = [];
  #random = seeded(1);

  /**
   * Switches a fault on. `wanted` mixes the fault's own parameters with its scope (`method`, `times`, `probability`);
   * a fault that is on with the same method is replaced.
   */
  set(name: string, wanted: FaultParams & FaultScope = {}): ActiveFault {
    const fault = find(name);
    const { method, times, probability, ...given } = wanted;
    const scope: Switched["scope"] = {};
    if (method !== undefined) scope.method = readMethod(fault, method);
    if (probability !== undefined) {
      scope.probability = readNumber("probability", probability, { min: 0, max: 1 });
    }
    const timesLeft = times === undefined ? Number.POSITIVE_INFINITY : readNumber("times", times, { min: 1 });
    const one: Switched = { fault, params: readParams(fault, given), scope, timesLeft };
    this.#on = this.#on.filter((other) => other.fault !== fault || other.scope.method !== scope.method);
    this.#on.push(one);
    return describe(one);
  }

  /** Switches one fault off, or all; answers with the names that were on. */
  clear(name?: string): string[] {
    if (name !== undefined) find(name);
    const gone = this.#on.filter(({ fault }) => name === undefined || fault.name === name);
    this.#on = this.#on.filter((one) => !gone.includes(one));
    if (this.#on.length === 0) this.#random = seeded(1);
    return gone.map(({ fault }) => fault.name);
  }

  list(): ActiveFault[] {
    return this.#on.map(describe);
  }

  /** The faults that act on a call that has just arrived; each has one `times` less from now on. */
  take(method: MethodName, shape: Shape, http: 1 | 2): Applied[] {
    const taken = this.#on.filter(
      ({ fault, scope }) =>
        (fault.methods?.includes(method) ?? true) &&
        (fault.shapes?.includes(shape) ?? true) &&
        (fault.http ?? http) === http &&
        matches(scope.method, method) &&
        (scope.probability === undefined || this.#random() < scope.probability),
    );
    for (const one of taken) one.timesLeft--;
    this.#on = this.#on.filter(({ timesLeft }) => timesLeft > 0);
    return taken.map(({ fault, params }) => ({ fault, params }));
  }
}

function describe({ fault, params, scope, timesLeft }: Switched): ActiveFault {
  return { name: fault.name, params, ...scope, ...(Number.isFinite(timesLeft) && { times: timesLeft }) };
}

function find(name: string): Fault {
  const fault = faults.get(name);
  if (fault !== undefined) return fault;
  const names = [...faults.keys()];
  const guess = nearest(name, names);
  const hint = guess === undefined ? "" : ` Did you mean \`${guess}\`?`;
  throw new FaultError(`There is no fault \`${name}\`.${hint} Faults: ${names.join(", ")}.`);
}

function matches(wanted: string | undefined, method: MethodName): boolean {
  return wanted === undefined || wanted === method || wanted === method.split(".")[0];
}

function readMethod(fault: Fault, given: string): string {
  const possible: readonly string[] = fault.methods ?? methodNames;
  const names = [...new Set([...possible.map((name) => name.split(".")[0] as string), ...possible])];
  const name = names.find((one) => one.toLowerCase() === String(given).toLowerCase());
  if (name !== undefined) return name;
  throw new FaultError(`Fault \`${fault.name}\` cannot act on method \`${given}\`; it can on ${names.join(", ")}.`);
}

function readParams(fault: Fault, given: FaultParams): FaultParams {
  const known = (fault.params ?? {}) as Record<string, Known>;
  for (const key of Object.keys(given)) {
    if (key in known) continue;
    const names = [...Object.keys(known), ...scopeKeys];
    const guess = nearest(key, names);
    const hint = guess === undefined ? "" : ` Did you mean \`${guess}\`?`;
    throw new FaultError(`Fault \`${fault.name}\` has no parameter \`${key}\`.${hint} It has ${names.join(", ")}.`);
  }
  const read = Object.entries(known).map(([key, param]) => {
    const value = given[key];
    if (value === undefined) return [key, param.default] as const;
    if (typeof param.default === "number") return [key, readNumber(key, value, param)] as const;
    const text = String(value);
    if (param.oneOf !== undefined && !param.oneOf.includes(text)) {
      throw new FaultError(`\`${key}\` is \`${text}\`; it must be one of ${param.oneOf.join(", ")}.`);
    }
    return [key, text] as const;
  });
  return Object.fromEntries(read);
}

function readNumber(key: string, value: string | number, { min = 0, max }: { min?: number; max?: number }): number {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= min && (max === undefined || number <= max)) return number;
  const range = max === undefined ? `of ${min} or more` : `from ${min} to ${max}`;
  throw new FaultError(`\`${key}\` is \`${value}\`; it must be a number ${range}.`);
}

/** Mulberry32: with the same seed the same calls are hit, so that a failing test fails again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
