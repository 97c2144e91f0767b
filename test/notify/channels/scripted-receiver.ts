/** How a receiver behaves towards one request. */
export interface Behaviour {
  /** `before`: fails without having taken the body; `after`: fails having taken all of it. */
  readonly fails?: "before" | "after";
  /** Like `fails`, but says nothing for ever. */
  readonly hangs?: "before" | "after";
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** `right`: what the channel waits for. */
  readonly text?: "right" | string;
  /** What the answer's body does after its text. */
  readonly after?: "end" | "break" | "hang" | "endless";
}

/** A request as it arrived. */
export interface Received {
  url: string;
  redirect: string | undefined;
  headers: Headers;
  text: string;
}

/** A `fetch` that leads to receivers of the given behaviours, one for each request; the last one stays. */
export function scriptedReceiver(behaviours: readonly Behaviour[], right: { status: number; text: string }) {
  const received: Received[] = [];
  /** Ends the time of a delivery; called as soon as something hangs. */
  const deadline = new AbortController();
  let open = 0;
  let asked = 0;

  const answerBody = (text: string, after: Behaviour["after"] = "end"): ReadableStream<Uint8Array> => {
    open++;
    let sent = false;
    const bytes = new TextEncoder().encode(text);
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (!sent || after === "endless") {
            sent = true;
            controller.enqueue(bytes.length === 0 ? new Uint8Array(1_024) : bytes.slice());
          } else if (after === "hang") {
            deadline.abort();
            return new Promise(() => undefined);
          } else {
            open--;
            if (after === "break") controller.error(new Error("Network connection lost."));
            else controller.close();
          }
          return undefined;
        },
        cancel: () => void open--,
      },
      { highWaterMark: 0 },
    );
  };

  const hang = (): Promise<never> => {
    deadline.abort();
    return new Promise(() => undefined);
  };

  const fetch = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const behaviour = behaviours[Math.min(asked++, behaviours.length - 1)] ?? {};
    if (behaviour.fails === "before") throw new TypeError("Network connection lost.");
    if (behaviour.hangs === "before") return hang();
    const text = await new Response(init.body ?? null).text();
    received.push({ url: String(input), redirect: init.redirect, headers: new Headers(init.headers), text });
    if (behaviour.fails === "after") throw new TypeError("Network connection lost.");
    if (behaviour.hangs === "after") return hang();
    const status = behaviour.status ?? right.status;
    const words = behaviour.text === undefined || behaviour.text === "right" ? right.text : behaviour.text;
    const empty = status === 204 || status === 304;
    return new Response(empty ? null : answerBody(words, behaviour.after), {
      status,
      headers: behaviour.headers ?? {},
    });
  };

  return {
    fetch: fetch as unknown as typeof globalThis.fetch,
    received,
    signal: deadline.signal,
    asked: () => asked,
    /** Answers whose bodies were neither read to the end nor cancelled. */
    openBodies: () => open,
  };
}
