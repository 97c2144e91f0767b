/** Most bytes of a body as it is sent, and once unpacked: a full export of the SDKs' default batch is below 200 KB. */
export const MOST_SENT_BYTES = 2 ** 20;
export const MOST_BODY_BYTES = 4 * 2 ** 20;

/** Why a body was not read. */
export type BodyProblem = "encoding" | "oversize" | "malformed";

/** Reads a request's body under both limits. What is not read is cancelled, so a bomb is never unpacked to its end. */
export async function readBody(
  request: Request,
): Promise<{ ok: true; bytes: Uint8Array } | { ok: false; problem: BodyProblem }> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "gzip" && encoding !== "identity" && encoding !== "") return refuse(request, "encoding");
  if (Number(request.headers.get("content-length") ?? 0) > MOST_SENT_BYTES) return refuse(request, "oversize");
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  let oversize = false;
  const capped = request.body.pipeThrough(cap(MOST_SENT_BYTES, () => (oversize = true)));
  const plain =
    encoding === "gzip"
      ? capped.pipeThrough(new DecompressionStream("gzip")).pipeThrough(cap(MOST_BODY_BYTES, () => (oversize = true)))
      : capped;
  try {
    return { ok: true, bytes: await gather(plain) };
  } catch {
    return { ok: false, problem: oversize ? "oversize" : "malformed" };
  }
}

async function refuse(request: Request, problem: BodyProblem): Promise<{ ok: false; problem: BodyProblem }> {
  await request.body?.cancel().catch(() => {});
  return { ok: false, problem };
}

/** Passes bytes on until there are too many. */
function cap(mostBytes: number, onExceeded: () => void): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > mostBytes) {
        onExceeded();
        throw new RangeError(`Cannot take more than ${mostBytes} bytes.`);
      }
      controller.enqueue(chunk);
    },
  });
}

async function gather(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
