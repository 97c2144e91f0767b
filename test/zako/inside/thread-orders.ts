/** What a thread of a pool can be told to do. */
export type ThreadOrder =
  | { readonly kind: "task" }
  | {
      readonly kind: "gc";
      readonly garbageBytes: number;
      /** How long the thread stands still besides, ms. */
      readonly delayMs: number;
      /** Whether the garbage stays reachable and nothing is collected. */
      readonly leaks: boolean;
    }
  | { readonly kind: "module"; readonly source: string; readonly input: number }
  | { readonly kind: "context"; readonly json: string; readonly bent: Bent };

/** How a conversion is made to go wrong; an honest one has no field. */
export interface Bent {
  /** The engine is handed text that is no JSON. */
  readonly fails?: boolean;
  /** Numbers become 32-bit floats. */
  readonly rounds?: boolean;
  /** So many exceptions are thrown besides. */
  readonly storm?: number;
}

/** Kinds of exceptions, by the names that the contract gives them. */
export type ExceptionName = "other" | "type_error" | "reference_error" | "syntax_error" | "range_error" | "terminated";

/** How often each kind of exception was thrown. */
export type Exceptions = Readonly<Partial<Record<ExceptionName, number>>>;

/** What comes of each kind of order. Times in ns. */
export interface ThreadResults {
  task: { readonly runNanos: bigint };
  gc: { readonly beforeBytes: number; readonly afterBytes: number; readonly durationNanos: bigint };
  module: {
    /** Undefined where it ended in an exception. */
    readonly value: number | undefined;
    readonly loadNanos: bigint;
    readonly executionNanos: bigint;
    readonly exceptions: Exceptions;
  };
  context: {
    /** The context as the engine saw it; undefined where it was not converted. */
    readonly json: string | undefined;
    readonly conversionNanos: bigint;
    readonly exceptions: Exceptions;
  };
}

export type ResultOf<O extends ThreadOrder> = ThreadResults[O["kind"]];

/** An order on its way to a thread. */
export interface Asked {
  readonly id: number;
  readonly order: ThreadOrder;
}

/** What a thread answers. */
export interface NotificationLogEntry {
  readonly id: number;
  /** When it began, by `process.hrtime.bigint()`, which all threads of a process share. */
  readonly startedAt: bigint;
  readonly result: ThreadResults[keyof ThreadResults];
}
