/** An answer to give, and how its body comes. */
export interface Script {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Chunks of the body; without any, the response has no body. */
  readonly chunks?: readonly Uint8Array[];
  /** What follows the chunks: the end, an error, the same chunks for ever, or nothing until the request is aborted. */
  readonly after?: "end" | "error" | "repeat" | "hang";
  /** What a broken body throws. */
  readonly error?: Error;
}

/** A fetch that answers from a script and tells what became of the body. */
export interface ScriptedFetch {
  readonly fetch: typeof fetch;
  readonly requests: { url: string; init: RequestInit; body: Uint8Array }[];
  /** Bodies that were neither read to their end nor cancelled. */
  openBodies(): number;
  /** Bytes that were asked for. */
  bytesGiven(): number;
}

/** What a script is made from: the URL, headers and body of the request. */
export type ScriptedRequest = ScriptedFetch["requests"][number];

/**
 * Answers every request from the same script, from one script each, or from what is made of the request. An Error in
 * place of a script is thrown.
 */
export function scriptedFetch(
  script: Script | readonly (Script | Error)[] | ((request: ScriptedRequest) => Script | Error),
): ScriptedFetch {
  const requests: ScriptedFetch["requests"] = [];
  let open = 0;
  let given = 0;

  const bodyOf = (answer: Script, signal: AbortSignal | null | undefined): ReadableStream<Uint8Array> => {
    const chunks = answer.chunks ?? [];
    let next = 0;
    let done = false;
    open += 1;
    const settle = (): void => {
      if (!done) open -= 1;
      done = true;
    };
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const chunk = answer.after === "repeat" ? chunks[next % chunks.length] : chunks[next];
          next += 1;
          if (chunk !== undefined) {
            given += chunk.byteLength;
            controller.enqueue(chunk.slice());
            return;
          }
          if (answer.after === "hang") {
            await new Promise((_, reject) => {
              const abort = (): void => {
                settle();
                reject(signal?.reason);
              };
              if (signal?.aborted) abort();
              else signal?.addEventListener("abort", abort, { once: true });
            });
          }
          settle();
          if (answer.after === "error") controller.error(answer.error ?? new Error("Network connection lost."));
          else controller.close();
        },
        cancel: settle,
      },
      { highWaterMark: 0 },
    );
  };

  const scriptFor = (request: ScriptedRequest, nth: number): Script | Error | undefined => {
    if (typeof script === "function") return script(request);
    return Array.isArray(script) ? (script as readonly (Script | Error)[])[nth] : (script as Script);
  };

  const answer = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const body = new Uint8Array(await new Response(init.body as BodyInit).arrayBuffer());
    const request = { url: String(input), init, body };
    const current = scriptFor(request, requests.length);
    requests.push(request);
    init.signal?.throwIfAborted();
    if (current === undefined) throw new Error("the script is over");
    if (current instanceof Error) throw current;
    const { status = 200, headers = {} } = current;
    return new Response(current.chunks === undefined ? null : bodyOf(current, init.signal), { status, headers });
  };
  return { fetch: answer as typeof fetch, requests, openBodies: () => open, bytesGiven: () => given };
}

const utf8 = new TextEncoder();

/** Text as one chunk of a body. */
export function text(words: string): Uint8Array {
  return utf8.encode(words);
}

/** One frame, as Connect streams and gRPC-Web have it. */
export function frame(flags: number, data: Uint8Array | string): Uint8Array {
  const bytes = typeof data === "string" ? text(data) : data;
  const whole = new Uint8Array(5 + bytes.byteLength);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, bytes.byteLength);
  whole.set(bytes, 5);
  return whole;
}

/** Several pieces of a body in one. */
export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
