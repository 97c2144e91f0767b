import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Call, MethodName, Shape } from "../call.ts";
import type { Decisions } from "../decisions.ts";

/** A parameter of a fault. The kind of its default is the kind of its value. */
export type Param =
  | { readonly doc: string; readonly default: number; readonly min?: number; readonly max?: number }
  | { readonly doc: string; readonly default: string; readonly oneOf?: readonly string[] };

/** The values of a fault's parameters. */
export type Values<S extends Record<string, Param>> = {
  readonly [K in keyof S]: S[K]["default"] extends number ? number : string;
};

/** One way to misbehave: data that says what and where, and the behaviour itself. */
export interface FaultOf<S extends Record<string, Param>> {
  /** Kebab-case, unique. */
  readonly name: string;
  /** One sentence: what a client sees. */
  readonly doc: string;
  /** The methods it can act on; absent means all. */
  readonly methods?: readonly MethodName[];
  /** The shapes of answer it can act on; absent means all. */
  readonly shapes?: readonly Shape[];
  /** The only HTTP version it can act on; absent means both. */
  readonly http?: 1 | 2;
  readonly params?: S;
  /** Runs before anything is answered. */
  before?(call: Call, params: Values<S>): Promise<void> | void;
  /** Answers in place of the service, after the whole request was read; nothing when it wrote to the socket itself. */
  answer?(call: Call, params: Values<S>): Promise<UniversalServerResponse | undefined> | UniversalServerResponse;
  /** Changes the answer of the service on its way out. */
  rewrite?(answer: UniversalServerResponse, call: Call, params: Values<S>): UniversalServerResponse;
  /** Bends decisions of the services. */
  readonly decide?: { readonly [K in keyof Decisions]?: Bend<Decisions[K], S> };
}

/** A decision in, the decision a faulty server takes out. */
export type Bend<T, S extends Record<string, Param>> = {
  bend(value: T, params: Values<S>, call: Call): T;
}["bend"];

/** A fault whose parameters are no longer known to the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where the parameters' types are forgotten on purpose
export type Fault = FaultOf<any>;

/** A fault at work on one call. */
export interface Applied {
  readonly fault: Fault;
  readonly params: Record<string, string | number>;
}

/** Lets the compiler read the parameters' types off their defaults. */
export function defineFault<const S extends Record<string, Param>>(fault: FaultOf<S>): Fault {
  return fault;
}
