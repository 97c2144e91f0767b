import type { Context } from "hono";

const MAX_BYTES = 65_536;

/** The fields of a posted form, or the status and the words to refuse it with. */
export type ReadForm = { ok: true; fields: URLSearchParams } | { ok: false; status: 413 | 415; error: string };

/** Reads what a browser posts from a form of ours, and never more of it than a form can hold. */
export async function readForm(c: Context): Promise<ReadForm> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded")
    return {
      ok: false,
      status: 415,
      error: "Unsupported content type. Send a form: application/x-www-form-urlencoded.",
    };
  let bytes = 0;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_BYTES)
      return { ok: false, status: 413, error: `The form is larger than ${MAX_BYTES} bytes. Shorten the texts.` };
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return { ok: true, fields: new URLSearchParams(text + decoder.decode()) };
}
