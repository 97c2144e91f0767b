import type { ChannelDeps } from "../channels/channel.ts";
import { postedBody } from "./posted-body.ts";

/** One POST of JSON. */
export interface Post {
  url: string;
  /** Beside `content-type` and `user-agent`. */
  headers?: Readonly<Record<string, string>>;
  body: string;
  /** Whether the answer's text says more than its status. */
  readAnswer: boolean;
}

/** What came of it. */
export type Answer =
  /** `text`: undefined where it was not wanted, was cut off, or is longer than any answer that means something. */
  | { kind: "answer"; status: number; text: string | undefined; retryAfter: string | null }
  /** `taken`: the other side may have the whole message. */
  | { kind: "none"; why: "connect" | "timeout"; taken: boolean }
  /** Nothing was sent. `problem`: a predicate about the address or the headers. */
  | { kind: "unsendable"; problem: string };

/** More than any receiver's documented answer has. */
const MOST_ANSWER_BYTES = 16_384;

/** Posts once, over https (or http in a local run), without following anything, and never throws. */
export async function post({ url, headers, body, readAnswer }: Post, deps: ChannelDeps): Promise<Answer> {
  const problem = addressProblem(url, deps.local);
  if (problem !== undefined) return { kind: "unsendable", problem };
  let sent: Headers;
  try {
    sent = new Headers({ ...headers, "content-type": "application/json", "user-agent": "zako-watch" });
  } catch {
    return { kind: "unsendable", problem: "needs a secret that is not a valid header value" };
  }
  if (deps.signal.aborted) return { kind: "none", why: "timeout", taken: false };
  const posted = postedBody(body);
  // Called as a method of `deps`, the platform's own would refuse to work.
  const { fetch } = deps;
  try {
    const init: RequestInit = { method: "POST", headers: sent, body: posted.body, redirect: "manual" };
    const response = await orAborted(fetch(url, { ...init, signal: deps.signal }), deps.signal);
    const retryAfter = response.headers.get("retry-after");
    const text = readAnswer ? await readCapped(response, deps.signal) : undefined;
    if (!readAnswer) cancel(response.body);
    return { kind: "answer", status: response.status, text, retryAfter };
  } catch {
    return { kind: "none", why: deps.signal.aborted ? "timeout" : "connect", taken: posted.taken() };
  } finally {
    posted.stop();
  }
}

function addressProblem(text: string, local: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return "is not a URL";
  if (url.protocol !== "https:" && !(local && url.protocol === "http:")) return "is not an https URL";
  if (url.username !== "" || url.password !== "") return "has credentials in it";
  return undefined;
}

/** The text of an answer, if all of it came and it is short. The rest of a long one is cancelled. */
async function readCapped(response: Response, signal: AbortSignal): Promise<string | undefined> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let sizeBytes = 0; sizeBytes <= MOST_ANSWER_BYTES; ) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return text + decoder.decode();
      sizeBytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // An answer that breaks off is told from a whole one by being undefined.
  }
  reader.cancel().catch(() => undefined);
  return undefined;
}

function cancel(body: ReadableStream | null): void {
  body?.cancel().catch(() => undefined);
}

/** A promise, or a rejection as soon as the signal aborts, for what does not listen to the signal itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new DOMException("deadline", "AbortError"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
