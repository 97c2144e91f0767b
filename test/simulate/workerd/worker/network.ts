const realFetch = globalThis.fetch;

/** Leads requests to the real servers behind the configuration's names, and knows which are not answered yet. */
export class Network {
  /** Real servers by the origin that the configuration names. */
  origins: Readonly<Record<string, string>> = {};
  readonly #open = new Set<{ origin: string }>();
  /** Told of every request and answer. */
  readonly #moved: () => void;

  constructor(moved: () => void) {
    this.#moved = moved;
  }

  install(): void {
    globalThis.fetch = async (input, init) => {
      const { origin, pathname, search } = new URL(input instanceof Request ? input.url : String(input));
      const base = this.origins[origin];
      if (base === undefined) throw new Error(`${origin} is not of this world.`);
      const request = { origin };
      this.#open.add(request);
      this.#moved();
      try {
        // A base with a path of its own is the whole address.
        const url = new URL(base).pathname === "/" ? `${base}${pathname}${search}` : base;
        return this.#untilRead(await realFetch(url, init), request);
      } catch (error) {
        this.#close(request);
        throw error;
      }
    };
  }

  /** An answer whose request is open until its body has been read, or dropped. */
  #untilRead(answer: Response, request: { origin: string }): Response {
    if (answer.body === null) {
      this.#close(request);
      return answer;
    }
    const { readable, writable } = new IdentityTransformStream();
    const close = (): void => this.#close(request);
    answer.body.pipeTo(writable).then(close, close);
    return new Response(readable, answer);
  }

  #close(request: { origin: string }): void {
    this.#open.delete(request);
    this.#moved();
  }

  /** Some request waits for an answer, and none waits for anybody but these. */
  waitsOnlyFor(origins: readonly string[]): boolean {
    return this.#open.size > 0 && [...this.#open].every(({ origin }) => origins.includes(origin));
  }

  forget(): void {
    this.#open.clear();
  }
}
