/** A task that waits. */
export interface Waiting {
  /** No thread ever takes it. */
  readonly stuck: boolean;
}

/** A bounded queue, and before it those who wait for a place in it. */
export class WaitingLine<T extends Waiting> {
  readonly #capacity: number;
  #queue: T[] = [];
  #outside: T[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Tasks in the queue; those outside are not counted. */
  get length(): number {
    return this.#queue.length;
  }

  /** Where a task comes to wait: outside where the queue is full. */
  add(task: T): "queued" | "outside" {
    if (this.#queue.length >= this.#capacity) {
      this.#outside.push(task);
      return "outside";
    }
    this.#queue.push(task);
    return "queued";
  }

  /** Takes a task out again; says where it was, or undefined where it no longer waited. */
  remove(task: T): "queued" | "outside" | undefined {
    const where = this.#queue.includes(task) ? "queued" : this.#outside.includes(task) ? "outside" : undefined;
    this.#queue = this.#queue.filter((other) => other !== task);
    this.#outside = this.#outside.filter((other) => other !== task);
    while (this.#queue.length < this.#capacity) {
      const next = this.#outside.shift();
      if (next === undefined) break;
      this.#queue.push(next);
    }
    return where;
  }

  /** The first task that a thread may take. */
  first(): T | undefined {
    return [...this.#queue, ...this.#outside].find(({ stuck }) => !stuck);
  }

  /** Everything that waits; nothing does any more. */
  drain(): T[] {
    return [...this.#queue.splice(0), ...this.#outside.splice(0)];
  }
}
