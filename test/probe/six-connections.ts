/** A connection beyond what the platform allows was opened. */
export class TooManyConnections extends Error {
  override name = "TooManyConnections";
}

/**
 * The platform's law, which local workerd does not enforce: an object has at most six connections at once. One is open from
 * the request until its body has been read to the end or cancelled, or the request has failed. The seventh fails.
 */
export class SixConnections {
  readonly #send: typeof fetch;
  open = 0;
  peak = 0;
  refused = 0;

  constructor(send: typeof fetch = (input, init) => fetch(input, init)) {
    this.#send = send;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    if (this.open === 6) {
      this.refused += 1;
      throw new TooManyConnections("The seventh connection.");
    }
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.open -= 1;
      isOpen = false;
    };
    try {
      const response = await this.#send(input, init);
      if (response.body === null) {
        close();
        return response;
      }
      return new Response(counted(response.body, close), response);
    } catch (error) {
      close();
      throw error;
    }
  };
}

/** The same body; `close` is called at its end, whatever that is. A body that is only read in part stays open. */
function counted(body: ReadableStream<Uint8Array>, close: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          close();
          controller.close();
        } catch (error) {
          close();
          controller.error(error);
        }
      },
      async cancel(reason) {
        // The platform needs a while to close a connection.
        await reader.cancel(reason).catch(() => {});
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        close();
      },
    },
    { highWaterMark: 0 },
  );
}
